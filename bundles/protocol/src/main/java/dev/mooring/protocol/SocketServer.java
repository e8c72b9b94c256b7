package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.share.Accounts;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

    /** In place of what accepts from a socket, before the start, or where the socket is no good. */
    private static final Closeable NOTHING = () -> {};

    private static final Duration DISMISSAL = Duration.ofMillis(250);

    /** For whoever comes with the start: what can wait does not take the processor from them meanwhile. */
    private static final long SETTLING_MILLIS = 1000;

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final Logger log = System.getLogger(getClass().getName());
    private final String name;
    private final String protocol;
    private final CurrentAccounts accounts;
    private final ServedShares shares;
    private final Traffic traffic;
    private final Map<NamedSocket, Closeable> listeners = new IdentityHashMap<>();
    private State state = State.NEW;
    private @Nullable Selector queues;
    private boolean awaited;
    private boolean prepared;
    private @Nullable String failure;
    private volatile @Nullable Engine engine;

    /** A duplicate that nothing is accepted from yet. */
    private record Watched(ServerSocketChannel duplicate, Selector queues) implements Closeable {

        @Override
        public void close() throws IOException {
            duplicate.close();
            // It is open until the selector lets go of it.
            queues.wakeup();
        }
    }

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
     */
    protected SocketServer(String name, String protocol, Share share) {
        this.name = name;
        this.protocol = protocol;
        accounts = new CurrentAccounts(name);
        traffic = new Traffic(name);
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
        return listeners.entrySet().stream()
                .filter(each ->
                        each.getValue() != NOTHING && (failure == null || !(each.getValue() instanceof Watched)))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public final long connections() {
        return traffic.connections();
    }

    @Override
    public final Duration idle() {
        return traffic.idle();
    }

    @Override
    public final long transfers() {
        return traffic.transfers();
    }

    @Override
    public final long bytes() {
        return traffic.bytes();
    }

    /**
     * Writes what clients do to the access log from now on, or stops that.
     *
     * @param logged whether there is a log; there is none at first
     */
    public final void setAccessLog(boolean logged) {
        traffic.setLogged(logged);
    }

    /**
     * Where an engine notes what its clients do.
     *
     * @return what is counted and logged
     */
    protected final Traffic traffic() {
        return traffic;
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
    public final synchronized void add(NamedSocket socket) {
        checkOpen();
        if (!listeners.containsKey(socket)) {
            listeners.put(socket, NOTHING);
            if (state == State.STARTED) {
                listen(List.of(socket));
            }
        }
    }

    /**
     * Serves on a socket no more: accepts no further connection from it and closes the duplicate. Connections that were
     * accepted from it go on. Nothing happens if the socket was not added.
     *
     * @param socket the socket
     */
    public final synchronized void remove(NamedSocket socket) {
        close(listeners.remove(socket));
    }

    /**
     * Begins to serve on the sockets that were added. If nobody is waiting to be served, the engine is made for the first who
     * connects, by a thread that does nothing but wait for that. Nothing happens if the server was started before.
     *
     * @throws IllegalStateException if the server is closed
     */
    public final synchronized void start() {
        checkOpen();
        if (state == State.NEW) {
            state = State.STARTED;
            listen(List.copyOf(listeners.keySet()));
        }
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
            closeListeners();
        }
        if (!patience.isZero()) {
            letGo();
        }
        if (patience.isZero() || traffic.connections() == 0) {
            close();
            ended.run();
            return;
        }
        log.log(Level.INFO, "{0} drains {1} connections", name, traffic.connections());
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
            } while (!traffic.awaitNoConnection(DISMISSAL) && System.nanoTime() < deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (traffic.connections() > 0) {
            log.log(
                    Level.WARNING,
                    "{0} breaks off {1} connections, which have not ended within drain.timeout",
                    name,
                    traffic.connections());
        }
        close();
    }

    @Override
    public final synchronized boolean draining() {
        return state == State.DRAINING;
    }

    /** Closes the duplicates first, so that a successor accepts what comes from here on, and then ends every connection. */
    @Override
    public final synchronized void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            closeListeners();
            end();
            shares.close();
        }
    }

    private void closeListeners() {
        listeners.values().forEach(this::close);
        listeners.clear();
        close(queues);
        queues = null;
        notifyAll();
    }

    /**
     * Loads what is no part of the engine and may be no good, so that this is said at the start and not to the first client: called
     * soon after the start if nobody connects, in any case before the engine is made, and again after it has failed. Called
     * under the lock of this object.
     *
     * @throws IOException if nothing can be served like that; the message says why, and the remedy
     */
    protected void prepare() throws IOException {
        // Most servers can do no wrong before their engine does.
    }

    /**
     * Makes the engine, for the first connection, and for another one if it fails. Called under the lock of this object.
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
    protected void letGo() {
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

    /** Opens duplicates, and has them accepted from: now, if the engine is there or somebody waits, else as soon as somebody does. */
    private void listen(List<NamedSocket> added) {
        added.forEach(socket -> listeners.put(socket, tryListen(socket)));
        if (queues != null && !awaited) {
            if (!isSomebodyIn(queues) || !tryServe(true)) {
                awaited = true;
                Selector watching = queues;
                Thread thread = new Thread(() -> awaitConnection(watching), name + "-queue");
                thread.setDaemon(true);
                thread.start();
            }
        }
        announce(sockets().stream().filter(added::contains).toList());
    }

    private void announce(List<NamedSocket> served) {
        for (NamedSocket socket : served) {
            // Said while the first client is served: a format with places to fill would take as long as the request.
            log.log(
                    Level.INFO,
                    () -> name + " serves share '" + shares.own().name() + "' on " + url(socket) + " (fd "
                            + socket.descriptor() + ")");
        }
    }

    private Closeable tryListen(NamedSocket socket) {
        String fault = fault(socket);
        if (fault != null) {
            refuse("serve on", socket, fault);
            return NOTHING;
        }
        try {
            ServerSocketChannel duplicate = socket.openServerSocketChannel();
            return engine == null ? watch(duplicate) : listen(engine, socket, duplicate);
        } catch (IOException e) {
            refuse("serve on", socket, e.getMessage());
            return NOTHING;
        }
    }

    private Closeable listen(Engine running, NamedSocket socket, ServerSocketChannel duplicate) {
        try {
            return running.listen(socket, duplicate);
        } catch (IOException e) {
            close(duplicate);
            refuse("serve on", socket, e.getMessage());
            return NOTHING;
        }
    }

    private Watched watch(ServerSocketChannel duplicate) throws IOException {
        try {
            if (queues == null) {
                queues = Selector.open();
            }
            duplicate.register(queues, SelectionKey.OP_ACCEPT);
            queues.wakeup();
            return new Watched(duplicate, queues);
        } catch (IOException e) {
            duplicate.close();
            throw e;
        }
    }

    private boolean isSomebodyIn(Selector watching) {
        try {
            return watching.selectNow(key -> {}) > 0;
        } catch (IOException e) {
            log.log(Level.DEBUG, "The thread will see", e);
            return false;
        }
    }

    private void awaitConnection(Selector watching) {
        try {
            boolean somebody = watching.select(key -> {}, SETTLING_MILLIS) > 0;
            while (!tryServe(somebody)) {
                somebody = watching.select(key -> {}) > 0;
            }
        } catch (ClosedSelectorException e) {
            log.log(Level.DEBUG, "The server has ended before anybody came", e);
        } catch (IOException e) {
            log.log(Level.ERROR, "{0} cannot wait for connections: {1}", name, e.getMessage());
        }
    }

    /**
     * Gets ready, and has the engine take the sockets over if somebody waits. After a failure it takes a moment, so that it can
     * be called again at once.
     *
     * @return whether there is nothing more to wait for
     */
    private synchronized boolean tryServe(boolean somebody) {
        if (state != State.STARTED) {
            return true;
        }
        try {
            if (!prepared) {
                prepare();
                prepared = true;
                recovered();
            }
            if (somebody) {
                Engine made = makeEngine();
                engine = made;
                close(queues);
                queues = null;
                listeners.replaceAll((socket, listener) ->
                        listener instanceof Watched watched ? listen(made, socket, watched.duplicate()) : listener);
                recovered();
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            report(e);
            rest();
        }
        return engine != null;
    }

    private Engine makeEngine() throws IOException {
        try {
            return GivenServices.call(getClass(), services(), this::engine);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void recovered() {
        if (failure != null) {
            failure = null;
            announce(sockets());
        }
    }

    private void report(Throwable cause) {
        if (cause.toString().equals(failure)) {
            return;
        }
        failure = cause.toString();
        if (cause instanceof IOException) {
            listeners.forEach((socket, listener) -> {
                if (listener instanceof Watched) {
                    refuse("serve on", socket, cause.getMessage());
                }
            });
        } else {
            log.log(Level.ERROR, name + " cannot start its engine; connections wait", cause);
        }
    }

    private void rest() {
        try {
            if (awaited) {
                TimeUnit.NANOSECONDS.timedWait(this, PAUSE_AFTER_FAILURE.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void close(@Nullable Closeable listener) {
        if (listener != null) {
            try {
                listener.close();
            } catch (IOException e) {
                log.log(Level.DEBUG, "The duplicate is gone all the same", e);
            }
        }
    }
}
