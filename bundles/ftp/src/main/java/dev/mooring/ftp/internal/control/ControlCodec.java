package dev.mooring.ftp.internal.control;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Encodes the replies of one control connection and decodes its commands, through TLS if it is encrypted. Guarded by the connection. */
final class ControlCodec {

    private final LineDecoder lines = new LineDecoder();
    private final UnreadReplies output;
    private @Nullable ControlTls tls;

    /**
     * Starts without encryption.
     *
     * @param output receives the encoded replies, and the records of the TLS handshake
     */
    ControlCodec(UnreadReplies output) {
        this.output = output;
    }

    /** Encrypts all later replies, and expects encrypted commands. */
    void secure(SSLContext context) {
        tls = new ControlTls(context, output::add);
    }

    boolean isSecure() {
        return tls != null;
    }

    /** The TLS session; {@code null} without one or before the end of its handshake. */
    @Nullable
    SSLSession tlsSession() {
        return tls == null ? null : tls.session();
    }

    void encode(String text) throws SSLException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        if (tls == null) {
            output.add(bytes);
        } else {
            tls.encrypt(bytes);
        }
    }

    /**
     * Decodes received bytes, all of which are consumed.
     *
     * @param loop has a buffer for decrypted bytes
     * @param requests receives the commands
     */
    ControlTls.Next decode(ByteBuffer arrived, ControlLoop loop, List<Request> requests) throws SSLException {
        ControlTls open = tls;
        if (open == null) {
            requests.addAll(lines.decode(arrived));
            return ControlTls.Next.READ;
        }
        return open.decrypt(arrived, loop.plainBuffer(open.plainSize()), plain -> requests.addAll(lines.decode(plain)));
    }

    /** The delegated tasks of TLS, which run without the lock of the connection. */
    Runnable tlsTasks() {
        return Objects.requireNonNull(tls)::runTasks;
    }

    /** Discards an incomplete command. */
    void discardInput() {
        lines.discard();
    }

    /** Ends the TLS connection, if there is one. */
    void finish() throws SSLException {
        if (tls != null && tls.isEstablished()) {
            tls.close();
        }
    }
}
