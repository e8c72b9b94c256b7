package dev.mooring.http.internal.connector;

import static org.eclipse.jetty.http.HttpCompliance.Violation.MISMATCHED_AUTHORITY;

import dev.mooring.common.ClientText;
import dev.mooring.http.internal.message.ForwardedClient;
import dev.mooring.protocol.ClientConnection;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.EventLoop;
import dev.mooring.protocol.LibraryLog;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.ServerMetrics;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.component.Graceful;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/** The HTTP engine: Jetty, reduced to what serving files needs. */
public final class JettyEngine implements Engine, EventLoop {

    /** A strong reference: java.util.logging may discard an unreferenced logger, and its level with it. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    /** The services that Jetty looks up. {@link LiteralEncoder} replaces Jetty's own encoder of HTTP/2 headers and says why. */
    public static final Map<String, String> SERVICES = Map.of(
            "org.eclipse.jetty.http.HttpFieldPreEncoder",
            LiteralEncoder.class.getName(),
            "org.eclipse.jetty.io.ssl.ALPNProcessor$Server",
            "org.eclipse.jetty.alpn.java.server.JDK9ServerALPNProcessor");

    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 2;
    private static final int THREAD_IDLE_MILLIS = 20_000;
    // Each request allocates both (see ConnectionBuffers). Most requests and responses fit; larger ones still work.
    private static final int REQUEST_BUFFER_SIZE = 2048;
    private static final int RESPONSE_HEADER_BUFFER_SIZE = 1024;
    private static final int MAX_RESPONSE_HEADER_SIZE = 8192;
    private static final int GOAWAY_MILLIS = 200;

    static {
        if (JETTY.getLevel() == null) {
            JETTY.setLevel(Level.WARNING);
        }
    }

    private final LibraryLog log = LibraryLog.guard(List.of(JETTY.getName()));
    private final Server server;
    private final MetricsHandler metricsHandler;
    private final SocketConnector connector;
    private final boolean secure;

    /**
     * Builds and starts the engine.
     *
     * @param name the name of the server in the log and in the names of its threads
     * @param handler makes the handler of all requests
     * @param idleTimeout the time without a byte after which a connection is closed
     * @param identity the certificate for HTTPS; {@code null} for plain HTTP
     * @param clientCertificates whether clients need a certificate
     * @param forwarded finds the clients of proxies; {@code null} if every peer is a client
     * @param metrics counts requests
     * @throws IllegalStateException if Jetty does not start
     */
    public JettyEngine(
            String name,
            Supplier<Handler> handler,
            Duration idleTimeout,
            @Nullable PemIdentity identity,
            boolean clientCertificates,
            @Nullable ForwardedClient forwarded,
            ServerMetrics metrics) {
        secure = identity != null;
        try {
            // Jetty's own queue takes 100 ms: it starts the platform MBean server to learn the size of a reference.
            QueuedThreadPool threads =
                    new QueuedThreadPool(MAX_THREADS, MIN_THREADS, THREAD_IDLE_MILLIS, new LinkedBlockingQueue<>()) {
                        /** Jetty's own asks for privileges by method handles, which takes 12 ms of a start on JDK 17. */
                        @Override
                        public Thread newThread(Runnable task) {
                            Thread thread = new Thread(task);
                            thread.setName(getName() + "-" + thread.getId());
                            thread.setDaemon(isDaemon());
                            thread.setContextClassLoader(getClass().getClassLoader());
                            return thread;
                        }
                    };
            // By default only one thread ends in each of these periods: a flood would leave its threads for hours.
            threads.setMaxEvictCount(MAX_THREADS);
            threads.setName(name);
            // Jetty needs both soon. They load here while HttpProvider.warmUp loads other classes on its thread.
            Locale.getAvailableLocales();
            TimeZone.getDefault();
            server = new Server(
                    threads, new ScheduledExecutorScheduler(name + "-scheduler", false), new ConnectionBuffers());
            metricsHandler = new MetricsHandler(metrics, handler.get());
            server.setHandler(metricsHandler);
            server.setErrorHandler(new ErrorPage());
            HttpConnectionFactory http = new HttpConnectionFactory(configuration(forwarded));
            http.setInputBufferSize(REQUEST_BUFFER_SIZE);
            connector = identity == null
                    ? new SocketConnector(server, http)
                    : new SocketConnector(server, SecureProtocols.around(http, identity, clientCertificates));
            connector.setIdleTimeout(idleTimeout.toMillis());
            server.addConnector(connector);
            server.start();
        } catch (Exception e) {
            log.close();
            throw new IllegalStateException(name + " cannot start its engine", e);
        }
    }

    private static HttpConfiguration configuration(@Nullable ForwardedClient forwarded) {
        HttpConfiguration configuration = new HttpConfiguration();
        if (forwarded != null) {
            configuration.addCustomizer(new ForwardedCustomizer(forwarded));
        }
        configuration.setSendServerVersion(false);
        configuration.setSendXPoweredBy(false);
        // See ConnectionBuffers.
        configuration.setUseInputDirectByteBuffers(false);
        configuration.setUseOutputDirectByteBuffers(false);
        configuration.setResponseHeaderSize(RESPONSE_HEADER_BUFFER_SIZE);
        configuration.setMaxResponseHeaderSize(MAX_RESPONSE_HEADER_SIZE);
        // RequestPath parses the raw path, so nothing in it is ambiguous. Clients can request any valid file name.
        configuration.setUriCompliance(UriCompliance.from(EnumSet.of(
                Violation.AMBIGUOUS_EMPTY_SEGMENT,
                Violation.AMBIGUOUS_PATH_ENCODING,
                Violation.AMBIGUOUS_PATH_PARAMETER,
                Violation.AMBIGUOUS_PATH_SEGMENT,
                Violation.AMBIGUOUS_PATH_SEPARATOR,
                Violation.ILLEGAL_PATH_CHARACTERS,
                Violation.SUSPICIOUS_PATH_CHARACTERS)));
        // The host of an absolute target overrides the Host header (RFC 9112 section 3.2.2).
        configuration.setHttpCompliance(HttpCompliance.RFC9110.with("TARGET_COUNTS", MISMATCHED_AUTHORITY));
        // HTTP/1.0 has no Host header, and the path of a unix socket is not a valid host.
        configuration.setServerAuthority(new HostPort("localhost"));
        return configuration;
    }

    @Override
    public void serve(ClientConnection connection) {
        try {
            connector.serve(connection);
        } catch (IOException e) {
            // The client has disconnected.
            connection.close();
        }
    }

    @Override
    public Watch watch(ServerSocketChannel duplicate, Runnable ready) {
        return connector.watch(duplicate, ready);
    }

    /** Empty over TLS, because a response needs a handshake first. */
    @Override
    public byte[] refusal(String reason) {
        return secure
                ? new byte[0]
                : ("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 2\r\nContent-Type: text/plain\r\nContent-Length: "
                                + (reason.length() + 1) + "\r\n\r\n" + reason + "\n")
                        .getBytes(StandardCharsets.US_ASCII);
    }

    /** Answers requests with {@code Connection: close} from now on, and closes idle connections. */
    @Override
    public void dismissIdle() {
        if (metricsHandler.drain()) {
            connector.endHttp2();
        }
        connector.closeIdle();
    }

    /** A client whose last response announced the end of the connection opens another. */
    @Override
    public void dismissUnnoticed() {
        dismissIdle();
    }

    /** Sends GOAWAY over HTTP/2 (RFC 9113 section 6.8). */
    private CompletableFuture<Void> sendGoAway() {
        return CompletableFuture.allOf(connector.getContainedBeans(Graceful.class).stream()
                .map(Graceful::shutdown)
                .toArray(CompletableFuture[]::new));
    }

    /** Closes every connection and ends every thread. */
    @Override
    public void close() {
        try {
            // Jetty may close the connection before it has sent GOAWAY, so wait for that first.
            sendGoAway()
                    .completeOnTimeout(null, GOAWAY_MILLIS, TimeUnit.MILLISECONDS)
                    .join();
            server.stop();
        } catch (Exception e) {
            JETTY.log(Level.WARNING, "Jetty did not stop cleanly", ClientText.trace(e));
        } finally {
            log.close();
        }
    }
}
