package dev.mooring.ftp;

import dev.mooring.activation.NamedSocket;
import dev.mooring.ftp.internal.Engine;
import dev.mooring.ftp.internal.PassivePool;
import dev.mooring.share.Accounts;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Serves a share over FTP (RFC 959, 2228, 2389, 2428, 3659, 4217) on sockets that are handed to it, which may come and go
 * while it runs.
 *
 * <pre>{@code
 * try (FtpFileServer server = new FtpFileServer("ftp", share, FtpSettings.DEFAULT)) {
 *     server.setAccounts(accounts);
 *     NamedSockets.fromEnvironment().named("ftp").forEach(server::add);
 *     NamedSockets.fromEnvironment().named("ftp-data").forEach(server::addData);
 *     server.start();
 *     …
 * }
 * }</pre>
 *
 * <p>Passive mode uses the data sockets, if any was ever added: each is lent to a session for one connection, which must come
 * from the address of the control connection. Without them a port is bound on the address of the control connection for each
 * transfer. Active mode connects to the peer of the control connection and to nobody else.
 *
 * <p>An upload becomes visible when it is complete, and not at all if it is aborted; what is appended ({@code APPE}) or
 * resumed ({@code REST}) is written in place. Files are transferred as they are, whatever {@code TYPE} says. Names are
 * UTF-8 (RFC 2640).
 *
 * <p>The sockets stay the caller's: the server accepts from a duplicate of each, which it closes when the socket is
 * removed or the server is closed. The engine is loaded and built with the first control socket.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class FtpFileServer implements Closeable {

    private static final Logger LOG = System.getLogger(FtpFileServer.class.getName());

    private final String name;
    private final Share share;
    private final FtpSettings settings;
    private final PassivePool pool;
    private final Map<NamedSocket, Listener> listeners = new IdentityHashMap<>();
    private volatile @Nullable Accounts accounts;
    private volatile Function<String, @Nullable Share> otherShares = other -> null;
    private State state = State.NEW;
    private @Nullable Engine engine;

    private enum State {
        NEW,
        STARTED,
        CLOSED
    }

    /** What accepts from a socket; nothing before the start, or where the socket is no good. */
    private record Listener(@Nullable Closeable acceptor) {
        static final Listener NONE = new Listener(null);
    }

    /**
     * Makes a server, which does nothing before it is {@linkplain #start() started}.
     *
     * @param name what the server is called in the log
     * @param share what is served
     * @param settings how
     */
    public FtpFileServer(String name, Share share, FtpSettings settings) {
        this.name = name;
        this.share = share;
        this.settings = settings;
        pool = new PassivePool(name);
    }

    /**
     * Says who may log in, from now on. Sessions go on.
     *
     * @param accounts the accounts, {@code null} for nobody but anonymous, if that is set
     */
    public void setAccounts(@Nullable Accounts accounts) {
        this.accounts = accounts;
    }

    /**
     * The accounts that may log in.
     *
     * @return what was set last, {@code null} for none
     */
    public @Nullable Accounts accounts() {
        return accounts;
    }

    /**
     * Says where the shares of those accounts are that {@linkplain dev.mooring.share.Account#share() have one of their own}.
     * They do not get in where there is none.
     *
     * @param shares gives the share of a name, {@code null} if there is none; called by several threads
     */
    public void setOtherShares(Function<String, @Nullable Share> shares) {
        otherShares = shares;
    }

    /**
     * Serves on a socket too: at once if the server is started, else from its start on. A socket that cannot be served
     * on, because it is no listening TCP socket, is reported in the log and left alone; the others are served on. A
     * socket that was added before is not added again.
     *
     * @param socket the socket, which stays the caller's
     * @throws IllegalStateException if the server is closed
     */
    public synchronized void add(NamedSocket socket) {
        if (state == State.CLOSED) {
            throw new IllegalStateException(name + " is closed; make a new server");
        }
        if (!listeners.containsKey(socket)) {
            listeners.put(socket, state == State.STARTED ? listen(socket) : Listener.NONE);
        }
    }

    /**
     * Serves on a socket no more: accepts no further connection from it and closes the duplicate. Sessions that were
     * accepted from it go on. Nothing happens if the socket was not added.
     *
     * @param socket the socket
     */
    public synchronized void remove(NamedSocket socket) {
        Listener listener = listeners.remove(socket);
        if (listener != null) {
            close(listener);
        }
    }

    /**
     * Lends a socket to sessions for passive mode. One that cannot be used, because it is no listening TCP socket, is
     * reported in the log and left alone.
     *
     * @param socket the socket, which stays the caller's
     * @throws IllegalStateException if the server is closed
     */
    public synchronized void addData(NamedSocket socket) {
        if (state == State.CLOSED) {
            throw new IllegalStateException(name + " is closed; make a new server");
        }
        if (isTcp(socket, "take data connections from")) {
            try {
                pool.add(socket);
            } catch (IOException e) {
                report("take data connections from", socket, e);
            }
        }
    }

    /**
     * Lends a socket no more and closes the duplicate. Connections that were accepted from it go on. Nothing happens if the
     * socket was not added.
     *
     * @param socket the socket
     */
    public synchronized void removeData(NamedSocket socket) {
        pool.remove(socket);
    }

    /**
     * Begins to serve on the sockets that were added. Nothing happens if the server was started before.
     *
     * @throws IllegalStateException if the server is closed
     */
    public synchronized void start() {
        if (state == State.CLOSED) {
            throw new IllegalStateException(name + " is closed; make a new server");
        }
        if (state == State.NEW) {
            state = State.STARTED;
            listeners.replaceAll((socket, none) -> listen(socket));
        }
    }

    /**
     * Closes the duplicates first, so that a successor accepts what comes from here on, aborts transfers, and dismisses every
     * session (421).
     */
    @Override
    public synchronized void close() {
        state = State.CLOSED;
        listeners.values().forEach(FtpFileServer::close);
        listeners.clear();
        pool.close();
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    private boolean isTcp(NamedSocket socket, String purpose) {
        if (socket.family() == NamedSocket.Family.UNIX) {
            LOG.log(
                    Level.ERROR,
                    "{0} cannot {1} fd {2,number,#} (socket ''{3}''): it is a unix socket, and FTP needs TCP, to tell clients"
                            + " where to connect for data; set ListenStream= to an address and a port in its .socket unit",
                    name,
                    purpose,
                    socket.descriptor(),
                    socket.name());
            return false;
        }
        boolean internet = socket.family() == NamedSocket.Family.INET || socket.family() == NamedSocket.Family.INET6;
        if (!internet || !socket.listening() || socket.type() != NamedSocket.Type.STREAM) {
            LOG.log(
                    Level.ERROR,
                    "{0} cannot {1} fd {2,number,#} (socket ''{3}''): it is {4}, not a listening TCP socket;"
                            + " set ListenStream= and Accept=no in its .socket unit",
                    name,
                    purpose,
                    socket.descriptor(),
                    socket.name(),
                    kind(socket));
            return false;
        }
        return true;
    }

    private void report(String purpose, NamedSocket socket, IOException problem) {
        LOG.log(
                Level.ERROR,
                "{0} cannot {1} fd {2,number,#} (socket ''{3}''): {4}",
                name,
                purpose,
                socket.descriptor(),
                socket.name(),
                problem.getMessage());
    }

    private Listener listen(NamedSocket socket) {
        if (!isTcp(socket, "serve on")) {
            return Listener.NONE;
        }
        try {
            if (engine == null) {
                engine = new Engine(name, share, settings, pool, () -> accounts, other -> otherShares.apply(other));
            }
            Listener listener = new Listener(engine.listen(socket));
            LOG.log(
                    Level.INFO,
                    "{0} serves share ''{1}'' on {2} (fd {3,number,#})",
                    name,
                    share.name(),
                    url(socket),
                    socket.descriptor());
            return listener;
        } catch (IOException e) {
            report("serve on", socket, e);
            return Listener.NONE;
        }
    }

    private String url(NamedSocket socket) {
        String scheme = settings.tls() == FtpSettings.Tls.IMPLICIT ? "ftps://" : "ftp://";
        return socket.family() == NamedSocket.Family.INET6
                ? scheme + "[" + socket.address() + "]:" + socket.port() + "/"
                : scheme + socket.address() + ":" + socket.port() + "/";
    }

    private static String kind(NamedSocket socket) {
        return switch (socket.type()) {
            case FIFO, FILE -> "a " + socket.type();
            case STREAM -> socket.listening() ? "a " + socket.family() + " socket" : "a connected stream socket";
            default -> "a " + socket.type() + " socket";
        };
    }

    private static void close(Listener listener) {
        if (listener.acceptor() != null) {
            try {
                listener.acceptor().close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The duplicate is gone all the same", e);
            }
        }
    }
}
