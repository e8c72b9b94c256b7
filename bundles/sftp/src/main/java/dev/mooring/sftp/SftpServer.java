package dev.mooring.sftp;

import dev.mooring.activation.NamedSocket;
import dev.mooring.sftp.internal.Listeners;
import dev.mooring.share.Accounts;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves a share over SFTP (versions 3 to 6, with the extensions of OpenSSH) and scp on TCP sockets that are handed to it,
 * which may come and go while it runs. There is no shell, no forwarding, and no command but scp and those that hash a file
 * ({@code md5sum} and its like).
 *
 * <pre>{@code
 * try (SftpServer server = new SftpServer("sftp", share, accounts, SftpSettings.defaults(Path.of("/var/lib/sftp")))) {
 *     NamedSockets.fromEnvironment().named("sftp").forEach(server::add);
 *     server.start();
 *     …
 * }
 * }</pre>
 *
 * <p>The sockets stay the caller's: the server accepts from a duplicate of each, which it closes when the socket is
 * removed or the server is closed. The engine is built, and a host key made where there is none, with the first
 * connection.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class SftpServer implements Closeable {

    private static final Logger LOG = System.getLogger(SftpServer.class.getName());

    private final String name;
    private final Share share;
    private final Listeners listeners;
    private final Map<NamedSocket, Closeable> sockets = new IdentityHashMap<>();
    private State state = State.NEW;

    private enum State {
        NEW,
        STARTED,
        CLOSED
    }

    /**
     * Makes a server, which does nothing before it is {@linkplain #start() started}.
     *
     * @param name what the server is called in the log
     * @param share what is served to accounts that have no share of their own
     * @param accounts who may log in
     * @param settings how
     */
    public SftpServer(String name, Share share, Accounts accounts, SftpSettings settings) {
        this.name = name;
        this.share = share;
        this.listeners = new Listeners(name, share, accounts, settings);
    }

    /**
     * Lets accounts use another share, if they have its name. Who is of a share that is not here cannot log in.
     *
     * @param other the share
     */
    public void addShare(Share other) {
        listeners.shares().add(other);
    }

    /**
     * Keeps accounts from using a share that was added. Who is logged in goes on.
     *
     * @param other the share
     */
    public void removeShare(Share other) {
        listeners.shares().remove(other);
    }

    /**
     * Serves on a socket too: at once if the server is started, else from its start on. A socket that cannot be served
     * on, because it is no listening TCP socket, is reported in the log and left alone; the others are served on. A socket
     * that was added before is not added again.
     *
     * @param socket the socket, which stays the caller's
     * @throws IllegalStateException if the server is closed
     */
    public synchronized void add(NamedSocket socket) {
        checkOpen();
        if (!sockets.containsKey(socket)) {
            sockets.put(socket, state == State.STARTED ? listen(socket) : SftpServer::nothing);
        }
    }

    /**
     * Serves on a socket no more: accepts no further connection from it and closes the duplicate. Connections that were
     * accepted from it go on. Nothing happens if the socket was not added.
     *
     * @param socket the socket
     */
    public synchronized void remove(NamedSocket socket) {
        close(sockets.remove(socket));
    }

    /**
     * Begins to serve on the sockets that were added. Nothing happens if the server was started before.
     *
     * @throws IllegalStateException if the server is closed
     */
    public synchronized void start() {
        checkOpen();
        if (state == State.NEW) {
            state = State.STARTED;
            listeners.checkHostKeys();
            sockets.replaceAll((socket, none) -> listen(socket));
        }
    }

    /**
     * Closes the duplicates first, so that a successor accepts what comes from here on, then tells every client that the
     * server is going, and ends the connections.
     */
    @Override
    public synchronized void close() {
        state = State.CLOSED;
        sockets.values().forEach(SftpServer::close);
        sockets.clear();
        listeners.close();
    }

    private void checkOpen() {
        if (state == State.CLOSED) {
            throw new IllegalStateException(name + " is closed; make a new server");
        }
    }

    private Closeable listen(NamedSocket socket) {
        if (!socket.listening() || socket.type() != NamedSocket.Type.STREAM) {
            return refuse(
                    socket,
                    "it is " + kind(socket)
                            + ", not a listening stream socket; set ListenStream= and Accept=no in its .socket unit");
        }
        try {
            Closeable listener = listeners.listen(socket);
            LOG.log(
                    Level.INFO,
                    "{0} serves share ''{1}'' on {2} (fd {3,number,#})",
                    name,
                    share.name(),
                    url(socket),
                    socket.descriptor());
            return listener;
        } catch (IOException e) {
            return refuse(socket, e.getMessage());
        }
    }

    private Closeable refuse(NamedSocket socket, @Nullable String reason) {
        LOG.log(
                Level.ERROR,
                "{0} cannot serve on fd {1,number,#} (socket ''{2}''): {3}",
                name,
                socket.descriptor(),
                socket.name(),
                reason);
        return SftpServer::nothing;
    }

    private static void nothing() {
        // There is nothing to close.
    }

    private static String url(NamedSocket socket) {
        return switch (socket.family()) {
            case INET -> "sftp://" + socket.address() + ":" + socket.port() + "/";
            case INET6 -> "sftp://[" + socket.address() + "]:" + socket.port() + "/";
            default -> socket.family() + ":" + socket.address();
        };
    }

    private static String kind(NamedSocket socket) {
        return switch (socket.type()) {
            case FIFO, FILE -> "a " + socket.type();
            case STREAM -> "a connected stream socket";
            default -> "a " + socket.type() + " socket";
        };
    }

    private static void close(@Nullable Closeable listener) {
        if (listener != null) {
            try {
                listener.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The duplicate is gone all the same", e);
            }
        }
    }
}
