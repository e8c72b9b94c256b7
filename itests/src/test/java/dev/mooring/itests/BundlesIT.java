package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.header.Attrs;
import aQute.bnd.header.OSGiHeader;
import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Jar;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each jar is a bundle and a module, and both descriptions agree. */
class BundlesIT {

    private static final Set<String> BELOW_THE_PROTOCOLS =
            Set.of("dev.mooring.activation", "dev.mooring.common", "dev.mooring.share", "dev.mooring.accounts");

    private static final Set<String> BELOW_A_PROTOCOL = Stream.concat(
                    BELOW_THE_PROTOCOLS.stream(), Stream.of("dev.mooring.protocol"))
            .collect(Collectors.toSet());

    /** Our bundles that each bundle may use: only those below it. No bundle may use a protocol. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("dev.mooring.activation", Set.of()),
            Map.entry("dev.mooring.common", Set.of()),
            Map.entry("dev.mooring.deploy", Set.of()),
            Map.entry("dev.mooring.share", Set.of("dev.mooring.common")),
            Map.entry("dev.mooring.accounts", Set.of("dev.mooring.common", "dev.mooring.share")),
            Map.entry("dev.mooring.protocol", BELOW_THE_PROTOCOLS),
            Map.entry("dev.mooring.http", BELOW_A_PROTOCOL),
            Map.entry("dev.mooring.sftp", BELOW_A_PROTOCOL),
            Map.entry("dev.mooring.ftp", BELOW_A_PROTOCOL),
            Map.entry("dev.mooring.felix.http", Set.of("dev.mooring.activation", "dev.mooring.common")),
            Map.entry("dev.mooring.systemd", BELOW_A_PROTOCOL));

    /** Every jar of {@code bundles/}, or only those on the class path if the others have not been built. */
    static Stream<Path> jars() throws IOException {
        List<Path> jars = new ArrayList<>();
        Path all = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("bundles");
        try (DirectoryStream<Path> bundles = Files.newDirectoryStream(all, Files::isDirectory)) {
            for (Path bundle : bundles) {
                Path target = bundle.resolve("target");
                if (Files.isDirectory(target)) {
                    try (DirectoryStream<Path> built = Files.newDirectoryStream(target, "dev.mooring.*.jar")) {
                        built.forEach(jars::add);
                    }
                }
            }
        }
        assertTrue(jars.contains(Jars.of("dev.mooring.activation").toAbsolutePath()), jars::toString);
        // The launcher of the module path is only a module.
        return jars.stream().filter(jar -> !jar.toString()
                .matches(".*-(sources|javadoc|tests)\\.jar|.*/dev\\.mooring\\.standalone-.*"));
    }

    private static Attributes manifest(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getManifest().getMainAttributes();
        }
    }

    private static ModuleDescriptor module(Path jar) {
        return ModuleFinder.of(jar).findAll().iterator().next().descriptor();
    }

    private static Parameters clauses(Path jar, String header) throws IOException {
        return OSGiHeader.parseHeader(manifest(jar).getValue(header));
    }

    @ParameterizedTest
    @MethodSource("jars")
    void aModuleExportsWhatTheBundleExports(Path jar) throws IOException {
        // What only Mooring's own modules may use is x-internal, for which OSGi has no rule but tools warn.
        Map<String, Boolean> internal = new TreeMap<>();
        module(jar).exports().forEach(exports -> internal.put(exports.source(), exports.isQualified()));
        Map<String, Boolean> bundle = new TreeMap<>();
        clauses(jar, "Export-Package")
                .forEach((name, clause) -> bundle.put(name, "true".equals(clause.get("x-internal:"))));
        assertEquals(bundle, internal);
    }

    /** Exported packages are left out: an API and its implementation may use each other. */
    @ParameterizedTest
    @MethodSource("jars")
    void noTwoPackagesUseEachOther(Path jar) throws Exception {
        Map<String, Set<String>> uses = new TreeMap<>();
        try (Analyzer analyzer = new Analyzer(new Jar(jar.toFile()))) {
            analyzer.analyze();
            analyzer.getClassspace().forEach((type, code) -> code.getReferred()
                    .forEach(used -> uses.computeIfAbsent(type.getPackageRef().getFQN(), first -> new TreeSet<>())
                            .add(used.getFQN())));
        }
        uses.keySet().removeIf(name -> !name.startsWith("dev.mooring."));
        uses.keySet().removeAll(clauses(jar, "Export-Package").keySet());
        uses.values().forEach(used -> used.retainAll(uses.keySet()));
        uses.forEach((name, used) -> used.remove(name));
        // Whatever uses no other package is removed, again and again. A cycle and what uses it remain.
        while (uses.values().removeIf(Set::isEmpty)) {
            uses.values().forEach(used -> used.retainAll(uses.keySet()));
        }
        assertEquals(Map.of(), uses, "packages in a cycle, or above one, and what they use");
    }

    @ParameterizedTest
    @MethodSource("jars")
    void aModuleIsNamedAsTheBundleIsAndIsNotOpen(Path jar) throws IOException {
        ModuleDescriptor module = module(jar);
        assertEquals(manifest(jar).getValue("Bundle-SymbolicName"), module.name());
        assertTrue(!module.isAutomatic() && !module.isOpen(), module::toNameAndVersion);
    }

    /** Two modules with the same package, even one without classes, cannot be on one module path. */
    @ParameterizedTest
    @MethodSource("jars")
    void aModuleHasNoPackagesButItsOwn(Path jar) {
        ModuleDescriptor module = module(jar);
        module.packages().forEach(each -> assertTrue((each + ".").startsWith(module.name() + "."), each));
    }

    @ParameterizedTest
    @MethodSource("jars")
    void everyExportedPackageHasAVersion(Path jar) throws IOException {
        for (Map.Entry<String, Attrs> clause : clauses(jar, "Export-Package").entrySet()) {
            assertTrue(clause.getValue().getVersion() != null, clause::getKey);
            assertTrue(!clause.getKey().contains(".internal"), clause::getKey);
        }
    }

    @ParameterizedTest
    @MethodSource("jars")
    void javaDescribesTheModule(Path jar) throws IOException, InterruptedException {
        String name = module(jar).name();
        Process java = new ProcessBuilder(
                        Jdk.RUNNING.java(), "-Xshare:auto", "--module-path", jar.toString(), "--describe-module", name)
                .redirectErrorStream(true)
                .start();
        String output;
        try (InputStream in = java.getInputStream()) {
            output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertEquals(0, java.waitFor(), output);
        assertTrue(output.startsWith(name + "@") || output.startsWith(name + " file:"), output);
    }

    @ParameterizedTest
    @MethodSource("jars")
    void aBundleUsesOnlyThoseBelowIt(Path jar) throws IOException {
        String name = manifest(jar).getValue("Bundle-SymbolicName");
        Set<String> exported = clauses(jar, "Export-Package").keySet();
        // A bundle's root package has its name; others are below it.
        Set<String> used = clauses(jar, "Import-Package").keySet().stream()
                .filter(each -> each.startsWith("dev.mooring.") && !exported.contains(each))
                .map(each -> each.replaceFirst("(dev\\.mooring\\.\\w+).*", "$1"))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> allowed = MAY_USE.get(name);
        assertTrue(allowed != null, () -> name + " is new: add it to MAY_USE and to the table in ARCHITECTURE.md");
        assertTrue(allowed.containsAll(used), () -> name + " uses " + used + " but may use only " + allowed);
        Set<String> required = module(jar).requires().stream()
                .map(ModuleDescriptor.Requires::name)
                .filter(each -> each.startsWith("dev.mooring."))
                .collect(Collectors.toSet());
        assertTrue(allowed.containsAll(required), () -> "the module " + name + " requires " + required);
        String table = Files.readString(
                Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("ARCHITECTURE.md"));
        assertTrue(table.contains("| `" + name + "` | "), () -> name + " has no line in the table of ARCHITECTURE.md");
    }

    @Test
    void activationNeedsNothingButTheFramework() throws IOException {
        Path jar = Jars.of("dev.mooring.activation");
        Collection<String> mandatory = new HashSet<>();
        clauses(jar, "Import-Package").forEach((name, attributes) -> {
            if (!"optional".equals(attributes.get("resolution:"))) {
                mandatory.add(name);
            }
        });
        assertTrue(
                mandatory.stream()
                        .allMatch(name -> name.equals("org.osgi.framework") || name.startsWith("org.osgi.framework.")),
                mandatory::toString);
        assertEquals(null, manifest(jar).getValue("Require-Bundle"));
        Parameters required = clauses(jar, "Require-Capability");
        assertEquals(Set.of("osgi.ee"), new HashSet<>(required.keySet()), required::toString);
    }
}
