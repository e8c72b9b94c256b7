package dev.mooring.runtime;

import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.systemd.WarmUp;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.framework.util.FelixConstants;
import org.apache.felix.main.AutoProcessor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;
import org.xml.sax.SAXException;

/**
 * Starts Felix with the properties of its own launcher, but with the shipped bundles from the class path ({@link ShippedBundles}), where they start in a
 * fraction of the time.
 */
public final class Main {

    private static final String JDK_PARSERS = "com.sun.org.apache.xerces.internal.jaxp.SAXParserFactoryImpl";
    private static final List<String> PROTOCOLS = List.of("http", "sftp", "ftp");
    private static final Pattern LOCATION = Pattern.compile("\"[^\"]*\"|\\S+");
    private static final String CONFIGURATION_ADMIN = "bundles/org.apache.felix.configadmin.jar";
    private static final int LAST_LEVEL = 3;
    private static final String OLD = ".old-";

    private static final AtomicReference<@Nullable Framework> FRAMEWORK = new AtomicReference<>();

    private Main() {}

    /**
     * Runs until the framework is stopped, by a signal or from inside.
     *
     * @param arguments none
     * @throws InterruptedException if this thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        try {
            run();
        } catch (BundleException | RuntimeException | LinkageError e) {
            // Other threads would keep the process alive, and systemd would wait for it to be ready.
            Throwable cause = e.getCause() == null ? e : e.getCause();
            System.err.println("The framework cannot start: " + cause.getMessage() + " Its cache is "
                    + System.getProperty("mooring.cache") + "; user " + System.getProperty("user.name")
                    + " must be able to write there");
            Runtime.getRuntime().halt(1);
        }
    }

    private static void run() throws BundleException, InterruptedException {
        // Felix would search every jar of the class path for extensions, and Java for an XML parser.
        System.setProperty(FelixConstants.FELIX_EXTENSIONS_DISABLE, "true");
        System.getProperties().putIfAbsent("javax.xml.parsers.SAXParserFactory", JDK_PARSERS);
        WarmUp.start(
                () -> Class.forName("org.apache.felix.framework.ExtensionManager"),
                TimeZone::getDefault,
                WarmUp.protocols(() -> NamedSockets.fromEnvironment().all(), Main::providers),
                Main::readXml);
        String packages = packages();
        ShippedBundles shipped = new ShippedBundles(System.getProperty("java.class.path"));
        Map<String, String> configuration = org.apache.felix.main.Main.loadConfigProperties();
        if (configuration == null) {
            System.err.println("felix.config.properties = '" + System.getProperty("felix.config.properties")
                    + "' cannot be read; start bin/mooring, which sets it");
            System.exit(2);
            return;
        }
        org.apache.felix.main.Main.copySystemProperties(configuration);
        if (configuration.putIfAbsent(Constants.FRAMEWORK_SYSTEMPACKAGES, "") == null) {
            configuration.merge(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, packages, (set, all) -> set + "," + all);
        }
        // A Configuration Admin in bundles/ has classes of its own, and cannot use ours.
        boolean own = Files.exists(Path.of(configuration.getOrDefault("mooring.home", ""), CONFIGURATION_ADMIN));
        configuration.putIfAbsent("felix.cm.pm", own ? "memory" : ConfigurationStore.NAME);
        Map<String, Integer> later = putOff(configuration);
        putAside(configuration);
        Framework framework = new FrameworkFactory().newFramework(configuration, shipped);
        FRAMEWORK.set(framework);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(framework), "stop"));
        framework.init();
        AutoProcessor.process(configuration, framework.getBundleContext());
        // Resolving all at once takes less time than one by one.
        framework.adapt(FrameworkWiring.class).resolveBundles(null);
        framework.start();
        // From here on the client that caused this start is served.
        later.forEach((location, level) -> add(framework, location, level));
        deletePutAside(configuration);
        int event;
        while ((event = framework.waitForStop(0).getType()) == FrameworkEvent.STOPPED_UPDATE) {
            framework.start();
        }
        System.exit(0);
    }

    /**
     * Removes the bundles from the configuration that no client waits for: those of the last start level, and protocols without a configuration.
     *
     * @return the start levels of the bundles to install later, by location
     */
    private static Map<String, Integer> putOff(Map<String, String> configuration) {
        Map<String, Integer> later = new LinkedHashMap<>();
        List<String> configured =
                List.of(System.getProperty("mooring.protocols", "").split("\\+"));
        for (int level = 1; level <= LAST_LEVEL; level++) {
            String key = AutoProcessor.AUTO_START_PROP + "." + level;
            StringJoiner now = new StringJoiner(" ");
            Matcher locations = LOCATION.matcher(configuration.getOrDefault(key, ""));
            while (locations.find()) {
                String bundle = locations.group();
                boolean unused = !configured.contains("")
                        && PROTOCOLS.stream()
                                .anyMatch(each -> bundle.endsWith("/dev.mooring." + each + ".jar\"")
                                        && !configured.contains(each));
                if (bundle.startsWith("\"") && (unused || level == LAST_LEVEL)) {
                    later.put(bundle.substring(1, bundle.length() - 1), level);
                } else {
                    now.add(bundle);
                }
            }
            configuration.put(key, now.toString());
        }
        return later;
    }

    /** Adds a bundle to a running framework, unless the framework is stopping. */
    private static void add(Framework framework, String location, int level) {
        try {
            if (framework.getState() == Bundle.ACTIVE) {
                Bundle bundle = framework.getBundleContext().installBundle(location);
                bundle.adapt(BundleStartLevel.class).setStartLevel(level);
                bundle.start();
            }
        } catch (BundleException | IllegalStateException e) {
            if (framework.getState() == Bundle.ACTIVE) {
                System.err.println(location + " is not there: " + e.getMessage());
            }
        }
    }

    /** Moves aside the storage of an earlier process. Felix would delete it file by file first, while a client waits. */
    private static void putAside(Map<String, String> configuration) {
        String storage = configuration.get(Constants.FRAMEWORK_STORAGE);
        if (storage != null
                && Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT.equals(
                        configuration.get(Constants.FRAMEWORK_STORAGE_CLEAN))) {
            // Then Felix deletes it.
            new File(storage).renameTo(new File(storage + OLD + System.nanoTime()));
        }
    }

    private static void deletePutAside(Map<String, String> configuration) {
        String storage = configuration.get(Constants.FRAMEWORK_STORAGE);
        File[] old = storage == null
                ? null
                : new File(storage)
                        .getAbsoluteFile()
                        .getParentFile()
                        .listFiles((directory, name) -> name.startsWith(new File(storage).getName() + OLD));
        for (File each : old == null ? new File[0] : old) {
            try (Stream<Path> all = Files.walk(each.toPath())) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException | UncheckedIOException e) {
                System.err.println(
                        "The storage of an earlier process in " + each + " cannot be deleted: " + e.getMessage());
            }
        }
    }

    /** The packages that the modules of the JDK export. Felix would make a property of each and then substitute all of them. */
    private static String packages() {
        StringBuilder packages = new StringBuilder();
        for (Module module : ModuleLayer.boot().modules()) {
            for (ModuleDescriptor.Exports each : module.getDescriptor().exports()) {
                if (!each.isQualified()) {
                    packages.append(packages.isEmpty() ? "" : ",").append(each.source());
                }
            }
        }
        return packages.toString();
    }

    /** The providers on the class path, for the warm-up. */
    private static List<ServerProvider> providers() throws ReflectiveOperationException {
        List<ServerProvider> providers = new ArrayList<>();
        for (String each : PROTOCOLS) {
            String provider = Character.toUpperCase(each.charAt(0)) + each.substring(1) + "Provider";
            providers.add((ServerProvider) Class.forName("dev.mooring." + each + ".internal." + provider)
                    .getConstructor()
                    .newInstance());
        }
        return providers;
    }

    /** Declarative Services reads its components from XML. */
    private static void readXml() throws ParserConfigurationException, SAXException {
        SAXParserFactory.newInstance().newSAXParser();
        URLConnection.guessContentTypeFromName("component.xml");
    }

    /** The framework of this process, {@code null} before it is made. */
    static @Nullable Framework framework() {
        return FRAMEWORK.get();
    }

    private static void stop(Framework framework) {
        try {
            framework.stop();
            framework.waitForStop(0);
        } catch (BundleException e) {
            System.err.println("Felix did not stop cleanly: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
