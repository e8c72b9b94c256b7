package dev.mooring.runtime;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.main.AutoProcessor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;

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
        Map<String, String> configuration = org.apache.felix.main.Main.loadConfigProperties();
        if (configuration == null) {
            System.err.println("felix.config.properties = '" + System.getProperty("felix.config.properties")
                    + "' cannot be read; start bin/mooring, which sets it");
            System.exit(2);
            return;
        }
        org.apache.felix.main.Main.copySystemProperties(configuration);
        ShippedBundles shipped = new ShippedBundles(System.getProperty("java.class.path"));
        Framework framework = new FrameworkFactory().newFramework(configuration, shipped);
        FRAMEWORK.set(framework);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(framework), "stop"));
        framework.init();
        AutoProcessor.process(configuration, framework.getBundleContext());
        int event;
        do {
            framework.start();
            event = framework.waitForStop(0).getType();
        } while (event == FrameworkEvent.STOPPED_UPDATE);
        System.exit(0);
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
