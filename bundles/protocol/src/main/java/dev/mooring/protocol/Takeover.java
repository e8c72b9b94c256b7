package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.internal.RunningServers;
import dev.mooring.protocol.internal.ServerRegistration;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets the server of a component take over from the server of the same name in another bundle. The other one serves until the engine of this one is made and
 * rehearsed, and the other servers of its bundle can be taken over too. If anything fails before that, the component's bundle is stopped, and the other bundle
 * never notices.
 */
final class Takeover {

    private static final Logger LOG = System.getLogger(Takeover.class.getName());

    /** With 1, the requests of clients on busy processors took longer: 99 percent of them twice as long as without a swap, with 9 a fifth longer. */
    private static final int REST = 9;

    private static final long PAUSE_MILLIS = 20;
    private static final long END_MILLIS = 5000;

    /** The takeovers of all bundles whose server is ready to accept. */
    private static final Set<Takeover> READY = ConcurrentHashMap.newKeySet();

    private final ProtocolComponent component;
    private final ConfiguredServer configured;
    private final String name;
    private final Class<?> predecessor;
    private final Thread thread;

    /**
     * Prepares a takeover.
     *
     * @param component the component, which is being activated
     * @param predecessor the server that serves now
     */
    Takeover(ProtocolComponent component, ProtocolServer predecessor) {
        this.component = component;
        configured = component.server();
        name = predecessor.name();
        this.predecessor = predecessor.getClass();
        thread = new Thread(this::run, name + "-takeover");
        thread.setDaemon(true);
    }

    /** Starts the thread, which ends by itself. */
    void begin() {
        thread.start();
    }

    /** Waits until the thread has ended, after the component was stopped. Afterwards the other server is not stopped any more. */
    void awaitEnd() {
        try {
            // A failed takeover stops its own bundle. Two of them may wait for each other, so this does not wait for
            // ever.
            if (Thread.currentThread() != thread) {
                thread.join(END_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            String problem = prepare();
            if (problem == null && awaitOthers()) {
                problem = takeOver();
            }
            if (problem != null && !component.isStopped()) {
                LOG.log(Level.ERROR, "A new {0} does not take over from the running one, because {1}", name, problem);
                ServerRegistration.stopBundle(component.getClass());
            }
        } finally {
            READY.remove(this);
        }
    }

    /** Returns why the server cannot serve; {@code null} if it can. */
    private @Nullable String prepare() {
        SocketServer server = configured.server();
        if (server == null) {
            return "its configuration is invalid";
        }
        try {
            configured.rehearse(this::loadClasses, REST);
            server.standBy();
            return null;
        } catch (
                Throwable
                        e) { // also an error of its code, such as an AssertionError, must not keep the new bundle half
            // started
            LOG.log(Level.DEBUG, "The stack trace of the error below", e);
            return e.toString();
        }
    }

    /** Also loads the classes of the other server's bundle, which needs all of them when it stops. Then clients need not wait for that. */
    private void loadClasses() {
        ServerRegistration.loadClasses(component.getClass());
        ServerRegistration.loadClasses(predecessor);
    }

    /**
     * Waits until every server of the other bundle can be taken over: if one of them cannot, the new bundle is uninstalled.
     *
     * @return whether to take over; false if the component was stopped
     */
    private boolean awaitOthers() {
        READY.add(this);
        boolean told = false;
        try {
            Set<String> missing = missing();
            while (!missing.isEmpty() && !component.isStopped()) {
                if (!told) {
                    LOG.log(Level.INFO, "A new {0} is ready, and waits for {1}", name, missing);
                    told = true;
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                missing = missing();
            }
            return !component.isStopped();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The servers of the other bundle that nobody is ready to replace. Their configurations, and so the servers, may change at any time. */
    private Set<String> missing() {
        ProtocolServer other = RunningServers.find(name);
        Set<String> missing = new HashSet<>(other == null ? Set.of() : RunningServers.ofTheSameBundle(other));
        for (Takeover each : READY) {
            if (each == this || Objects.equals(each.component.owner(), component.owner())) {
                missing.remove(each.name);
            }
        }
        return missing;
    }

    /** Returns why the new server does not accept all connections of the other one; {@code null} if it does, or if the component was stopped. */
    private @Nullable String takeOver() {
        ProtocolServer other = RunningServers.find(name);
        List<NamedSocket> sockets = other == null ? List.of() : other.sockets();
        if (!component.serve(() -> takeDataSockets(other))) {
            return null;
        }
        SocketServer server = Objects.requireNonNull(configured.server());
        if (!sockets.isEmpty()
                && (server.sockets().isEmpty() || sockets.stream().anyMatch(server::refuses))) {
            if (other instanceof DataSockets) {
                // It has no data sockets any more. dev.mooring.deploy starts its bundle again.
                RunningServers.stop(other);
            }
            return "it does not serve on all sockets of that one, see the messages above";
        }
        if (other != null) {
            RunningServers.replace(other);
            if (component.isStopped()) {
                // Its stop may have come too early for the sessions of the other one.
                RunningServers.stop(other);
            }
        }
        return null;
    }

    private static void takeDataSockets(@Nullable ProtocolServer other) {
        if (other instanceof SocketServer server) {
            server.releaseDataSockets();
        }
    }
}
