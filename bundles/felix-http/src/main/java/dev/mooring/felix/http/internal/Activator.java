package dev.mooring.felix.http.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/**
 * Registers the factory. It is an activator, not a component, so that Felix HTTP finds the factory although Declarative Services may start after
 * Felix HTTP.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class Activator implements BundleActivator {

    /** The PID of the bundle's configuration. Without a configuration, the defaults of {@link Keys} apply. */
    static final String PID = "dev.mooring.felix.http";

    private static final String CONFIGURATION_ADMIN = "org.osgi.service.cm.ConfigurationAdmin";

    private static final Logger LOG = System.getLogger(PID);

    private @Nullable FactoryRegistration factory;
    private @Nullable Startup startup;

    @Override
    public void start(BundleContext context) {
        FactoryRegistration made = new FactoryRegistration(context);
        factory = made;
        made.configure(Map.of());
        startup = new Startup(context, () -> listen(context, made));
        startup.begin();
    }

    /**
     * Accepts connections when the bundles that have the servlets are started. A client that came before would get the response 404. Configuration Admin
     * calls one bundle after the other, so those have their configuration, too, when this bundle has its own.
     */
    private static void listen(BundleContext context, FactoryRegistration made) {
        try {
            ConfigurationUpdates.register(context, made);
            // The service may be missing although its API exists: other bundles export the API too.
            if (context.getServiceReference(CONFIGURATION_ADMIN) == null) {
                made.accept();
            }
        } catch (NoClassDefFoundError noConfigurationAdmin) {
            LOG.log(Level.DEBUG, "There is no Configuration Admin, so the defaults apply", noConfigurationAdmin);
            made.accept();
        }
    }

    @Override
    public void stop(BundleContext context) {
        if (startup != null) {
            startup.cancel();
        }
        if (factory != null) {
            factory.close();
        }
    }
}
