package dev.mooring.protocol;

import dev.mooring.protocol.internal.RunningServers;
import dev.mooring.protocol.internal.ServerRegistration;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Lets the server of a component take over from the server of the same name in another bundle. The other one serves until the engine of this one is
 * made and rehearsed. If that fails, the component's bundle is stopped, and the other server never notices.
 */
final class Takeover {

    private static final Logger LOG = System.getLogger(Takeover.class.getName());

    /** With 1, the requests of clients on busy processors took longer: 99 percent of them twice as long as without a swap, with 9 a fifth longer. */
    private static final int REST = 9;

    private final ProtocolComponent component;
    private final ConfiguredServer configured;
    private final ProtocolServer predecessor;

    /**
     * Prepares a takeover.
     *
     * @param component the component, which is being activated
     * @param predecessor the server that serves now
     */
    Takeover(ProtocolComponent component, ProtocolServer predecessor) {
        this.component = component;
        configured = component.server();
        this.predecessor = predecessor;
    }

    /** Starts the thread, which ends by itself. */
    void begin() {
        Thread thread = new Thread(this::run, predecessor.name() + "-takeover");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        String problem = prepare();
        if (problem != null) {
            LOG.log(
                    Level.ERROR,
                    "A new {0} does not take over from the running one, because {1}",
                    predecessor.name(),
                    problem);
            ServerRegistration.stopBundle(component.getClass());
            return;
        }
        if (component.serve(this::takeDataSockets)) {
            RunningServers.stop(predecessor);
        }
    }

    /** Also loads the classes of the other server's bundle, which needs all of them when it stops. Then clients need not wait for that. */
    private void loadClasses() {
        ServerRegistration.loadClasses(component.getClass());
        ServerRegistration.loadClasses(predecessor.getClass());
    }

    private void takeDataSockets() {
        if (predecessor instanceof SocketServer other) {
            other.releaseDataSockets();
        }
    }

    /** Returns why the server cannot serve; {@code null} if it can. */
    private @Nullable String prepare() {
        SocketServer server = configured.server();
        if (server == null) {
            return "its configuration is invalid";
        }
        try {
            RehearsalThread.rehearse(configured, this::loadClasses, REST);
            server.standBy();
            return null;
        } catch (Exception | LinkageError e) {
            LOG.log(Level.DEBUG, "The stack trace of the error below", e);
            return e.toString();
        }
    }
}
