package dev.mooring.ftp.internal.data;

import dev.mooring.protocol.PemIdentity;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/** A data connection over TLS. An end without close_notify is an error, because the data may be truncated (RFC 4217 section 12.4). */
public final class TlsStream extends DataStream {

    /** Decides whether a connection may be used. */
    @FunctionalInterface
    public interface Check {

        /**
         * Called after the handshake, before any content is transferred.
         *
         * @throws SSLException if the connection must not be used
         */
        void check(SSLSession session) throws SSLException;
    }

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final Check check;
    private ByteBuffer incoming;
    private ByteBuffer plain;
    private ByteBuffer outgoing;

    /**
     * Takes a connected channel and owns it.
     *
     * @param engine the TLS engine of the server side, before the handshake
     * @param check decides whether the connection may be used
     */
    public TlsStream(SocketChannel channel, TransferTimeout timeout, SSLEngine engine, Check check) throws IOException {
        super(channel, timeout);
        this.engine = engine;
        this.check = check;
        int packet = engine.getSession().getPacketBufferSize();
        incoming = ByteBuffer.allocate(2 * packet).flip();
        outgoing = ByteBuffer.allocate(4 * packet);
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                .flip();
    }

    @Override
    boolean canTransfer() {
        return false;
    }

    @Override
    public void open() throws IOException {
        engine.beginHandshake();
        handshake();
        PemIdentity.secured(engine);
        check.check(engine.getSession());
    }

    /**
     * Makes the handshake. The last messages of TLS 1.3 are session tickets, which are sent with the first content or at the end: a client that only sends may
     * close its socket without having read them. Its kernel would then reset the connection and discard content that is still to be sent.
     */
    private void handshake() throws IOException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            switch (status) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> wrap(EMPTY);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    flush();
                    if (!unwrap()) {
                        throw new EOFException("the client ended the TLS handshake");
                    }
                }
                default -> {
                    if (!engine.getSession().getProtocol().equals("TLSv1.3")) {
                        flush();
                    }
                    return;
                }
            }
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private SSLEngineResult wrap(ByteBuffer content) throws IOException {
        SSLEngineResult result = engine.wrap(content, outgoing);
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
            if (outgoing.position() == 0) {
                outgoing = ByteBuffer.allocate(engine.getSession().getPacketBufferSize() * 2);
            } else {
                flush();
            }
        }
        return result;
    }

    private void flush() throws IOException {
        outgoing.flip();
        super.writeFully(outgoing);
        outgoing.clear();
    }

    @Override
    void writeFully(ByteBuffer content) throws IOException {
        while (content.hasRemaining()) {
            if (wrap(content).getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new SSLException("the client has ended the TLS connection");
            }
        }
        flush();
    }

    /** Decrypts a record into {@link #plain}; {@code false} after close_notify. */
    private boolean unwrap() throws IOException {
        while (true) {
            plain.clear();
            SSLEngineResult result = engine.unwrap(incoming, plain);
            plain.flip();
            switch (result.getStatus()) {
                case CLOSED -> {
                    return false;
                }
                case BUFFER_UNDERFLOW -> fill();
                case BUFFER_OVERFLOW -> plain = ByteBuffer.allocate(2 * plain.capacity());
                default -> {
                    return true;
                }
            }
        }
    }

    private void fill() throws IOException {
        incoming.compact();
        try {
            if (!incoming.hasRemaining()) {
                incoming = ByteBuffer.allocate(2 * incoming.capacity()).put(incoming.flip());
            }
            while (true) {
                int read = channel.read(incoming);
                if (read < 0) {
                    throw new EOFException("the TLS connection was cut off");
                }
                if (read > 0) {
                    return;
                }
                timeout.await(channel, SelectionKey.OP_READ, "no data was transferred");
            }
        } finally {
            incoming.flip();
        }
    }

    @Override
    int read(ByteBuffer into) throws IOException {
        while (!plain.hasRemaining()) {
            if (!unwrap()) {
                return -1;
            }
            if (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                continueHandshake();
            }
        }
        int count = 0;
        do {
            int length = Math.min(into.remaining(), plain.remaining());
            into.put(plain.slice(plain.position(), length));
            plain.position(plain.position() + length);
            count += length;
        } while (into.hasRemaining() && decryptArrived());
        return count;
    }

    /** Decrypts bytes that have already arrived, so that writes to the file are large. */
    private boolean decryptArrived() throws IOException {
        if (!incoming.hasRemaining()) {
            incoming.clear();
            int read = channel.read(incoming);
            incoming.flip();
            if (read <= 0) {
                return false;
            }
        }
        plain.clear();
        SSLEngineResult result = engine.unwrap(incoming, plain);
        plain.flip();
        return result.getStatus() == SSLEngineResult.Status.OK
                && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && plain.hasRemaining();
    }

    /** Handles a key update or another handshake message between the content. */
    private void continueHandshake() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> runTasks();
            case NEED_WRAP -> {
                wrap(EMPTY);
                flush();
            }
            default -> {
                // The next record continues it.
            }
        }
    }

    @Override
    public void finish() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            wrap(EMPTY);
            flush();
        }
        super.finish();
    }
}
