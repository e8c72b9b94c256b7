package dev.mooring.http;

import dev.mooring.activation.NamedSocket;
import dev.mooring.http.internal.Engine;
import dev.mooring.share.Accounts;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves a share over HTTP/1.1 (RFC 9110, RFC 9112) on sockets that are handed to it, of whatever family, which may come
 * and go while it runs.
 *
 * <pre>{@code
 * try (HttpServer server = new HttpServer("http", share, HttpSettings.DEFAULT)) {
 *     NamedSockets.fromEnvironment().named("http").forEach(server::add);
 *     server.start();
 *     …
 * }
 * }</pre>
 *
 * <p>The sockets stay the caller's: the server accepts from a duplicate of each, which it closes when the socket is
 * removed or the server is closed. The engine is built with the first socket.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class HttpServer implements Closeable {

    private static final Logger LOG = System.getLogger(HttpServer.class.getName());

    private final String name;
    private final Share share;
    private final HttpSettings settings;
    private final @Nullable Accounts accounts;
    private final Map<NamedSocket, Listener> listeners = new IdentityHashMap<>();
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
    public HttpServer(String name, Share share, HttpSettings settings) {
        this(name, share, settings, null);
    }

    /**
     * Makes a server for those who have an account.
     *
     * @param name what the server is called in the log
     * @param share what is served
     * @param settings how
     * @param accounts to whom, by Basic authentication (RFC 7617); {@code null} for everybody
     */
    public HttpServer(String name, Share share, HttpSettings settings, @Nullable Accounts accounts) {
        this.name = name;
        this.share = share;
        this.settings = settings;
        this.accounts = accounts;
    }

    /**
     * Serves on a socket too: at once if the server is started, else from its start on. A socket that cannot be served
     * on, because it is no listening stream socket, is reported in the log and left alone; the others are served on. A
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
     * Serves on a socket no more: accepts no further connection from it and closes the duplicate. Connections that were
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

    /** Closes the duplicates first, so that a successor accepts what comes from here on, and then every connection. */
    @Override
    public synchronized void close() {
        state = State.CLOSED;
        listeners.values().forEach(HttpServer::close);
        listeners.clear();
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    private Listener listen(NamedSocket socket) {
        if (!socket.listening() || socket.type() != NamedSocket.Type.STREAM) {
            LOG.log(
                    Level.ERROR,
                    "{0} cannot serve on fd {1,number,#} (socket ''{2}''): it is {3}, not a listening stream socket;"
                            + " set ListenStream= and Accept=no in its .socket unit",
                    name,
                    socket.descriptor(),
                    socket.name(),
                    kind(socket));
            return Listener.NONE;
        }
        ServerSocketChannel channel;
        try {
            channel = socket.openServerSocketChannel();
        } catch (IOException e) {
            LOG.log(
                    Level.ERROR,
                    "{0} cannot serve on fd {1,number,#} (socket ''{2}''): {3}",
                    name,
                    socket.descriptor(),
                    socket.name(),
                    e.getMessage());
            return Listener.NONE;
        }
        if (engine == null) {
            engine = new Engine(name, share, settings, accounts);
        }
        Listener listener = new Listener(engine.listen(channel));
        LOG.log(
                Level.INFO,
                "{0} serves share ''{1}'' on {2} (fd {3,number,#})",
                name,
                share.name(),
                url(socket),
                socket.descriptor());
        return listener;
    }

    private String url(NamedSocket socket) {
        String base = settings.basePath().equals("/") ? "/" : settings.basePath() + "/";
        return switch (socket.family()) {
            case INET -> "http://" + socket.address() + ":" + socket.port() + base;
            case INET6 -> "http://[" + socket.address() + "]:" + socket.port() + base;
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
