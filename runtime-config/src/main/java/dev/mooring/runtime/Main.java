package dev.mooring.runtime;

import dev.mooring.systemd.WarmUp;
import java.lang.module.ModuleDescriptor;
import java.net.URLConnection;
import java.util.Map;
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
 * Starts Felix like its own launcher does, by the same properties, but with the shipped bundles from the class path
 * ({@link ShippedBundles}), where they start in a fraction of the time.
 */
public final class Main {

    private static final AtomicReference<@Nullable Framework> FRAMEWORK = new AtomicReference<>();

    private Main() {}

    /**
     * Runs until the framework is stopped, by a signal or from inside.
     *
     * @param arguments none
     * @throws BundleException if the framework does not start
     * @throws InterruptedException if this thread is interrupted
     */
    public static void main(String[] arguments) throws BundleException, InterruptedException {
        // Felix would look in every jar of the class path for who can extend that.
        System.setProperty(FelixConstants.FELIX_EXTENSIONS_DISABLE, "true");
        WarmUp.start(Main::warmUp);
        Map<String, String> configuration = org.apache.felix.main.Main.loadConfigProperties();
        if (configuration == null) {
            System.err.println("felix.config.properties = '" + System.getProperty("felix.config.properties")
                    + "' cannot be read; start bin/mooring, which sets it");
            System.exit(2);
            return;
        }
        org.apache.felix.main.Main.copySystemProperties(configuration);
        if (configuration.putIfAbsent(Constants.FRAMEWORK_SYSTEMPACKAGES, "") == null) {
            configuration.merge(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, packages(), (set, all) -> set + "," + all);
        }
        ShippedBundles shipped = new ShippedBundles(System.getProperty("java.class.path"));
        Framework framework = new FrameworkFactory().newFramework(configuration, shipped);
        FRAMEWORK.set(framework);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(framework), "stop"));
        framework.init();
        AutoProcessor.process(configuration, framework.getBundleContext());
        // All at once takes less than one by one.
        framework.adapt(FrameworkWiring.class).resolveBundles(null);
        int event;
        do {
            framework.start();
            event = framework.waitForStop(0).getType();
        } while (event == FrameworkEvent.STOPPED_UPDATE);
        System.exit(0);
    }

    /** What the modules of the JDK export. Left to itself, Felix makes a property of each and then substitutes all of them. */
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

    /** What Felix does in static initialisers, one after the other; Declarative Services reads its components from XML. */
    private static void warmUp() {
        try {
            Class.forName("org.apache.felix.framework.ExtensionManager");
            SAXParserFactory.newInstance().newSAXParser();
            URLConnection.guessContentTypeFromName("component.xml");
        } catch (ClassNotFoundException | ParserConfigurationException | SAXException e) {
            throw new IllegalStateException(e);
        }
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
            System.err.println("Felix did not stop in good order: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
