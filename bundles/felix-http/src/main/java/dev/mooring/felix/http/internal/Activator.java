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

    private static final Logger LOG = System.getLogger(PID);

    private @Nullable FactoryRegistration factory;

    @Override
    public void start(BundleContext context) {
        FactoryRegistration made = new FactoryRegistration(context);
        factory = made;
        made.configure(Map.of());
        try {
            ConfigurationUpdates.register(context, made);
        } catch (NoClassDefFoundError noConfigurationAdmin) {
            LOG.log(Level.DEBUG, "There is no Configuration Admin, so the defaults apply", noConfigurationAdmin);
        }
    }

    @Override
    public void stop(BundleContext context) {
        if (factory != null) {
            factory.close();
        }
    }
}
