package dev.mooring.protocol.internal;

import dev.mooring.protocol.ProtocolServer;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Capability;
import org.osgi.annotation.bundle.Header;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * Reports servers that cannot start, and lets the framework stop only when the draining servers have ended. This bundle stops after the protocol
 * bundles, because it started before them, however the framework is stopped.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.protocol.ProtocolServer\"",
        uses = ProtocolServer.class)
public final class Activator implements BundleActivator {

    private static final long PAUSE_MILLIS = 20;

    private @Nullable ProblemWatch watch;

    @Override
    public void start(BundleContext context) throws InvalidSyntaxException {
        watch = new ProblemWatch(context);
        watch.open();
    }

    @Override
    public void stop(BundleContext context) throws InvalidSyntaxException, InterruptedException {
        if (watch != null) {
            watch.close();
        }
        Bundle framework = Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION));
        // If Felix is stopped before it has started, its state stays STARTING.
        if (framework.getState() != Bundle.ACTIVE) {
            Set<ProtocolServer> servers = new HashSet<>(RunningServers.stop());
            for (ServiceReference<ProtocolServer> each : context.getServiceReferences(ProtocolServer.class, null)) {
                ProtocolServer server = context.getService(each);
                if (server != null) {
                    servers.add(server);
                }
            }
            while (servers.stream().anyMatch(ProtocolServer::draining)) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
    }
}
