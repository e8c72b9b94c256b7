package dev.mooring.protocol.internal.rehearsal;

import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A client of TLS over a blocking channel, because the JDK's own needs a TCP socket. It trusts every certificate: it only talks to its own process. One thread
 * at a time uses it.
 */
final class TlsClient implements ByteChannel {

    private static final Logger LOG = System.getLogger(TlsClient.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteChannel channel;
    private final SSLEngine engine;

    /** Received bytes that are not decrypted, ready for a get. */
    private final ByteBuffer received;

    /** Decrypted bytes, ready for a get. */
    private final ByteBuffer plain;

    private final ByteBuffer sent;

    /** Does the handshake. The client owns the channel, unless this throws. */
    TlsClient(ByteChannel channel) throws IOException {
        this.channel = channel;
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, null);
            engine = context.createSSLEngine();
        } catch (GeneralSecurityException e) {
            throw new IOException("The JDK has no TLS", e);
        }
        engine.setUseClientMode(true);
        int packet = engine.getSession().getPacketBufferSize();
        received = ByteBuffer.allocate(packet).flip();
        sent = ByteBuffer.allocate(packet);
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize() * 2)
                .flip();
        engine.beginHandshake();
        while (isHandshaking()) {
            if (!step()) {
                throw new EOFException("The server ended the handshake");
            }
        }
    }

    private boolean isHandshaking() {
        HandshakeStatus status = engine.getHandshakeStatus();
        return status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
    }

    /** Does what the engine needs next. Returns {@code false} at the end of the stream. */
    private boolean step() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> engine.getDelegatedTask().run();
            case NEED_WRAP -> wrap(NOTHING);
            default -> {
                return unwrap();
            }
        }
        return true;
    }

    private void wrap(ByteBuffer source) throws IOException {
        engine.wrap(source, sent.clear());
        sent.flip();
        while (sent.hasRemaining()) {
            channel.write(sent);
        }
    }

    /** Decrypts a record, and reads before that if it is not complete. Returns {@code false} at the end of the stream. */
    private boolean unwrap() throws IOException {
        plain.compact();
        SSLEngineResult result = engine.unwrap(received, plain);
        plain.flip();
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
            received.compact();
            int count = channel.read(received);
            received.flip();
            return count >= 0;
        }
        return result.getStatus() != Status.CLOSED;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        while (!plain.hasRemaining()) {
            if (!step()) {
                return -1;
            }
        }
        int count = Math.min(plain.remaining(), target.remaining());
        target.put(plain.slice().limit(count));
        plain.position(plain.position() + count);
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        while (source.hasRemaining()) {
            wrap(source);
        }
        return count;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Ends TLS, if the server has not closed the connection before. */
    @Override
    public void close() {
        try (channel) {
            engine.closeOutbound();
            wrap(NOTHING);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The server has closed the connection", e);
        }
    }

    /** Trusts every certificate. */
    private static final class TrustAll extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
