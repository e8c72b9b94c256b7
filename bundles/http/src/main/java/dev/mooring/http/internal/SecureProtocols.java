package dev.mooring.http.internal;

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
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS, and inside it what the client likes best: HTTP/2 or HTTP/1.1, by ALPN (RFC 7301). */
final class SecureProtocols {

    private static final byte[] NO_TLS =
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n"
                            + "Connection: close\r\n\r\nThis port wants https:.\n")
                    .getBytes(US_ASCII);

    private SecureProtocols() {}

    /** All of them, the one that a connection begins with first, plain HTTP/1.1 last. */
    static ConnectionFactory[] around(HttpConnectionFactory http1, PemIdentity identity, boolean clientCertificates) {
        HTTP2ServerConnectionFactory http2 = new PatientHttp2(http1.getHttpConfiguration());
        http2.setConnectProtocolEnabled(false);
        http2.setUseInputDirectByteBuffers(false);
        http2.setUseOutputDirectByteBuffers(false);
        ALPNServerConnectionFactory negotiation = new ALPNServerConnectionFactory();
        negotiation.setDefaultProtocol(http1.getProtocol());
        SslConnectionFactory tls =
                new SslConnectionFactory(new Contexts(identity, clientCertificates), negotiation.getProtocol());
        // It would refuse who names a host that the certificate does not have: that is for the client to judge.
        tls.setEnsureSecureRequestCustomizer(false);
        return new ConnectionFactory[] {new Detector(tls), tls, negotiation, http2, http1};
    }

    /** The context of the moment for each connection: those that there are keep theirs. */
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
     * Asks an idle client for a sign of life and closes when that comes, unless a stream is still open. What was sent may still be on its way to a slow one,
     * who would lose it: closing a socket that the client goes on writing to, as HTTP/2 clients do, resets it.
     */
    private static final class PatientHttp2 extends HTTP2ServerConnectionFactory {

        private static final int MOST_QUESTIONS = 10;

        PatientHttp2(HttpConfiguration configuration) {
            super(configuration);
        }

        @Override
        protected ServerSessionListener newSessionListener(Connector connector, EndPoint client) {
            return new HTTPServerSessionListener(client) {
                private final AtomicInteger questions = new AtomicInteger();

                @Override
                public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
                    questions.set(0);
                    return super.onNewStream(stream, frame);
                }

                @Override
                public boolean onIdleTimeout(Session session) {
                    if (questions.getAndIncrement() == MOST_QUESTIONS) {
                        return super.onIdleTimeout(session);
                    }
                    session.ping(new PingFrame(false), Callback.NOOP);
                    return false;
                }

                @Override
                public void onPing(Session session, PingFrame frame) {
                    if (frame.isReply()
                            && questions.getAndSet(0) > 0
                            && session.getStreams().isEmpty()) {
                        session.close(ErrorCode.NO_ERROR.code, "idle", Callback.NOOP);
                    }
                }
            };
        }
    }

    /** Tells plain HTTP from TLS by its first byte, to answer it in its own terms. */
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
