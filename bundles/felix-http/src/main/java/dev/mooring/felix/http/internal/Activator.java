package dev.mooring.felix.http.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Header;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;

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

    @Override
    public void start(BundleContext context) {
        FactoryRegistration made = new FactoryRegistration(context);
        factory = made;
        made.configure(Map.of());
        AtomicBoolean listening = new AtomicBoolean();
        Runnable listen = () -> {
            if (listening.compareAndSet(false, true)) {
                listen(context, made);
            }
        };
        context.addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.STARTED) {
                listen.run();
            }
        });
        Bundle framework = Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION));
        if (framework.getState() == Bundle.ACTIVE) {
            listen.run();
        }
    }

    /**
     * Accepts connections when the framework has started, and with it the bundles that have the servlets. A client that came before would get the
     * response 404. Configuration Admin calls one bundle after the other, so those have their configuration, too, when this bundle has its own.
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
        if (factory != null) {
            factory.close();
        }
    }
}
