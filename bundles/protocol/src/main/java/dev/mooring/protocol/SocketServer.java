package dev.mooring.protocol;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.protocol.internal.CurrentAccounts;
import dev.mooring.protocol.internal.accept.AcceptLoop;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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

    private static final Duration DISMISSAL = Duration.ofMillis(250);

    /** A century: longer than any process, and short enough for {@link System#nanoTime}. */
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Logger log = System.getLogger(getClass().getName());
    private final String name;
    private final String protocol;
    private final CurrentAccounts accounts;
    private final ServedShares shares;
    private final ServerMetrics metrics;
    private final EngineHolder engine;
    private final ServedSockets served;

    /** Held during the close, so that a second caller returns only when it is done. Taken before the lock of this object. */
    private final Object closing = new Object();

    /** A duplicate for each socket; null if the server cannot serve on it. Guarded by this, as are the fields below. */
    private final Map<NamedSocket, @Nullable ServerSocketChannel> duplicates = new IdentityHashMap<>();

    private State state = State.NEW;
    private boolean keepsDataSockets;

    /** Whether a draining server was replaced, so that its sessions continue. */
    private boolean replaced;

    /** When the connections of a draining server are closed, by {@link System#nanoTime}. */
    private long drainEnd;

    private volatile boolean rehearsing;
    private @Nullable AcceptLoop loop;

    private enum State {
        NEW,
        /** The engine is made, but another server still accepts. */
        STANDBY,
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
        shares = new ServedShares(share, metrics::connections);
        Limits fitted = limits.fitted(heapEach);
        engine = new EngineHolder(this, fitted);
        served = new ServedSockets(this, fitted, fitted.connections() < limits.connections());
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
                .filter(each -> each.getValue() != null && !engine.hasFailed())
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
    public final long proxyErrors() {
        return metrics.proxyErrors();
    }

    @Override
    public final synchronized @Nullable String problem() {
        if (engine.hasFailed()) {
            return "cannot start its engine, see the log";
        }
        return state == State.STARTED && !duplicates.isEmpty() && sockets().isEmpty()
                ? "cannot serve on its socket, see the log"
                : null;
    }

    /**
     * Lifts the limits of connections, for a rehearsal: its next connection may be accepted before the last one has ended. Called before
     * {@link #start}.
     */
    final void liftLimits() {
        engine.liftLimits();
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
     * Requires a header of the PROXY protocol, version 1 or 2, at the beginning of each connection, before TLS too. The announced client then counts
     * as the client of the connection. Data connections of FTP have no header.
     *
     * @param proxies the only peers that may connect
     * @throws IllegalStateException if the server was started before
     */
    public final synchronized void requireProxyProtocol(TrustedProxies proxies) {
        if (state != State.NEW) {
            throw new IllegalStateException(name + " was started before; require the PROXY protocol first");
        }
        engine.requireProxyProtocol(proxies);
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
     * Removes the accounts, unless others have been set since or the server drains. Future logins are refused.
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
            if (state != State.STARTED) {
                return;
            }
            listen(List.of(socket));
        }
        served.announce(List.of(socket));
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
        served.remove(socket);
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
                engine.start();
                made = new AcceptLoop(name, engine);
            } catch (IOException e) {
                added.forEach(socket -> refuse("serve on", socket, e.getMessage()));
                return;
            }
            loop = made;
            listen(added);
            // Under the lock, so that a drain always removes it afterwards.
            DataLenders.add(this);
        }
        made.start();
        rehearsing = false;
        served.announce(added);
    }

    /**
     * Closes the duplicates, so that a successor accepts all further connections, and waits for the existing ones to end. The engine dismisses idle
     * clients; transfers continue. Does not wait for them: a separate thread closes the server when the last connection has ended or the time is over. If the
     * server drains because it was replaced, this time applies from now on. Otherwise does nothing if it is draining or closed.
     *
     * @param patience the time limit; zero for {@link #close()}
     * @param ended called by any thread when the server is closed
     */
    public final void drain(Duration patience, Runnable ended) {
        synchronized (this) {
            if (replaced) {
                replaced = false;
                drainEnd = endOf(patience);
            }
        }
        drain(patience, false, ended);
    }

    /**
     * The same after another server has taken over the sockets: sessions continue too, although they are idle. The engine dismisses only clients that do not
     * notice it.
     *
     * @param limit the time limit; zero for none
     * @param ended called by any thread when the server is closed
     */
    final void drainReplaced(Duration limit, Runnable ended) {
        drain(limit.isZero() ? FOREVER : limit, true, ended);
    }

    private void drain(Duration patience, boolean toSuccessor, Runnable ended) {
        boolean release;
        synchronized (this) {
            if (state == State.DRAINING || state == State.CLOSED) {
                return;
            }
            state = State.DRAINING;
            replaced = toSuccessor;
            drainEnd = endOf(patience);
            release = !patience.isZero() && !keepsDataSockets;
            // Declarative Services remove both from a component that was deactivated.
            shares.keep();
            accounts.keep();
        }
        stopAccepting();
        if (release) {
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
                    awaitClients();
                    ended.run();
                },
                name + "-drain");
        // Daemon thread: shutdown waits for draining explicitly.
        thread.setDaemon(true);
        thread.start();
    }

    private static long endOf(Duration patience) {
        return System.nanoTime() + (patience.compareTo(FOREVER) < 0 ? patience : FOREVER).toNanos();
    }

    /** Waits until the clients of a draining server have gone or the time is over, and closes the server. */
    private void awaitClients() {
        try {
            do {
                engine.dismissIdle(isReplaced());
            } while (!metrics.awaitNoConnection(DISMISSAL) && drainNanosLeft() > 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (metrics.connections() > 0) {
            log.log(
                    Level.WARNING,
                    "{0} closes {1} connections, which did not end within {2}",
                    name,
                    metrics.connections(),
                    isReplaced() ? "replaced.timeout" : "drain.timeout");
        }
        close();
    }

    private synchronized boolean isReplaced() {
        return replaced;
    }

    private synchronized long drainNanosLeft() {
        return drainEnd - System.nanoTime();
    }

    /**
     * Makes the engine before the server accepts connections, which it does from {@link #start} on. Does nothing if the server is started or closed.
     *
     * @throws Exception if the engine cannot be made
     */
    final void standBy() throws Exception {
        synchronized (this) {
            if (state != State.NEW) {
                return;
            }
            state = State.STANDBY;
        }
        engine.makeAhead();
    }

    /** Notes that {@link #start} is called after a rehearsal. */
    final void expectRehearsal() {
        rehearsing = true;
    }

    @Override
    public final boolean rehearsing() {
        return rehearsing;
    }

    /** Whether the server has started, but cannot serve on a socket that was added. */
    final synchronized boolean refuses(NamedSocket socket) {
        return state == State.STARTED && duplicates.containsKey(socket) && duplicates.get(socket) == null;
    }

    /** Whether the server accepts connections. */
    final synchronized boolean isStarted() {
        return state == State.STARTED;
    }

    /** Whether the server can use an engine. */
    final synchronized boolean needsEngine() {
        return state == State.STANDBY || state == State.STARTED;
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
            DataLenders.remove(this);
            engine.stopReadingHeaders();
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
            duplicates.keySet().forEach(served::remove);
            duplicates.clear();
        }
        if (running != null) {
            close(running);
        }
    }

    /**
     * Checks everything except the engine, such as certificates, so that errors are logged at the start and not when the first client connects.
     * Called soon after the start if no client connects, always before the engine is made, and again after a failure. One thread at a time calls it.
     *
     * @throws IOException if the server cannot serve; the message has the reason and the remedy
     */
    protected void prepare() throws IOException {
        // Most servers have nothing to check.
    }

    /**
     * Sends requests of each kind to a server of this class, with the same configuration, so that the code is loaded and compiled before this server
     * takes over from another.
     *
     * @param rehearsal the server
     * @throws IOException if a request fails; this server then does not take over
     */
    protected void rehearse(Rehearsal rehearsal) throws IOException {
        // Nothing is loaded ahead.
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
     * Notes that no other server takes over from this one, because the process or its framework ends. So its sessions keep the data sockets while it drains.
     * Called before {@link #drain}.
     */
    public final synchronized void keepDataSockets() {
        keepsDataSockets = true;
    }

    /**
     * Whether the data sockets stay, although they are removed or the server drains.
     *
     * @return {@code true} after {@link #keepDataSockets}
     */
    protected final synchronized boolean keepsDataSockets() {
        return keepsDataSockets;
    }

    /** Releases the data sockets, if the server has some, for the server that replaces this one. Further calls do nothing. */
    final void releaseDataSockets() {
        DataLenders.remove(this);
        if (this instanceof DataSockets lender) {
            lender.releaseData();
        }
    }

    /**
     * The server that lends data sockets to the sessions of this one, after this one has released its own.
     *
     * @param patience how long to wait for it
     * @return a server of the same name, perhaps of another bundle; {@code null} if there is none in time
     */
    protected final @Nullable DataSockets awaitLender(Duration patience) {
        return DataLenders.await(name, patience);
    }

    /** Closes the engine, after the duplicates. Called once, under the lock of this object. */
    protected void end() {
        engine.close();
    }

    /**
     * Checks whether the server can serve on a socket.
     *
     * @param socket the socket
     * @return the problem and the remedy, as a clause; {@code null} if the server can serve on it
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
     * Logs an error for a socket that the server cannot use.
     *
     * @param purpose the verb of the message, such as {@code serve on}
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
                    served.add(socket);
                    continue;
                } catch (IOException e) {
                    fault = e.getMessage();
                }
            }
            refuse("serve on", socket, fault);
        }
    }

    /** Logs again on which sockets the server serves. */
    final void announce() {
        served.announce(sockets());
    }

    final void close(Closeable gone) {
        try {
            gone.close();
        } catch (IOException e) {
            log.log(Level.DEBUG, "Closing failed, but the descriptor is free", e);
        }
    }
}
