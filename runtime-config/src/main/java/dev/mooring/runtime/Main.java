package dev.mooring.runtime;

import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.startup.WarmUp;
import java.lang.module.ModuleDescriptor;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicReference;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.framework.util.FelixConstants;
import org.apache.felix.main.AutoProcessor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.FrameworkWiring;
import org.xml.sax.SAXException;

/**
 * Starts Felix. It reads the same properties as Felix's own launcher, but loads the shipped bundles from the class path ({@link ShippedBundles}), where they
 * start in a fraction of the time.
 */
public final class Main {

    private static final String JDK_PARSERS = "com.sun.org.apache.xerces.internal.jaxp.SAXParserFactoryImpl";
    static final List<String> PROTOCOLS = List.of("http", "sftp", "ftp");
    private static final String COMMON = "bundles/dev.mooring.common.jar";
    private static final String CONFIGURATION_ADMIN = "bundles/org.apache.felix.configadmin.jar";

    /** The messages of Felix's exceptions if it cannot use the directory of its cache. Their causes have the reason. */
    private static final Set<String> NO_CACHE = Set.of("Error creating bundle cache.", "Unable to flush bundle cache.");

    private static final AtomicReference<@Nullable Framework> FRAMEWORK = new AtomicReference<>();

    /** Whether the shutdown hook has begun to stop the framework. */
    private static volatile boolean stopping;

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
            if (stopping) {
                return; // the framework was stopped before it had started; the shutdown continues
            }
            // Without halt, other threads would keep the process alive, and systemd would wait for its readiness.
            System.err.println("The framework cannot start: " + reason(e));
            Runtime.getRuntime().halt(1);
        }
    }

    private static String reason(Throwable error) {
        Throwable cause = error.getCause();
        if (cause != null && NO_CACHE.contains(String.valueOf(error.getMessage()))) {
            return cause.getMessage() + " Its cache is " + System.getProperty("mooring.cache") + "; user "
                    + System.getProperty("user.name") + " must be able to write there";
        }
        return error + (cause == null ? "" : ": " + cause);
    }

    private static void run() throws BundleException, InterruptedException {
        // Otherwise Felix would search every jar of the class path for extensions, and the JDK for an XML parser.
        System.setProperty(FelixConstants.FELIX_EXTENSIONS_DISABLE, "true");
        System.getProperties().putIfAbsent("javax.xml.parsers.SAXParserFactory", JDK_PARSERS);
        WarmUp.start(
                () -> Class.forName("org.apache.felix.framework.ExtensionManager"),
                TimeZone::getDefault,
                Main::readXml,
                WarmUp.protocols(
                        () -> NamedSockets.fromEnvironment().all(),
                        Main::providers,
                        Path.of(System.getProperty("mooring.conf", ""))));
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
        // A Configuration Admin in bundles/ does not share the classes of ConfigurationStore, so it cannot use it.
        boolean own = Files.exists(Path.of(System.getProperty("mooring.home", ""), CONFIGURATION_ADMIN));
        configuration.putIfAbsent("felix.cm.pm", own ? "memory" : ConfigurationStore.NAME);
        useReplacedCommon(configuration);
        LaterBundles later = LaterBundles.of(configuration);
        OldStorage.moveAside(configuration);
        Framework framework = new FrameworkFactory().newFramework(configuration, shipped);
        FRAMEWORK.set(framework);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(framework), "stop"));
        framework.init();
        AutoProcessor.process(configuration, framework.getBundleContext());
        later.checkFirst(framework.getBundleContext());
        // Resolving all at once takes less time than one by one.
        framework.adapt(FrameworkWiring.class).resolveBundles(null);
        int event;
        do {
            framework.start();
            // Now the client that caused this start is served. This thread must wait at once: if the framework were
            // restarted first, Felix would report only that it has stopped.
            Thread rest = new Thread(
                    () -> {
                        later.install(framework);
                        OldStorage.delete(configuration);
                        openJars();
                    },
                    "later bundles");
            rest.setDaemon(true);
            rest.start();
            event = framework.waitForStop(0).getType();
            rest.join();
        } while (event == FrameworkEvent.STOPPED_UPDATE);
        System.exit(0);
    }

    /** Opens every jar of the class path, because an upgrade replaces the files while this process runs: an open file stays the old one. */
    private static void openJars() {
        ClassLoader.getSystemResource("a resource that no jar has");
    }

    /**
     * Installs dev.mooring.common as a bundle, if its jar is in bundles/. Otherwise the system bundle exports it, because to install a bundle takes 5
     * to 10 ms on JDK 17.
     */
    private static void useReplacedCommon(Map<String, String> configuration) {
        Path jar = Path.of(System.getProperty("mooring.home", ""), COMMON);
        if (Files.exists(jar)) {
            configuration.computeIfPresent(
                    Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                    (key, packages) -> packages.replaceFirst("dev\\.mooring\\.common;version=[0-9.]+,\\s*", ""));
            configuration.merge(
                    AutoProcessor.AUTO_START_PROP + ".2", "\"file:" + jar + "\"", (set, added) -> added + " " + set);
        }
    }

    /** The packages that the modules of the JDK export. Felix would make a property of each package and substitute variables in all of them. */
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
        stopping = true;
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
