package dev.mooring.http.internal.connector;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.mooring.protocol.PemIdentity;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** TLS, and inside it HTTP/2 or HTTP/1.1, negotiated by ALPN (RFC 7301). */
public final class SecureProtocols {

    private static final byte[] NO_TLS =
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n"
                            + "Connection: close\r\n\r\nUse HTTPS on this port.\n")
                    .getBytes(US_ASCII);

    /** The limit of HTTP/1.1, Jetty's default, in bytes. */
    private static final int MAX_HEADERS = 8 * 1024;

    private static final int MAX_HTTP2_HEADERS = 64 * 1024;

    /** The colon, the blank and the end of a line of HTTP/1.1. */
    private static final int SEPARATORS = 4;

    /**
     * The limit of frames that cancel or reorder streams. Each cancelled request counts twice, because Jetty answers it with a RST_STREAM that the client
     * answers. With Jetty's default of 128, a page that cancels 64 requests at once loses its connection.
     */
    private static final int EVENTS_PER_SECOND = 2000;

    private SecureProtocols() {}

    /** Returns the factories of all layers: first that of the protocol that a connection starts with, last HTTP/1.1. */
    public static ConnectionFactory[] around(
            HttpConnectionFactory http1, PemIdentity identity, boolean clientCertificates) {
        HTTP2ServerConnectionFactory http2 = new PingingHttp2(forHttp2(http1.getHttpConfiguration()));
        http2.setMaxConcurrentStreams(ParallelStreams.ALL.limitOfConnection());
        http2.setRateControlFactory(new WindowRateControl.Factory(EVENTS_PER_SECOND));
        http2.setConnectProtocolEnabled(false);
        http2.setUseInputDirectByteBuffers(false);
        http2.setUseOutputDirectByteBuffers(false);
        ALPNServerConnectionFactory negotiation = new ALPNServerConnectionFactory();
        negotiation.setDefaultProtocol(http1.getProtocol());
        SslConnectionFactory tls = new Tls(new Contexts(identity, clientCertificates), negotiation.getProtocol());
        // It would refuse requests for a host that is not in the certificate. That check is up to the client.
        tls.setEnsureSecureRequestCustomizer(false);
        return new ConnectionFactory[] {new Detector(tls), tls, negotiation, http2, http1};
    }

    /**
     * Over HTTP/2 a header that exceeds one of these limits ends the connection with all its requests, because the state of the compression is lost. So the
     * limits are higher than those of HTTP/1.1, which {@link #hasTooLargeHeaders} applies to the single request.
     */
    private static HttpConfiguration forHttp2(HttpConfiguration http1) {
        HttpConfiguration http2 = new HttpConfiguration(http1);
        http2.setRequestHeaderSize(MAX_HTTP2_HEADERS);
        http2.setMaxResponseHeaderSize(MAX_HTTP2_HEADERS);
        return http2;
    }

    /** Whether a request over HTTP/2 has larger headers than HTTP/1.1 allows. */
    static boolean hasTooLargeHeaders(Request request) {
        if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_2) {
            return false;
        }
        int size = String.valueOf(request.getHttpURI().getPathQuery()).length();
        for (HttpField field : request.getHeaders()) {
            size += field.getName().length() + String.valueOf(field.getValue()).length() + SEPARATORS;
        }
        return size > MAX_HEADERS;
    }

    /** Gives each connection buffers of its own. */
    private static final class Tls extends SslConnectionFactory {

        Tls(SslContextFactory.Server contexts, String next) {
            super(contexts, next);
        }

        @Override
        protected SslConnection newSslConnection(Connector connector, EndPoint client, SSLEngine engine) {
            return new SslConnection(
                    new TlsBuffers(), connector.getExecutor(), getSslContextFactory(), client, engine, false, false);
        }
    }

    /** Uses the current TLS context for each new connection. Existing connections keep theirs. */
    private static final class Contexts extends SslContextFactory.Server {

        private final PemIdentity identity;

        Contexts(PemIdentity identity, boolean clientCertificates) {
            this.identity = identity;
            setSslContext(identity.context());
            setNeedClientAuth(clientCertificates);
            setRenegotiationAllowed(false);
        }

        @Override
        public SSLEngine newSSLEngine() {
            SSLEngine engine = identity.context().createSSLEngine();
            customize(engine);
            PemIdentity.configure(engine);
            return engine;
        }

        @Override
        public SSLEngine newSSLEngine(InetSocketAddress client) {
            return newSSLEngine();
        }
    }

    /**
     * Sends PING to an idle client, and closes the connection when the reply arrives and no stream is open. The reply proves that the client has
     * received everything. Without it a slow client could lose data: HTTP/2 clients keep writing, and the kernel answers that with a reset once the
     * socket is closed.
     */
    private static final class PingingHttp2 extends HTTP2ServerConnectionFactory {

        private static final int MAX_PINGS = 10;

        PingingHttp2(HttpConfiguration configuration) {
            super(configuration);
        }

        @Override
        protected ServerSessionListener newSessionListener(Connector connector, EndPoint client) {
            return new HTTPServerSessionListener(client) {
                private final AtomicInteger unansweredPings = new AtomicInteger();
                private final ParallelStreams.OfConnection streams =
                        SocketConnector.endPoint(client).countStreams();

                /** Clients may send a refused request again (RFC 9113 section 8.7). */
                @Override
                public Stream.@Nullable Listener onNewStream(Stream stream, HeadersFrame frame) {
                    unansweredPings.set(0);
                    if (!streams.opened()) {
                        stream.reset(
                                new ResetFrame(stream.getId(), ErrorCode.REFUSED_STREAM_ERROR.code), Callback.NOOP);
                        return null;
                    }
                    return super.onNewStream(stream, frame);
                }

                @Override
                public void onClosed(Stream stream) {
                    streams.closed();
                    super.onClosed(stream);
                }

                @Override
                public boolean onIdleTimeout(Session session) {
                    if (unansweredPings.getAndIncrement() == MAX_PINGS) {
                        return super.onIdleTimeout(session);
                    }
                    session.ping(new PingFrame(false), Callback.NOOP);
                    return false;
                }

                @Override
                public void onPing(Session session, PingFrame frame) {
                    if (frame.isReply()
                            && unansweredPings.getAndSet(0) > 0
                            && session.getStreams().isEmpty()) {
                        session.close(ErrorCode.NO_ERROR.code, "idle", Callback.NOOP);
                    }
                }
            };
        }
    }

    /** Tells plain HTTP from TLS by its first byte, and answers plain HTTP with an error. */
    private static final class Detector extends DetectorConnectionFactory {

        Detector(SslConnectionFactory tls) {
            super(tls);
        }

        @Override
        protected void nextProtocol(Connector connector, EndPoint client, ByteBuffer bytes) {
            client.write(Callback.from(client::close), ByteBuffer.wrap(NO_TLS));
        }
    }
}
