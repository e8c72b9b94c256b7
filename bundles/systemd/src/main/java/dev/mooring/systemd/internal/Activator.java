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
 * Connects {@link SystemdService} to OSGi. It is an activator, not a component, because its stop waits until the servers have drained, and would block
 * Declarative Services.
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
        SystemdService made = new SystemdService(ServiceManager.fromEnvironment(), all, () -> stop(framework));
        servers = all;
        service = made;
        all.open(made::changed);
        signals = Signals.take(() -> {
            made.ending();
            stop(framework);
        });
        try {
            ConfigurationUpdates.register(context, made);
        } catch (NoClassDefFoundError noConfigurationAdmin) {
            LOG.log(Level.DEBUG, "There is no Configuration Admin, so the defaults apply", noConfigurationAdmin);
        }
        made.start();
    }

    @Override
    public void stop(BundleContext context) {
        // If Felix is stopped before it has started, its state stays STARTING.
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
