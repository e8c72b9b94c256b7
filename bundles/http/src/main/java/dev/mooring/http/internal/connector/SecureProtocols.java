package dev.mooring.http.internal.connector;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.mooring.protocol.PemIdentity;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS, and inside it HTTP/2 or HTTP/1.1, negotiated by ALPN (RFC 7301). */
public final class SecureProtocols {

    private static final byte[] NO_TLS =
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n"
                            + "Connection: close\r\n\r\nUse HTTPS on this port.\n")
                    .getBytes(US_ASCII);

    private SecureProtocols() {}

    /** Returns the factories of all layers: first that of the protocol that a connection starts with, last HTTP/1.1. */
    public static ConnectionFactory[] around(
            HttpConnectionFactory http1, PemIdentity identity, boolean clientCertificates) {
        HTTP2ServerConnectionFactory http2 = new PingingHttp2(http1.getHttpConfiguration());
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

                @Override
                public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
                    unansweredPings.set(0);
                    return super.onNewStream(stream, frame);
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
