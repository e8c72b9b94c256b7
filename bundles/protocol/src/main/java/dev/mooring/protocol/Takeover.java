package dev.mooring.protocol;

import dev.mooring.protocol.internal.RunningServers;
import dev.mooring.protocol.internal.ServerRegistration;
import dev.mooring.protocol.internal.rehearsal.RehearsalStage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets the server of a component take over from the server of the same name in another bundle. The other one serves until the engine of this one is
 * made and rehearsed. If that fails, the component's bundle is stopped, and the other server never notices.
 */
final class Takeover {

    private static final Logger LOG = System.getLogger(Takeover.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(20);

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

    /** Starts the thread, which ends by itself. It rehearses at a low priority, as do the threads that it starts then. */
    void begin() {
        Thread thread = new Thread(this::run, predecessor.name() + "-takeover");
        thread.setDaemon(true);
        thread.setPriority(Thread.MIN_PRIORITY);
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
        if (predecessor instanceof DataSockets) {
            // A data connection must not be accepted by the wrong one.
            RunningServers.stop(predecessor);
            component.serve();
        } else if (component.serve()) {
            RunningServers.stop(predecessor);
        }
    }

    /** Returns why the server cannot serve; {@code null} if it can. */
    private @Nullable String prepare() {
        SocketServer server = configured.server();
        if (server == null) {
            return "its configuration is invalid";
        }
        try {
            long start = System.nanoTime();
            ServerRegistration.loadClasses(component.getClass());
            rehearse();
            // The engine's threads inherit the priority.
            Thread.currentThread().setPriority(Thread.NORM_PRIORITY);
            server.standBy();
            LOG.log(
                    Level.DEBUG,
                    "{0} was rehearsed for {1} ms",
                    server.name(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
            return null;
        } catch (Exception | LinkageError e) {
            LOG.log(Level.DEBUG, "The stack trace of the error below", e);
            return e.toString();
        }
    }

    private void rehearse() throws Exception {
        try (RehearsalStage stage = stage()) {
            if (stage == null) {
                return;
            }
            try (SocketServer server = configured.another(stage.share())) {
                if (server.fault(stage.socket()) != null) {
                    return; // FTP does not serve on unix sockets
                }
                server.setAccounts(stage);
                server.add(stage.socket());
                server.standBy(); // throws if the engine cannot be made; start() would let the requests wait
                server.start();
                server.rehearse(stage);
            }
        }
    }

    private @Nullable RehearsalStage stage() {
        try {
            return new RehearsalStage(PATIENCE);
        } catch (IOException e) {
            LOG.log(
                    Level.INFO,
                    "{0} takes over without a rehearsal, because this process cannot write temporary files: {1}",
                    predecessor.name(),
                    e);
            return null;
        }
    }
}
