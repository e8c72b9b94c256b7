package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.ServiceManager;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Capability;
import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/**
 * Publishes the sockets while the bundle is active. It is an activator instead of a component, so that it needs no other
 * bundles and publishes the sockets before the components that use them.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.activation.NamedSocket\"",
        uses = NamedSocket.class)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.activation.NamedSockets\"",
        uses = NamedSockets.class)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.activation.ServiceManager\"",
        uses = ServiceManager.class)
public final class Activator implements BundleActivator {

    /** The PID of the bundle's configuration. Without a configuration, the framework property {@code dev.mooring.activation.listen} applies. */
    static final String PID = "dev.mooring.activation";

    private static final String CONFIGURATION_ADMIN = "org.osgi.service.cm.ConfigurationAdmin";

    private static final Logger LOGGER = System.getLogger(PID);

    private @Nullable SocketServices services;
    private @Nullable TraditionalStart traditional;

    @Override
    public void start(BundleContext context) {
        ServiceManager manager = ServiceManager.fromEnvironment();
        manager.problems().forEach(problem -> LOGGER.log(Level.ERROR, problem));
        context.registerService(ServiceManager.class, manager, null);
        Sockets inherited = Sockets.fromEnvironment();
        inherited.problems().forEach(problem -> LOGGER.log(Level.ERROR, problem));
        services = new SocketServices(context);
        services.publish(inherited);
        if (inherited.activated()) {
            LOGGER.log(
                    Level.INFO,
                    "Sockets published: " + inherited.adopted().size() + ": " + Sockets.describe(inherited.adopted()));
        } else {
            traditional = new TraditionalStart(services::publish, context.getProperty(PID + ".listen"));
            // The service may be missing although its API exists: other bundles export the API too.
            if (context.getServiceReference(CONFIGURATION_ADMIN) == null) {
                traditional.listen(null);
            }
            try {
                ListenConfiguration.register(context, traditional);
            } catch (NoClassDefFoundError noConfigurationAdmin) {
                // Without a Configuration Admin nothing is configured.
            }
        }
    }

    @Override
    public void stop(BundleContext context) {
        if (services != null) {
            services.close();
        }
        if (traditional != null) {
            traditional.close();
        }
    }

    /** Parses a comma-separated list. */
    static List<String> list(String text) {
        return List.of(text.split(",")).stream()
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }
}
