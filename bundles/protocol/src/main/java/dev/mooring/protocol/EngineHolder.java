package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import dev.mooring.protocol.internal.accept.AcceptLoop;
import dev.mooring.protocol.internal.accept.AcceptedConnection;
import dev.mooring.protocol.internal.accept.Admission;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The engine of a server: makes it when the first client waits, and passes it the connections that the accept loop accepts. */
final class EngineHolder implements AcceptLoop.Server {

    /** A pending connection that is younger than this is not evicted by a new one. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    private final SocketServer server;
    private final Logger log;
    private final Admission admission;
    private final ClientLog turnedAway;
    private final ClientLog notServed;

    /** Used only by the thread that makes the server ready: first that of {@link SocketServer#start}, then that of the loop. */
    private boolean prepared;

    /** The last error; {@code null} after a success. Guarded by the server. */
    private @Nullable String failure;

    /** Written under the lock of the server. */
    private volatile @Nullable Engine engine;

    EngineHolder(SocketServer server, Limits limits) {
        this.server = server;
        log = System.getLogger(server.getClass().getName());
        admission = new Admission(limits, YOUNG, server.metrics());
        turnedAway = new ClientLog(log);
        notServed = new ClientLog(log);
    }

    boolean hasFailed() {
        synchronized (server) {
            return failure != null;
        }
    }

    void dismissIdle() {
        Engine running = engine;
        if (running != null) {
            running.dismissIdle();
        }
    }

    /** Closes the engine, if there is one. */
    void close() {
        synchronized (server) {
            if (engine != null) {
                engine.close();
                engine = null;
            }
        }
    }

    @Override
    public boolean ready(boolean waiting) {
        try {
            if (!prepared) {
                server.prepare();
                prepared = true;
                recovered();
            }
            if (waiting) {
                use(FixedServiceLoader.call(server.getClass(), server.services(), server::engine));
                recovered();
            }
        } catch (Exception | LinkageError e) {
            report(e);
        }
        return engine != null;
    }

    private void use(Engine made) {
        synchronized (server) {
            if (server.isStarted()) {
                engine = made;
                return;
            }
        }
        made.close();
    }

    private void recovered() {
        boolean failed;
        synchronized (server) {
            failed = failure != null;
            failure = null;
        }
        if (failed) {
            server.announce();
        }
    }

    private void report(Throwable cause) {
        List<NamedSocket> concerned;
        synchronized (server) {
            if (!server.isStarted() || cause.toString().equals(failure)) {
                return;
            }
            concerned = server.sockets();
            failure = cause.toString();
        }
        if (cause instanceof IOException) {
            concerned.forEach(socket -> server.refuse("serve on", socket, cause.getMessage()));
        } else {
            log.log(Level.ERROR, server.name() + " cannot start its engine; connections wait", cause);
        }
    }

    @Override
    public @Nullable EventLoop eventLoop() {
        return engine instanceof EventLoop loop ? loop : null;
    }

    @Override
    public void accepted(NamedSocket socket, SocketChannel channel) {
        Engine running = engine;
        try {
            channel.configureBlocking(false);
            AcceptedConnection connection = new AcceptedConnection(socket, channel, admission);
            String reason = running == null ? "the server stops" : admission.admit(connection);
            if (running != null && reason == null) {
                serve(running, connection);
                return;
            }
            turnedAway.log(Level.WARNING, null, () -> server.name() + " refuses connections: " + reason);
            if (running != null && reason != null) {
                channel.write(ByteBuffer.wrap(running.refusal(reason)));
            }
        } catch (IOException e) {
            log.log(Level.DEBUG, "The client has disconnected", e);
        }
        server.close(channel);
    }

    private void serve(Engine running, ClientConnection connection) {
        try {
            running.serve(connection);
        } catch (RuntimeException | Error e) {
            connection.close();
            notServed.log(
                    Level.ERROR,
                    connection.address(),
                    () -> server.name() + " cannot serve a connection: " + ClientText.sentence(e));
            log.log(Level.DEBUG, "The stack trace of this error", ClientText.trace(e));
        }
    }
}
