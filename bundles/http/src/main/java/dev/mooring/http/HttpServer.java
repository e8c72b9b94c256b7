package dev.mooring.http;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.http.internal.JettyEngine;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.Limits;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.SocketServer;
import dev.mooring.share.Share;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves a share over HTTP/1.1 (RFC 9110, RFC 9112), or over HTTPS with HTTP/2 (RFC 9113) besides, on sockets that are handed
 * to it, of whatever family, which may come and go while it runs.
 *
 * <pre>{@code
 * try (HttpServer server = new HttpServer("http", share, HttpSettings.DEFAULT)) {
 *     NamedSockets.fromEnvironment().named("http").forEach(server::add);
 *     server.start();
 *     …
 * }
 * }</pre>
 *
 * <p>The engine is built for the first connection. Accounts that name a share of their own see that one at the same URLs; there is
 * no session for their home to begin in, so it does not matter here.
 */
public final class HttpServer extends SocketServer {

    /** The bytes of heap that an idle connection takes, over TLS. */
    private static final int HEAP_EACH = 16 * 1024;

    private final HttpSettings settings;
    private @Nullable PemIdentity identity;

    /**
     * Makes a server, which does nothing before it is {@linkplain #start() started}.
     *
     * @param name what the server is called in the log
     * @param share what is served
     * @param settings how
     */
    public HttpServer(String name, Share share, HttpSettings settings) {
        super(name, settings.tls() == null ? "http" : "https", share, limits(settings), HEAP_EACH);
        this.settings = settings;
    }

    private static Limits limits(HttpSettings settings) {
        int most = settings.maxConnections();
        int perAddress = settings.maxConnectionsPerAddress();
        // All clients of a proxy have one address, and all that waited in the queue come at once: each may be pending.
        return new Limits(most, perAddress, most, perAddress);
    }

    @Override
    protected void prepare() throws IOException {
        Tls tls = settings.tls();
        if (tls != null) {
            identity = new PemIdentity(name(), tls.certificate(), tls.key(), tls.clientCa());
        }
    }

    @Override
    protected Map<String, String> services() {
        return JettyEngine.SERVICES;
    }

    @Override
    protected Engine engine() {
        return new JettyEngine(name(), shares(), settings, identity, accounts(), metrics());
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
