package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.build.Container;
import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.resource.ResourceBuilder;
import biz.aQute.resolve.Bndrun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.felix.resolver.Logger;
import org.apache.felix.resolver.ResolverImpl;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.ResolveContext;

/**
 * The bundles of {@code mooring-osgi.zip} and {@code mooring-webconsole.zip} resolve in a stock Felix, services included, as Karaf and bnd resolve
 * before they install.
 */
class ResolveIT {

    /** The bundles of the zips by name. */
    private static final Map<String, Resource> BUNDLES = new TreeMap<>();

    /** The names in the last column of the tables in the READMEs. */
    private static final Map<String, Set<String>> NEEDS = new TreeMap<>();

    @TempDir
    private static Path cache;

    private static Framework felix;

    @BeforeAll
    static void read() throws Exception {
        felix = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(
                        Map.of(Constants.FRAMEWORK_STORAGE, cache.toString(), "felix.service.urlhandlers", "false"));
        felix.init();
        read(Distribution.home().resolveSibling("mooring-osgi.zip"));
        read(HowTo.WEB_CONSOLE);
    }

    private static void read(Path zipped) throws IOException {
        try (ZipFile zip = new ZipFile(zipped.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                try (InputStream in = zip.getInputStream(entry)) {
                    if (entry.getName().matches("bundle/.*\\.jar")) {
                        String name = entry.getName().replaceAll(".*/|\\.jar", "");
                        BUNDLES.put(name, resource(new JarInputStream(in).getManifest()));
                    } else if (entry.getName().matches("README-mooring.*\\.md")) {
                        new String(in.readAllBytes(), StandardCharsets.UTF_8)
                                .lines()
                                .forEach(ResolveIT::readRow);
                    }
                }
            }
        }
    }

    private static void readRow(String line) {
        List<String> names = Pattern.compile("`([a-z0-9.-]+)`")
                .matcher(line)
                .results()
                .map(match -> match.group(1))
                .toList();
        if (line.startsWith("| `")) {
            NEEDS.put(names.get(0), Set.copyOf(names.subList(1, names.size())));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        felix.stop();
        felix.waitForStop(0);
    }

    static Collection<String> bundles() {
        return BUNDLES.keySet();
    }

    @Test
    void theReadmesHaveEveryBundle() {
        assertEquals(BUNDLES.keySet(), NEEDS.keySet());
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void aBundleNeedsExactlyWhatTheReadmeSays(String name) throws ResolutionException {
        Set<String> needed = new TreeSet<>(Set.of(name));
        while (needed.addAll(
                needed.stream().flatMap(each -> NEEDS.get(each).stream()).toList())) {
            // what these need in turn
        }
        resolve(BUNDLES.get(name), needed);
        for (String each : needed) {
            Set<String> others = new TreeSet<>(needed);
            others.remove(each);
            if (!each.equals(name)) {
                assertThrows(
                        ResolutionException.class,
                        () -> resolve(BUNDLES.get(name), others),
                        () -> name + " does not need " + each);
            }
        }
    }

    @Test
    void aReferenceToEachServiceResolves() throws Exception {
        try (JarFile bundle = new JarFile(bundleWithReferences(cache).toFile())) {
            Manifest manifest = bundle.getManifest();
            String required = manifest.getMainAttributes().getValue(Constants.REQUIRE_CAPABILITY);
            assertEquals(6, required.split("osgi\\.service;", -1).length - 1, required);
            resolve(resource(manifest), BUNDLES.keySet());
        }
    }

    /** For bndtools, with nothing but the zip. */
    @Test
    void theBndrunOfTheZipResolvesAndItsBundlesServe(@TempDir Path directory) throws Exception {
        Path zip = Distribution.home().resolveSibling("mooring-osgi.zip");
        Tool.of("unzip", "unzip").run(directory, "-q", zip.toString());
        Path load = Files.createDirectory(directory.resolve("load"));
        Files.writeString(directory.resolve("greeting.txt"), "hello");
        Files.writeString(load.resolve("dev.mooring.share-default.cfg"), "root = " + directory.toUri());
        Files.writeString(load.resolve("dev.mooring.http-public.cfg"), "sockets.target = (socket.name=http)");
        Felix application = new Felix(directory).opened();
        try (Bndrun bndrun = Bndrun.createBndrun(
                null, directory.resolve("mooring/mooring.bndrun").toFile())) {
            Set<String> listed = bndrun.getMergedParameters(aQute.bnd.osgi.Constants.RUNBUNDLES)
                    .keySet();
            Set<String> resolved = new Parameters(bndrun.resolve(false, false)).keySet();
            assertTrue(bndrun.isOk(), () -> bndrun.getErrors() + " " + bndrun.getWarnings());
            assertEquals(new TreeSet<>(resolved), new TreeSet<>(listed));
            for (Container bundle : bndrun.getRunbundles()) {
                application.bundles(bundle.getFile().toPath());
            }
            bndrun.getRunProperties().forEach(application::property);
        }
        try (ActivatedProcess felix = ActivatedProcess.with("http=tcp4").start(application.command())) {
            assertEquals("hello", Curl.get("http://127.0.0.1:" + felix.port("http") + "/greeting.txt"));
        }
    }

    /** A bundle as bnd makes it for another vendor, whose component needs each service of Mooring. */
    static Path bundleWithReferences(Path directory) throws Exception {
        try (Builder builder = new Builder()) {
            builder.addClasspath(Jars.testClasses().toFile());
            for (String api : List.of("activation", "common", "share", "accounts", "protocol")) {
                builder.addClasspath(Jars.of("dev.mooring." + api).toFile());
            }
            builder.setBundleSymbolicName("references");
            builder.setPrivatePackage("dev.mooring.itests.reference");
            builder.setProperty("-noimportjava", "true");
            builder.setImportPackage("!org.jspecify.annotations,*");
            try (Jar jar = builder.build()) {
                assertTrue(builder.isOk(), () -> builder.getErrors() + " " + builder.getWarnings());
                Path file = directory.resolve("references.jar");
                jar.write(file.toFile());
                return file;
            }
        }
    }

    private static Resource resource(Manifest manifest) {
        ResourceBuilder builder = new ResourceBuilder();
        builder.addManifest(manifest);
        return builder.build();
    }

    private static void resolve(Resource bundle, Collection<String> others) throws ResolutionException {
        List<Resource> offered = others.stream().map(BUNDLES::get).collect(Collectors.toCollection(ArrayList::new));
        offered.add(0, felix.adapt(BundleRevision.class));
        if (!offered.contains(bundle)) {
            offered.add(bundle);
        }
        new ResolverImpl(new Logger(Logger.LOG_ERROR)).resolve(new Offer(bundle, offered));
    }

    /** Regards every requirement, not only those that a framework resolves. */
    private static final class Offer extends ResolveContext {

        private final Resource wanted;
        private final List<Resource> offered;

        Offer(Resource wanted, List<Resource> offered) {
            this.wanted = wanted;
            this.offered = offered;
        }

        @Override
        public Collection<Resource> getMandatoryResources() {
            return List.of(wanted);
        }

        @Override
        public List<Capability> findProviders(Requirement requirement) {
            String filter = requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE);
            return offered.stream()
                    .flatMap(each -> each.getCapabilities(requirement.getNamespace()).stream())
                    .filter(each -> filter == null || matches(filter, each))
                    .collect(Collectors.toCollection(ArrayList::new));
        }

        private static boolean matches(String filter, Capability capability) {
            try {
                return FrameworkUtil.createFilter(filter).matches(capability.getAttributes());
            } catch (InvalidSyntaxException e) {
                throw new IllegalArgumentException(filter, e);
            }
        }

        @Override
        public int insertHostedCapability(List<Capability> capabilities, HostedCapability hosted) {
            capabilities.add(0, hosted);
            return 0;
        }

        @Override
        public boolean isEffective(Requirement requirement) {
            return true;
        }

        @Override
        public Map<Resource, Wiring> getWirings() {
            return Map.of();
        }
    }
}
