package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import dev.mooring.protocol.internal.accept.AcceptLoop;
import dev.mooring.protocol.internal.accept.AcceptedConnection;
import dev.mooring.protocol.internal.accept.Admission;
import dev.mooring.protocol.internal.accept.HeaderReader;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The engine of a server: makes it when the first client waits, and passes it the connections that the accept loop accepts. */
final class EngineHolder implements AcceptLoop.Server, HeaderReader.Receiver {

    /** A pending connection that is younger than this is not evicted by a new one. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    /** Longer than a lost packet delays a header (three seconds, by the specification). */
    private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(5);

    private static final String STOPPING = "the server stops";

    private final SocketServer server;
    private final Logger log;
    private final ClientLog turnedAway;
    private final ClientLog notServed;
    private final ClientLog notFromProxy;

    /** Set before the accept loop exists. */
    private Admission admission;

    /** The peers that must send a PROXY header; {@code null} if clients connect directly. Set before the start. */
    private @Nullable TrustedProxies proxies;

    /** Reads their headers, if there are such peers. Set before the accept loop exists. */
    private @Nullable HeaderReader headers;

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
        notFromProxy = new ClientLog(log);
    }

    void liftLimits() {
        admission = new Admission(Limits.NONE, YOUNG, server.metrics());
    }

    void requireProxyProtocol(TrustedProxies trusted) {
        proxies = trusted;
    }

    /**
     * Prepares for connections. Called before the accept loop exists.
     *
     * @throws IOException if no descriptor is left
     */
    void start() throws IOException {
        if (proxies != null) {
            headers = new HeaderReader(server.name(), HEADER_TIMEOUT, this);
        }
    }

    /** Closes the connections without a header. Called after the accept loop was closed. */
    void stopReadingHeaders() {
        if (headers != null) {
            server.close(headers);
        }
    }

    boolean hasFailed() {
        synchronized (server) {
            return failure != null;
        }
    }

    void dismissIdle(boolean unnoticed) {
        Engine running = engine;
        if (running != null && unnoticed) {
            running.dismissUnnoticed();
        } else if (running != null) {
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
            prepare();
            if (waiting) {
                make();
            }
        } catch (Exception | LinkageError e) {
            report(e);
        }
        return engine != null;
    }

    private void prepare() throws IOException {
        if (!prepared) {
            server.prepare();
            prepared = true;
            recovered();
        }
    }

    private void make() throws Exception {
        if (engine == null) {
            use(FixedServiceLoader.call(server.getClass(), server.services(), server::engine));
            recovered();
        }
    }

    /** Makes the engine before the accept loop asks for it. The caller then starts the loop. */
    void makeAhead() throws Exception {
        prepare();
        make();
    }

    private void use(Engine made) {
        synchronized (server) {
            if (server.needsEngine()) {
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
            SocketAddress peer = channel.getRemoteAddress();
            if (proxies != null && !proxies.trusts(peer)) {
                proxyFailed(peer, "is not a trusted proxy; connect to the proxy, or add this address to proxy.trusted");
                server.close(channel);
                return;
            }
            AcceptedConnection connection = new AcceptedConnection(socket, channel, peer, headers != null, admission);
            String reason = running == null ? STOPPING : admission.admit(connection);
            if (running == null || reason != null) {
                refuse(running, channel, reason);
                server.close(channel);
            } else if (headers != null) {
                headers.read(connection);
            } else {
                serve(running, connection);
            }
        } catch (IOException e) {
            log.log(Level.DEBUG, "The client has disconnected", e);
            server.close(channel);
        }
    }

    @Override
    public void complete(AcceptedConnection connection, @Nullable InetSocketAddress client) {
        Engine running = engine;
        String reason = running == null
                ? STOPPING
                : admission.identify(connection, client == null ? connection.peer() : client);
        if (running == null || reason != null) {
            refuse(running, connection.channel(), reason);
            connection.close();
        } else {
            serve(running, connection);
        }
    }

    @Override
    public void failed(AcceptedConnection connection, @Nullable String problem) {
        if (problem != null) {
            proxyFailed(
                    connection.peer(),
                    problem + "; switch the PROXY protocol on in the proxy, or set proxy.protocol = off here");
        }
        connection.close();
    }

    private void proxyFailed(SocketAddress peer, String problem) {
        server.metrics().proxyFailed();
        InetAddress address = AcceptedConnection.address(peer);
        notFromProxy.log(
                Level.WARNING,
                address,
                () -> server.name() + " ended a connection from "
                        + (address == null ? "a unix socket" : address.getHostAddress()) + ", which " + problem);
    }

    private void refuse(@Nullable Engine running, SocketChannel channel, @Nullable String reason) {
        turnedAway.log(Level.WARNING, null, () -> server.name() + " refuses connections: " + reason);
        if (running != null && reason != null) {
            try {
                channel.write(ByteBuffer.wrap(running.refusal(reason)));
            } catch (IOException e) {
                log.log(Level.DEBUG, "The client has disconnected", e);
            }
        }
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
