package dev.mooring.ftp.internal.control;

import dev.mooring.protocol.PemIdentity;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The server side of TLS on a control connection. Guarded by the connection, except {@link #runTasks}. */
final class ControlTls {

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    /** The step that the caller takes after {@link #decrypt}. */
    enum Next {
        READ,
        RUN_TASKS,
        CLOSE
    }

    private final SSLContext context;
    private final Consumer<ByteBuffer> output;

    /** Made when the client sends something, because many connections to a TLS port never do. */
    private @Nullable SSLEngine engine;

    /** Replies from before the end of the handshake; {@code null} after it. */
    private @Nullable ByteArrayOutputStream earlyReplies = new ByteArrayOutputStream(0);

    /** The beginning of an incomplete record. */
    private ByteBuffer incomplete = EMPTY;

    /**
     * Prepares for a handshake, which the client starts.
     *
     * @param output receives the bytes to send
     */
    ControlTls(SSLContext context, Consumer<ByteBuffer> output) {
        this.context = context;
        this.output = output;
    }

    private SSLEngine engine() throws SSLException {
        SSLEngine made = engine;
        if (made == null) {
            made = PemIdentity.engine(context);
            made.beginHandshake();
            engine = made;
        }
        return made;
    }

    boolean isEstablished() {
        return earlyReplies == null;
    }

    /** The TLS session; {@code null} before the end of the handshake. */
    @Nullable
    SSLSession session() {
        SSLEngine made = engine;
        return made == null || !isEstablished() ? null : made.getSession();
    }

    /** The size of the buffer that {@link #decrypt} needs. */
    int plainSize() throws SSLException {
        return engine().getSession().getApplicationBufferSize();
    }

    /** Encrypts a reply, or keeps it until the end of the handshake. */
    void encrypt(ByteBuffer reply) throws SSLException {
        if (earlyReplies != null) {
            earlyReplies.write(reply.array(), reply.position(), reply.remaining());
            return;
        }
        while (reply.hasRemaining()) {
            if (wrap(reply).bytesProduced() == 0) {
                throw new SSLException("The client has ended the TLS connection");
            }
        }
    }

    private SSLEngineResult wrap(ByteBuffer content) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(engine().getSession().getPacketBufferSize());
        SSLEngineResult result = engine().wrap(content, record);
        if (record.position() > 0) {
            // Most records are much shorter than the buffer, and they may be queued.
            output.accept(
                    ByteBuffer.allocate(record.position()).put(record.flip()).flip());
        }
        return result;
    }

    /**
     * Decrypts received bytes and continues the handshake.
     *
     * @param arrived the received bytes, all of which are consumed
     * @param plain a buffer for the content of a record
     * @param content receives the decrypted bytes
     */
    Next decrypt(ByteBuffer arrived, ByteBuffer plain, Consumer<ByteBuffer> content) throws SSLException {
        ByteBuffer all = arrived;
        if (incomplete.hasRemaining()) {
            all = ByteBuffer.allocate(incomplete.remaining() + arrived.remaining())
                    .put(incomplete)
                    .put(arrived)
                    .flip();
        }
        try {
            return decryptAll(all, plain, content);
        } catch (SSLException e) {
            sendAlert();
            throw e;
        } finally {
            incomplete = all.hasRemaining()
                    ? ByteBuffer.allocate(all.remaining()).put(all).flip()
                    : EMPTY;
        }
    }

    private Next decryptAll(ByteBuffer all, ByteBuffer plain, Consumer<ByteBuffer> content) throws SSLException {
        while (true) {
            HandshakeStatus status = engine().getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                return Next.RUN_TASKS;
            }
            if (status == HandshakeStatus.NEED_WRAP) {
                SSLEngineResult result = wrap(EMPTY);
                completeIfFinished(result);
                if (result.getStatus() == Status.CLOSED) {
                    return Next.CLOSE;
                }
                if (result.bytesProduced() == 0) {
                    throw new SSLException("The handshake makes no progress");
                }
                continue;
            }
            if (!all.hasRemaining()) {
                return Next.READ;
            }
            SSLEngineResult result = engine().unwrap(all, plain.clear());
            completeIfFinished(result);
            content.accept(plain.flip());
            if (result.getStatus() == Status.CLOSED) {
                return Next.CLOSE;
            }
            if (result.getStatus() != Status.OK) {
                return Next.READ;
            }
        }
    }

    private void completeIfFinished(SSLEngineResult result) throws SSLException {
        ByteArrayOutputStream replies = earlyReplies;
        if (replies != null && result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
            PemIdentity.secured(engine());
            earlyReplies = null;
            encrypt(ByteBuffer.wrap(replies.toByteArray()));
        }
    }

    /** Runs the delegated tasks, which take long, without a lock. The connection does not read or decrypt meanwhile. */
    void runTasks() {
        SSLEngine made = Objects.requireNonNull(engine);
        for (Runnable task = made.getDelegatedTask(); task != null; task = made.getDelegatedTask()) {
            task.run();
        }
    }

    /** Sends the alert that the TLS engine has prepared. */
    private void sendAlert() throws SSLException {
        while (engine().getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && wrap(EMPTY).bytesProduced() > 0) {
            // An alert is usually one record.
        }
    }

    /** Sends close_notify (RFC 8446 section 6.1). */
    void close() throws SSLException {
        engine().closeOutbound();
        sendAlert();
    }
}
