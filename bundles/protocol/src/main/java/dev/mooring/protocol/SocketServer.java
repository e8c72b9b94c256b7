package dev.mooring.protocol;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A server of some protocol. Its sockets may come and go while it runs.
 *
 * <p>The caller owns the sockets. The server accepts from a duplicate of each, and closes the duplicate when the socket is removed or the server is
 * closed. If it cannot serve on a socket, it logs the reason and serves on the others.
 *
 * <p>Instances are safe for use by several threads.
 */
public abstract class SocketServer implements ProtocolServer, Closeable {

    private static final Duration YOUNG = Duration.ofSeconds(2);
    private static final Duration DISMISSAL = Duration.ofMillis(250);

    /** The servers by the descriptors of their sockets, to report two on one socket. Any thread may use it. */
    private static final Map<Integer, String> SERVED = new ConcurrentHashMap<>();

    private final Logger log = System.getLogger(getClass().getName());
    private final String name;
    private final String protocol;
    private final CurrentAccounts accounts;
    private final ServedShares shares;
    private final ServerMetrics metrics;
    private final Limits limits;
    private final boolean lowered;
    private final AtomicBoolean limitsAnnounced = new AtomicBoolean();
    private final Admission admission;
    private final ClientLog turnedAway = new ClientLog(log);
    private final ClientLog notServed = new ClientLog(log);

    /** Held during the close, so that a second caller returns only when it is done. Taken before the lock of this object. */
    private final Object closing = new Object();

    /** A duplicate for each socket; null if the server cannot serve on it. Guarded by this, as are the fields below. */
    private final Map<NamedSocket, @Nullable ServerSocketChannel> duplicates = new IdentityHashMap<>();

    private State state = State.NEW;
    private @Nullable AcceptLoop loop;
    private @Nullable String failure;

    /** Used only by the thread that makes the server ready: first that of {@link #start}, then that of the loop. */
    private boolean prepared;

    private volatile @Nullable Engine engine;

    private enum State {
        NEW,
        STARTED,
        DRAINING,
        CLOSED
    }

    /**
     * Makes a server. It does nothing before {@link #start}.
     *
     * @param name the name of the server in the log
     * @param protocol the scheme of its URLs (RFC 3986 section 3.1)
     * @param share the tree that is served
     * @param limits the limits of its connections; lowered if the process has not enough resources
     * @param heapEach the bytes of heap that a connection takes
     */
    protected SocketServer(String name, String protocol, Share share, Limits limits, int heapEach) {
        this.name = name;
        this.protocol = protocol;
        accounts = new CurrentAccounts(name);
        metrics = new ServerMetrics(name);
        this.limits = limits.fitted(heapEach);
        lowered = !this.limits.equals(limits);
        admission = new Admission(this.limits, YOUNG, metrics);
        shares = new ServedShares(share);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String protocol() {
        return protocol;
    }

    @Override
    public final synchronized List<NamedSocket> sockets() {
        return duplicates.entrySet().stream()
                .filter(each -> each.getValue() != null && failure == null)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public final long connections() {
        return metrics.connections();
    }

    @Override
    public final Duration idle() {
        return metrics.idle();
    }

    @Override
    public final long transfers() {
        return metrics.transfers();
    }

    @Override
    public final long bytes() {
        return metrics.bytes();
    }

    @Override
    public final synchronized @Nullable String problem() {
        if (failure != null) {
            return "cannot start its engine, see the log";
        }
        return state == State.STARTED && !duplicates.isEmpty() && sockets().isEmpty()
                ? "cannot serve on its socket, see the log"
                : null;
    }

    /**
     * Switches the access log on or off. It is off at first.
     *
     * @param logged whether requests are logged from now on
     */
    public final void setAccessLog(boolean logged) {
        metrics.setLogged(logged);
    }

    /**
     * The metrics that the engine updates.
     *
     * @return the metrics
     */
    protected final ServerMetrics metrics() {
        return metrics;
    }

    /**
     * Sets the accounts for future logins. Existing sessions continue. Until accounts are set, logins are refused.
     *
     * @param current the accounts
     */
    public final void setAccounts(Accounts current) {
        accounts.set(current);
    }

    /**
     * Removes the accounts, unless others have been set since. Future logins are refused.
     *
     * @param gone the accounts that were set
     */
    public final void unsetAccounts(Accounts gone) {
        accounts.unset(gone);
    }

    /**
     * The accounts for the engine.
     *
     * @return delegates to the accounts that are set at the time of a call; without any the verdict is
     *     {@link dev.mooring.accounts.Verdict.Unavailable}
     */
    protected final Accounts accounts() {
        return accounts;
    }

    /**
     * The shares that accounts can see.
     *
     * @return the server's own share, and those that an account may name
     */
    public final ServedShares shares() {
        return shares;
    }

    /**
     * Adds a socket. The server serves on it at once if it is started, else from its start on. Adding it again does nothing.
     *
     * @param socket the socket, which the caller owns
     * @throws IllegalStateException if the server is closed
     */
    public final void add(NamedSocket socket) {
        synchronized (this) {
            checkOpen();
            if (duplicates.containsKey(socket)) {
                return;
            }
            duplicates.put(socket, null);
            if (state == State.NEW) {
                return;
            }
            listen(List.of(socket));
        }
        announce(List.of(socket));
    }

    /**
     * Removes a socket: closes the duplicate. Connections that it accepted continue. Does nothing if the socket was not added.
     *
     * @param socket the socket
     */
    public final void remove(NamedSocket socket) {
        AcceptLoop running;
        ServerSocketChannel duplicate;
        synchronized (this) {
            running = loop;
            duplicate = duplicates.remove(socket);
        }
        SERVED.remove(socket.descriptor(), name);
        if (running != null && duplicate != null) {
            running.remove(duplicate);
        }
    }

    /**
     * Starts serving on the added sockets. If no client is waiting, the accepting thread makes the engine when the first one connects. Does nothing if
     * the server was started before.
     *
     * @throws IllegalStateException if the server is closed
     */
    public final void start() {
        AcceptLoop made;
        List<NamedSocket> added;
        synchronized (this) {
            checkOpen();
            if (state == State.STARTED) {
                return;
            }
            state = State.STARTED;
            added = List.copyOf(duplicates.keySet());
            try {
                made = new AcceptLoop(name, new Acceptance());
            } catch (IOException e) {
                added.forEach(socket -> refuse("serve on", socket, e.getMessage()));
                return;
            }
            loop = made;
            listen(added);
        }
        made.start();
        announce(added);
    }

    /**
     * Closes the duplicates, so that a successor accepts all further connections, and waits for the existing ones to end. The engine dismisses idle
     * clients; transfers continue. Returns at once. A separate thread closes the server when the last connection has ended or the time is over. Does
     * nothing if the server is draining or closed.
     *
     * @param patience how long it may take; zero for {@link #close()}
     * @param ended called by any thread when the server is closed
     */
    public final void drain(Duration patience, Runnable ended) {
        synchronized (this) {
            if (state == State.DRAINING || state == State.CLOSED) {
                return;
            }
            state = State.DRAINING;
            shares.keep();
        }
        stopAccepting();
        if (!patience.isZero()) {
            releaseDataSockets();
        }
        if (patience.isZero() || metrics.connections() == 0) {
            close();
            ended.run();
            return;
        }
        log.log(Level.INFO, "{0} drains {1} connections", name, metrics.connections());
        Thread thread = new Thread(
                () -> {
                    drain(System.nanoTime() + patience.toNanos());
                    ended.run();
                },
                name + "-drain");
        // Daemon thread: shutdown waits for draining explicitly.
        thread.setDaemon(true);
        thread.start();
    }

    private void drain(long deadline) {
        try {
            do {
                Engine running = engine;
                if (running != null) {
                    running.dismissIdle();
                }
            } while (!metrics.awaitNoConnection(DISMISSAL) && System.nanoTime() < deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (metrics.connections() > 0) {
            log.log(
                    Level.WARNING,
                    "{0} closes {1} connections, which did not end within drain.timeout",
                    name,
                    metrics.connections());
        }
        close();
    }

    @Override
    public final synchronized boolean draining() {
        return state == State.DRAINING;
    }

    /** Stops accepting, so that a successor accepts all further connections, and then closes every connection. */
    @Override
    public final void close() {
        synchronized (closing) {
            synchronized (this) {
                if (state == State.CLOSED) {
                    return;
                }
                state = State.CLOSED;
            }
            stopAccepting();
            synchronized (this) {
                end();
                shares.close();
            }
        }
    }

    private void stopAccepting() {
        AcceptLoop running;
        synchronized (this) {
            running = loop;
            loop = null;
            duplicates.keySet().forEach(socket -> SERVED.remove(socket.descriptor(), name));
            duplicates.clear();
        }
        if (running != null) {
            close(running);
        }
    }

    /**
     * Checks what may be wrong besides the engine, such as certificates, so that errors are logged at the start and not when the first client comes.
     * Called soon after the start if no client connects, always before the engine is made, and again after a failure. One thread at a time calls it.
     *
     * @throws IOException if the server cannot serve; the message has the reason and the remedy
     */
    protected void prepare() throws IOException {
        // Most servers have nothing to check.
    }

    /**
     * Makes the engine for the first connection; after a failure again for a later one. One thread at a time calls it.
     *
     * @return the engine, which this server closes
     * @throws IOException if that is not possible; the message has the reason
     */
    protected abstract Engine engine() throws IOException;

    /**
     * The services that the engine's libraries find with {@link java.util.ServiceLoader} while it is made. They search the bundle for others.
     *
     * @return the names of implementations by the names of their services
     */
    protected Map<String, String> services() {
        return Map.of();
    }

    /**
     * Releases what a successor needs besides the listening sockets, within about a second. Called once, before the server drains.
     */
    protected void releaseDataSockets() {
        // Most servers have nothing to release.
    }

    /** Closes the engine, after the duplicates. Called once, under the lock of this object. */
    protected void end() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    /**
     * Checks whether the server can serve on a socket.
     *
     * @param socket the socket
     * @return what it is and the remedy; {@code null} if nothing is wrong with it
     */
    protected @Nullable String fault(NamedSocket socket) {
        return socket.listening() && socket.type() == Type.STREAM
                ? null
                : "it is " + kind(socket)
                        + ", not a listening stream socket; set ListenStream= and Accept=no in its .socket unit";
    }

    /**
     * The URL of a socket.
     *
     * @param socket the socket
     * @return a URL, or a description of a socket that has none
     */
    protected String url(NamedSocket socket) {
        return switch (socket.family()) {
            case INET -> protocol + "://" + socket.address() + ":" + socket.port() + "/";
            case INET6 -> protocol + "://[" + socket.address() + "]:" + socket.port() + "/";
            default -> socket.family() + ":" + socket.address();
        };
    }

    /**
     * Describes a socket.
     *
     * @param socket the socket
     * @return words such as {@code a datagram socket}
     */
    protected static String kind(NamedSocket socket) {
        return switch (socket.type()) {
            case FIFO, FILE -> "a " + socket.type();
            case STREAM ->
                socket.listening()
                        ? (socket.family() == Family.INET ? "an " : "a ") + socket.family() + " socket"
                        : "a connected stream socket";
            default -> "a " + socket.type() + " socket";
        };
    }

    /**
     * Logs that a socket is not used.
     *
     * @param purpose what it was for, such as {@code serve on}
     * @param socket the socket
     * @param reason the reason and the remedy
     */
    protected final void refuse(String purpose, NamedSocket socket, @Nullable String reason) {
        log.log(
                Level.ERROR,
                "{0} cannot {1} fd {2,number,#} (socket ''{3}''): {4}",
                name,
                purpose,
                socket.descriptor(),
                socket.name(),
                reason);
    }

    /**
     * Checks that the server is not closed.
     *
     * @throws IllegalStateException if the server is closed
     */
    protected final synchronized void checkOpen() {
        if (state == State.DRAINING || state == State.CLOSED) {
            throw new IllegalStateException(name + " is closed; make a new server");
        }
    }

    private void listen(List<NamedSocket> added) {
        AcceptLoop running = loop;
        for (NamedSocket socket : added) {
            String fault = fault(socket);
            if (fault == null && running != null) {
                try {
                    ServerSocketChannel duplicate = socket.openServerSocketChannel();
                    running.add(socket, duplicate);
                    duplicates.put(socket, duplicate);
                    checkSharing(socket);
                    continue;
                } catch (IOException e) {
                    fault = e.getMessage();
                }
            }
            refuse("serve on", socket, fault);
        }
    }

    private void checkSharing(NamedSocket socket) {
        String other = SERVED.put(socket.descriptor(), name);
        if (other != null && !other.equals(name)) {
            log.log(
                    Level.WARNING,
                    "{0} serves fd {1,number,#} (socket ''{2}'') as {3} does, so each connection goes to one of them by chance;"
                            + " set sockets.target of one of them to another socket",
                    name,
                    socket.descriptor(),
                    socket.name(),
                    other);
        }
    }

    private void announce(List<NamedSocket> sockets) {
        List<NamedSocket> served = sockets().stream().filter(sockets::contains).toList();
        for (NamedSocket socket : served) {
            // This runs while the first client is served. Formatting a pattern would take as long as the request.
            log.log(
                    Level.INFO,
                    () -> name + " serves share '" + shares.own().name() + "' on " + url(socket) + " (fd "
                            + socket.descriptor() + ")");
        }
        if (!served.isEmpty() && !limitsAnnounced.getAndSet(true)) {
            log.log(
                    Level.INFO,
                    () -> name + " takes up to " + limits.connections() + " connections, " + limits.perAddress()
                            + " from one address, and " + limits.pending() + " without a login or a request"
                            + (lowered
                                    ? "; for more, raise LimitNOFILE= in the .service unit, or -Xmx in MOORING_JAVA_OPTIONS"
                                    : ""));
        }
    }

    /** Receives the connections of the loop. */
    private final class Acceptance implements AcceptLoop.Server {

        @Override
        public boolean ready(boolean waiting) {
            try {
                if (!prepared) {
                    prepare();
                    prepared = true;
                    recovered();
                }
                if (waiting) {
                    use(FixedServiceLoader.call(SocketServer.this.getClass(), services(), SocketServer.this::engine));
                    recovered();
                }
            } catch (Exception | LinkageError e) {
                report(e);
            }
            return engine != null;
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
                ClientConnection connection = new ClientConnection(socket, channel, admission);
                String reason = running == null ? "the server stops" : admission.admit(connection);
                if (running != null && reason == null) {
                    serve(running, connection);
                    return;
                }
                turnedAway.log(Level.WARNING, null, () -> name + " refuses connections: " + reason);
                if (running != null && reason != null) {
                    channel.write(ByteBuffer.wrap(running.refusal(reason)));
                }
            } catch (IOException e) {
                log.log(Level.DEBUG, "The client has gone", e);
            }
            close(channel);
        }

        private void serve(Engine running, ClientConnection connection) {
            try {
                running.serve(connection);
            } catch (RuntimeException | Error e) {
                connection.close();
                notServed.log(
                        Level.ERROR,
                        connection.address(),
                        () -> name + " cannot serve a connection: " + ClientText.sentence(e));
                log.log(Level.DEBUG, "The stack trace of this error", ClientText.trace(e));
            }
        }
    }

    private void use(Engine made) {
        synchronized (this) {
            if (state == State.STARTED) {
                engine = made;
                return;
            }
        }
        made.close();
    }

    private void recovered() {
        boolean failed;
        synchronized (this) {
            failed = failure != null;
            failure = null;
        }
        if (failed) {
            announce(sockets());
        }
    }

    private void report(Throwable cause) {
        List<NamedSocket> concerned;
        synchronized (this) {
            if (state != State.STARTED || cause.toString().equals(failure)) {
                return;
            }
            concerned = sockets();
            failure = cause.toString();
        }
        if (cause instanceof IOException) {
            concerned.forEach(socket -> refuse("serve on", socket, cause.getMessage()));
        } else {
            log.log(Level.ERROR, name + " cannot start its engine; connections wait", cause);
        }
    }

    private void close(Closeable gone) {
        try {
            gone.close();
        } catch (IOException e) {
            log.log(Level.DEBUG, "The descriptor is free all the same", e);
        }
    }
}
