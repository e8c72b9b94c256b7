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
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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

    private final Logger log = System.getLogger(getClass().getName());
    private final String name;
    private final String protocol;
    private final CurrentAccounts accounts;
    private final ServedShares shares;
    private final Traffic traffic;
    private final Map<NamedSocket, Closeable> listeners = new IdentityHashMap<>();
    private State state = State.NEW;
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
                .filter(each -> each.getValue() != NOTHING)
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
            listeners.put(socket, state == State.STARTED ? tryListen(socket) : NOTHING);
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
     * Begins to serve on the sockets that were added. Nothing happens if the server was started before.
     *
     * @throws IllegalStateException if the server is closed
     */
    public final synchronized void start() {
        checkOpen();
        if (state == State.NEW) {
            state = State.STARTED;
            prepare();
            listeners.replaceAll((socket, none) -> tryListen(socket));
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
    }

    /** Called once, at the start, before the first socket. */
    protected void prepare() {
        // Most servers build everything with the first socket or later.
    }

    /**
     * Makes the engine, for the first socket, and for the next one if it fails. Called under the lock of this object.
     *
     * @return the engine, which is this server's to close
     * @throws IOException if that is not possible; the message says why
     */
    protected abstract Engine engine() throws IOException;

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

    private Closeable tryListen(NamedSocket socket) {
        String fault = fault(socket);
        if (fault != null) {
            refuse("serve on", socket, fault);
            return NOTHING;
        }
        try {
            if (engine == null) {
                engine = engine();
            }
            Closeable listener = engine.listen(socket);
            log.log(
                    Level.INFO,
                    "{0} serves share ''{1}'' on {2} (fd {3,number,#})",
                    name,
                    shares.own().name(),
                    url(socket),
                    socket.descriptor());
            return listener;
        } catch (IOException e) {
            refuse("serve on", socket, e.getMessage());
            return NOTHING;
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
