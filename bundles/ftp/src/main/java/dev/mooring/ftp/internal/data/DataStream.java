package dev.mooring.ftp.internal.data;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;

/** An unencrypted data connection. */
public class DataStream implements Closeable {

    private static final int BUFFER_SIZE = 1 << 16;

    /** Used when the client sends faster than the disk accepts. With it an upload costs a sixth less than with 256 KiB. */
    private static final int LARGE_BUFFER_SIZE = 1 << 20;

    private static final long MAX_CHUNK = 1L << 30;
    private static final Logger LOG = System.getLogger(DataStream.class.getName());
    private static final Duration DISCARD_TIMEOUT = Duration.ofSeconds(2);
    private static final String STALLED = "no data was transferred";

    /** One for each thread, because a direct buffer is expensive to allocate and is freed late. */
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_SIZE));

    private static final ThreadLocal<ByteBuffer> LARGE_BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(LARGE_BUFFER_SIZE));

    final SocketChannel channel;
    final TransferTimeout timeout;
    private volatile long transferred;
    private long pauseBeforeEndNanos;

    /** Takes a connected channel and owns it. */
    public DataStream(SocketChannel channel, TransferTimeout timeout) throws IOException {
        this.channel = channel;
        this.timeout = timeout;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /**
     * Waits until another connection has input or ends. Called after everything has been received on this one.
     *
     * @param millis the time to wait; 0 for none
     */
    public final boolean isReadable(SocketChannel other, long millis) throws IOException {
        timeout.deregister(channel);
        return timeout.isReadable(other, millis);
    }

    /** Throws if the transfer was aborted. */
    public final void checkAborted() throws TransferTimeout.AbortedException {
        timeout.check();
    }

    /** The number of content bytes transferred so far. */
    public final long transferred() {
        return transferred;
    }

    /** An empty buffer of this thread. */
    public static ByteBuffer buffer() {
        return BUFFER.get().clear();
    }

    /** Sends a part of a file, by the kernel alone if possible. */
    public final void send(SeekableByteChannel file, long position, long count) throws IOException {
        if (file instanceof FileChannel source && canTransfer()) {
            transfer(source, position, count);
        } else {
            copy(file, position, count);
        }
    }

    /** Whether the bytes on the wire are those of the file, so that the kernel can send them. */
    boolean canTransfer() {
        return true;
    }

    private void transfer(FileChannel file, long position, long count) throws IOException {
        long at = position;
        long end = position + count;
        while (at < end) {
            long sent = file.transferTo(at, Math.min(end - at, MAX_CHUNK), channel);
            if (sent > 0) {
                at += sent;
                transferred += sent;
                timeout.check();
            } else if (at >= file.size()) {
                throw new FileException(new EOFException("the file was truncated while it was sent"));
            } else {
                timeout.await(channel, SelectionKey.OP_WRITE, STALLED);
            }
        }
    }

    private void copy(SeekableByteChannel file, long position, long count) throws IOException {
        ByteBuffer buffer = buffer();
        long left = count;
        file.position(position);
        while (left > 0) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), left));
            int read = file.read(buffer);
            if (read < 0) {
                throw new FileException(new EOFException("the file was truncated while it was sent"));
            }
            left -= read;
            write(buffer.flip());
            timeout.check();
        }
    }

    /** Sends all of a buffer. */
    public final void write(ByteBuffer content) throws IOException {
        int size = content.remaining();
        writeFully(content);
        transferred += size;
    }

    void writeFully(ByteBuffer content) throws IOException {
        while (content.hasRemaining()) {
            if (channel.write(content) == 0) {
                timeout.await(channel, SelectionKey.OP_WRITE, STALLED);
            }
        }
    }

    /** Receives until the client ends the stream, and measures the pause before that. */
    public final void receive(WritableByteChannel file) throws IOException {
        ByteBuffer buffer = buffer();
        long lastReceived = System.nanoTime();
        while (read(buffer) >= 0) {
            transferred += buffer.position();
            boolean full = !buffer.hasRemaining();
            buffer.flip();
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            buffer = full ? LARGE_BUFFER.get().clear() : buffer.clear();
            timeout.check();
            lastReceived = System.nanoTime();
        }
        pauseBeforeEndNanos = System.nanoTime() - lastReceived;
    }

    /** The pause between the last bytes received and the end of the stream. */
    public final long pauseBeforeEndNanos() {
        return pauseBeforeEndNanos;
    }

    /**
     * Ends the output, then reads and discards further input of the client, for a short time. Closing at once would reset the connection.
     */
    public final void discard() {
        try (TransferTimeout discardTimeout = new TransferTimeout(DISCARD_TIMEOUT)) {
            channel.shutdownOutput();
            long deadline = System.nanoTime() + DISCARD_TIMEOUT.toNanos();
            ByteBuffer buffer = buffer();
            for (int read = 0; read >= 0 && System.nanoTime() < deadline; read = channel.read(buffer.clear())) {
                if (read == 0) {
                    discardTimeout.await(channel, SelectionKey.OP_READ, STALLED);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The client has disconnected, or sends nothing", e);
        }
    }

    /** Reads at least one byte; returns -1 at the end. */
    int read(ByteBuffer into) throws IOException {
        while (true) {
            int read = channel.read(into);
            if (read != 0) {
                return read;
            }
            timeout.await(channel, SelectionKey.OP_READ, STALLED);
        }
    }

    /** Makes the TLS handshake, if the connection is encrypted. */
    public void open() throws IOException {
        // Not encrypted.
    }

    /** Ends the output. */
    public void finish() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public final void close() throws IOException {
        channel.close();
    }
}
