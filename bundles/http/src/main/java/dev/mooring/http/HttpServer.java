package dev.mooring.http;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.http.internal.Engine;
import dev.mooring.protocol.SocketServer;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
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
 * <p>The engine is built with the first socket.
 */
public final class HttpServer extends SocketServer {

    private final HttpSettings settings;
    private final boolean authentication;
    private volatile @Nullable Engine engine;

    /**
     * Makes a server for everybody, which does nothing before it is {@linkplain #start() started}.
     *
     * @param name what the server is called in the log
     * @param share what is served
     * @param settings how
     */
    public HttpServer(String name, Share share, HttpSettings settings) {
        this(name, share, settings, false);
    }

    /**
     * Makes a server.
     *
     * @param name what the server is called in the log
     * @param share what is served
     * @param settings how
     * @param authentication {@code true} to serve only those who {@linkplain #setAccounts have an account}, by Basic
     *     authentication (RFC 7617)
     */
    public HttpServer(String name, Share share, HttpSettings settings, boolean authentication) {
        super(name, "http", share);
        this.settings = settings;
        this.authentication = authentication;
    }

    @Override
    protected Closeable listen(NamedSocket socket) throws IOException {
        ServerSocketChannel channel = socket.openServerSocketChannel();
        if (engine == null) {
            engine = new Engine(name(), shares().own(), settings, authentication ? accounts() : null, traffic());
        }
        return engine.listen(channel);
    }

    @Override
    protected void dismissIdle() {
        Engine running = engine;
        if (running != null) {
            running.dismissIdle();
        }
    }

    @Override
    protected void end() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    @Override
    protected String url(NamedSocket socket) {
        boolean internet = socket.family() == Family.INET || socket.family() == Family.INET6;
        return super.url(socket)
                + (internet && !settings.basePath().equals("/")
                        ? settings.basePath().substring(1) + "/"
                        : "");
    }
}
