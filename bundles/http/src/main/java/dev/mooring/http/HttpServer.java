package dev.mooring.http;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.http.HttpSettings.Forwarded;
import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.http.internal.connector.HttpRehearsal;
import dev.mooring.http.internal.connector.JettyEngine;
import dev.mooring.http.internal.message.ForwardedClient;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.Limits;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.Rehearsal;
import dev.mooring.protocol.SocketServer;
import dev.mooring.share.Share;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves a share over HTTP/1.1 (RFC 9110, RFC 9112), or over HTTPS with HTTP/1.1 and HTTP/2 (RFC 9113). Its sockets may be of any family, and may
 * come and go while it runs.
 *
 * <pre>{@code
 * try (HttpServer server = new HttpServer("http", share, HttpSettings.DEFAULT)) {
 *     NamedSockets.fromEnvironment().named("http").forEach(server::add);
 *     server.start();
 *     …
 * }
 * }</pre>
 *
 * <p>The engine is built for the first connection. An account that names a share of its own sees that share at the same URLs. The home of an account
 * has no effect, because HTTP has no session that could start there.
 */
public final class HttpServer extends SocketServer {

    /** The heap of an idle connection over TLS, in bytes. */
    private static final int HEAP_PER_CONNECTION = 16 * 1024;

    private final HttpSettings settings;
    private @Nullable PemIdentity identity;

    /**
     * Makes a server. It does nothing before {@link #start}.
     *
     * @param name the name of the server in the log
     * @param share the tree that is served
     * @param settings the settings
     */
    public HttpServer(String name, Share share, HttpSettings settings) {
        super(name, settings.tls() == null ? "http" : "https", share, limits(settings), HEAP_PER_CONNECTION);
        this.settings = settings;
    }

    private static Limits limits(HttpSettings settings) {
        int max = settings.maxConnections();
        int maxPerAddress = settings.maxConnectionsPerAddress();
        // All clients of a proxy share one address, and a full queue arrives at once, so every connection may be
        // pending.
        return new Limits(max, maxPerAddress, max, maxPerAddress);
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
        Tls tls = settings.tls();
        Forwarded forwarded = settings.forwarded();
        return new JettyEngine(
                name(),
                new Handlers(name(), shares(), settings, accounts()),
                settings.idleTimeout(),
                identity,
                tls != null && tls.clientCa() != null,
                forwarded == null ? null : new ForwardedClient(forwarded.trusted(), forwarded.header()),
                metrics());
    }

    @Override
    protected void rehearse(Rehearsal rehearsal) throws IOException {
        Tls tls = settings.tls();
        // The rehearsal has no certificate for itself.
        if (tls == null || tls.clientCa() == null) {
            new HttpRehearsal(rehearsal, settings.basePath(), tls != null).run();
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
