package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.share.Accounts;
import dev.mooring.share.ClientLog;
import dev.mooring.share.ClientText;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A server of some protocol, on sockets that are handed to it and may come and go while it runs.
 *
 * <p>The sockets stay the caller's: the server accepts from a duplicate of each, which it closes when the socket is
 * removed or the server is closed. A socket that cannot be served on is reported in the log and left alone; the others are
 * served on.
 *
 * <p>Instances are safe for use by several threads.
 */
public abstract class SocketServer implements ProtocolServer, Closeable {

    private static final Duration YOUNG = Duration.ofSeconds(2);
    private static final Duration DISMISSAL = Duration.ofMillis(250);

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

    /** Held while the server is closed, so that a second caller returns only when it is. Taken before the lock of this object. */
    private final Object closing = new Object();

    /** A duplicate for each socket, null where it cannot be served on. Guarded by this, as are the fields below. */
    private final Map<NamedSocket, @Nullable ServerSocketChannel> duplicates = new IdentityHashMap<>();

    private State state = State.NEW;
    private @Nullable AcceptLoop loop;
    private @Nullable String failure;

    /** Touched only by the thread that gets the server ready: first that of {@link #start}, then that of the loop. */
    private boolean prepared;

    private volatile @Nullable Engine engine;

    private enum State {
        NEW,
        STARTED,
        DRAINING,
        CLOSED
    }

    /**
     * Makes a server, which does nothing before it is {@linkplain #start() started}.
     *
     * @param name what the server is called in the log
     * @param protocol the scheme of its URLs (RFC 3986 section 3.1)
     * @param share what is served
     * @param limits how many connections there may be, if the process has room for them
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
     * Writes what clients do to the access log from now on, or stops that.
     *
     * @param logged whether there is a log; there is none at first
     */
    public final void setAccessLog(boolean logged) {
        metrics.setLogged(logged);
    }

    /**
     * Where an engine notes what its clients do.
     *
     * @return what is counted and logged
     */
    protected final ServerMetrics metrics() {
        return metrics;
    }

    /**
     * Says who may log in, from now on. Who is logged in goes on. While nobody has said so no password is right.
     *
     * @param current the accounts
     */
    public final void setAccounts(Accounts current) {
        accounts.set(current);
    }

    /**
     * Lets nobody log in from now on, unless other accounts have been set.
     *
     * @param gone the accounts that were set
     */
    public final void unsetAccounts(Accounts gone) {
        accounts.unset(gone);
    }

    /**
     * Who may log in.
     *
     * @return those that are set when they are asked; while there are none their verdict is
     *     {@link dev.mooring.share.Verdict.Unavailable}
     */
    protected final Accounts accounts() {
        return accounts;
    }

    /**
     * What is served.
     *
     * @return the server's share, and those that an account may name
     */
    public final ServedShares shares() {
        return shares;
    }

    /**
     * Serves on a socket too: at once if the server is started, else from its start on. A socket that was added before is
     * not added again.
     *
     * @param socket the socket, which stays the caller's
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
     * Stops serving on a socket: closes the duplicate. Connections that were accepted from it go on. Nothing happens if the socket was
     * not added.
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
        if (running != null && duplicate != null) {
            running.remove(duplicate);
        }
    }

    /**
     * Begins to serve on the sockets that were added. If no client waits, the engine is made for the first one that connects, by the
     * thread that accepts. Nothing happens if the server was started before.
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
     * Closes the duplicates, so that a successor accepts what comes from here on, and lets every connection come to its end:
     * clients that wait for nothing are told to go, in the way of the protocol; what is in transfer goes on. Returns at once;
     * a thread of its own sees to the rest, and closes the server when the last connection has ended, or the time is over.
     * Nothing happens if the server is draining or closed.
     *
     * @param patience how long it may take; nothing for {@link #close()}
     * @param ended called when the server is closed, by any thread
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
        // Whoever ends the process waits for it, as long as that makes sense.
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
                    "{0} breaks off {1} connections, which have not ended within drain.timeout",
                    name,
                    metrics.connections());
        }
        close();
    }

    @Override
    public final synchronized boolean draining() {
        return state == State.DRAINING;
    }

    /** Stops accepting first, so that a successor accepts what comes from here on, and then ends every connection. */
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
            duplicates.clear();
        }
        if (running != null) {
            close(running);
        }
    }

    /**
     * Loads what is no part of the engine and may be no good, so that this is said at the start and not to the first client: called
     * soon after the start if nobody connects, in any case before the engine is made, and again after it has failed. One thread
     * at a time calls it.
     *
     * @throws IOException if nothing can be served like that; the message says why, and the remedy
     */
    protected void prepare() throws IOException {
        // Most servers can do no wrong before their engine does.
    }

    /**
     * Makes the engine, for the first connection, and for another one if it fails. One thread at a time calls it.
     *
     * @return the engine, which is this server's to close
     * @throws IOException if that is not possible; the message says why
     */
    protected abstract Engine engine() throws IOException;

    /**
     * What the libraries of the engine find for the services that they look for while it is made; for what is not among them they
     * look in the bundle.
     *
     * @return names of implementations by those of their services
     */
    protected Map<String, String> services() {
        return Map.of();
    }

    /**
     * Gives back what a successor needs besides the sockets that are served on, within a second or so. Called once, before
     * the server drains.
     */
    protected void releaseDataSockets() {
        // Most servers have nothing besides.
    }

    /** Ends what there is, after the duplicates have been closed. Called once, under the lock of this object. */
    protected void end() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    /**
     * Why a socket cannot be served on.
     *
     * @param socket the socket
     * @return what it is and the remedy, {@code null} if nothing is wrong with it
     */
    protected @Nullable String fault(NamedSocket socket) {
        return socket.listening() && socket.type() == Type.STREAM
                ? null
                : "it is " + kind(socket)
                        + ", not a listening stream socket; set ListenStream= and Accept=no in its .socket unit";
    }

    /**
     * Where clients find what is served on a socket.
     *
     * @param socket the socket
     * @return a URL, or what the socket is where there is none
     */
    protected String url(NamedSocket socket) {
        return switch (socket.family()) {
            case INET -> protocol + "://" + socket.address() + ":" + socket.port() + "/";
            case INET6 -> protocol + "://[" + socket.address() + "]:" + socket.port() + "/";
            default -> socket.family() + ":" + socket.address();
        };
    }

    /**
     * What a socket is, in words.
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
     * Says in the log that a socket is left alone.
     *
     * @param purpose what was to be done with it, such as {@code serve on}
     * @param socket the socket
     * @param reason why that cannot be, and the remedy
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
     * Refuses to go on after the end.
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
                    continue;
                } catch (IOException e) {
                    fault = e.getMessage();
                }
            }
            refuse("serve on", socket, fault);
        }
    }

    private void announce(List<NamedSocket> sockets) {
        List<NamedSocket> served = sockets().stream().filter(sockets::contains).toList();
        for (NamedSocket socket : served) {
            // Said while the first client is served: a format with places to fill would take as long as the request.
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

    /** What the loop does with connections. */
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
                turnedAway.log(Level.WARNING, null, () -> name + " turns connections away: " + reason);
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
