package dev.mooring.systemd.internal;

import dev.mooring.activation.ServiceManager;
import dev.mooring.systemd.Signals;
import dev.mooring.systemd.SystemdService;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Header;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/**
 * Wires the service in OSGi. An activator and no component, because its stop waits for the servers, and Declarative Services must not be blocked
 * meanwhile.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class Activator implements BundleActivator {

    private static final Logger LOG = System.getLogger(SystemdService.PID);

    private @Nullable FrameworkServers servers;
    private @Nullable SystemdService service;
    private @Nullable Signals signals;

    @Override
    public void start(BundleContext context) {
        Bundle framework = Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION));
        FrameworkServers all = new FrameworkServers(context);
        SystemdService told = new SystemdService(ServiceManager.fromEnvironment(), all, () -> stop(framework));
        servers = all;
        service = told;
        all.open(told::changed);
        signals = Signals.take(() -> {
            told.ending();
            stop(framework);
        });
        try {
            ConfigurationUpdates.register(context, told);
        } catch (NoClassDefFoundError noConfigurationAdmin) {
            LOG.log(Level.DEBUG, "No configuration comes", noConfigurationAdmin);
        }
        told.start();
    }

    @Override
    public void stop(BundleContext context) {
        // Felix leaves it at STARTING when it is stopped before it has started.
        boolean ending = Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION))
                        .getState()
                != Bundle.ACTIVE;
        if (service != null) {
            if (ending) {
                service.stop();
            } else {
                service.close();
            }
        }
        if (signals != null && !ending) {
            signals.close();
        }
        if (servers != null) {
            servers.close();
        }
    }

    private static void stop(Bundle framework) {
        try {
            framework.stop();
        } catch (BundleException e) {
            LOG.log(Level.ERROR, "The framework cannot be stopped", e);
        }
    }
}
