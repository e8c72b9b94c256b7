package dev.mooring.systemd.internal;

import dev.mooring.activation.IdleInhibitor;
import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.ProtocolServer;
import dev.mooring.protocol.UnservedServer;
import dev.mooring.systemd.Inhibitors;
import dev.mooring.systemd.Servers;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/** The servers that are registered as services. */
final class FrameworkServers implements Servers {

    private static final Logger LOG = System.getLogger("dev.mooring.systemd");

    private final ServiceTracker<ProtocolServer, ProtocolServer> servers;
    private final ServiceTracker<NamedSockets, NamedSockets> sockets;
    private final ServiceTracker<IdleInhibitor, IdleInhibitor> inhibitors;
    private final Inhibitors asked = new Inhibitors();
    private volatile Runnable changed = () -> {};
    private @Nullable Bundle suspended;

    FrameworkServers(BundleContext context) {
        servers = new ServiceTracker<>(context, ProtocolServer.class, null) {
            @Override
            public ProtocolServer addingService(ServiceReference<ProtocolServer> reference) {
                changed.run();
                return super.addingService(reference);
            }
        };
        sockets = new ServiceTracker<>(context, NamedSockets.class, null);
        inhibitors = new ServiceTracker<>(context, IdleInhibitor.class, null);
    }

    /** Starts tracking the services. Calls {@code change} when a server is added. */
    void open(Runnable change) {
        changed = change;
        servers.open();
        sockets.open();
        inhibitors.open();
    }

    void close() {
        servers.close();
        sockets.close();
        inhibitors.close();
    }

    @Override
    public @Nullable NamedSockets sockets() {
        return sockets.getService();
    }

    @Override
    public List<ProtocolServer> all() {
        return List.of(servers.getServices(new ProtocolServer[0]));
    }

    @Override
    public boolean inhibited() {
        return asked.anyBusy(List.of(inhibitors.getServices(new IdleInhibitor[0])));
    }

    /** Stops the bundle that publishes the sockets, so that no server has one. The sockets themselves do not change. */
    @Override
    public synchronized void suspend() {
        ServiceReference<NamedSockets> published = sockets.getServiceReference();
        if (published != null) {
            suspended = published.getBundle();
            stop(suspended);
        }
    }

    @Override
    public synchronized void resume() {
        Bundle activation = suspended;
        if (activation == null) {
            return;
        }
        suspended = null;
        try {
            activation.start(Bundle.START_TRANSIENT);
        } catch (BundleException | IllegalStateException e) {
            LOG.log(Level.ERROR, "Servers accept no connections, because " + activation + " cannot be started", e);
        }
    }

    /** A server drains when its bundle stops. An unserved one belongs to the bundle that reports it, whose stop waits for all others. */
    @Override
    public void drain() {
        all().stream()
                .filter(server -> !server.draining() && !(server instanceof UnservedServer))
                .map(server -> FrameworkUtil.getBundle(server.getClass()))
                .filter(Objects::nonNull)
                .distinct()
                .forEach(FrameworkServers::stop);
    }

    private static void stop(Bundle bundle) {
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException | IllegalStateException e) {
            LOG.log(Level.ERROR, bundle + " cannot be stopped", e);
        }
    }
}
