package dev.mooring.ftp.internal;

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

/** A data connection, not encrypted. */
class DataStream implements Closeable {

    private static final int BUFFER_SIZE = 1 << 16;

    /** For who sends faster than it is taken: an upload costs a sixth less with it than with 256 KiB. */
    private static final int LARGE_BUFFER_SIZE = 1 << 20;

    private static final long MOST_AT_ONCE = 1L << 30;
    private static final Logger LOG = System.getLogger(DataStream.class.getName());
    private static final Duration DISCARD = Duration.ofSeconds(2);
    private static final String STALLED = "the data connection did not move";

    /** Of each thread, because a direct one is dear to make and late to go. */
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_SIZE));

    private static final ThreadLocal<ByteBuffer> LARGE_BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(LARGE_BUFFER_SIZE));

    final SocketChannel channel;
    final TransferTimeout patience;
    private volatile long moved;
    private long stoodStillNanos;

    /** Takes a connected channel, which is closed with this. */
    DataStream(SocketChannel channel, TransferTimeout patience) throws IOException {
        this.channel = channel;
        this.patience = patience;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /**
     * Waits, after all has been received, whether another connection says something or ends.
     *
     * @param millis for how long, 0 not to wait
     */
    final boolean isReadable(SocketChannel other, long millis) throws IOException {
        patience.forget(channel);
        return patience.isReadable(other, millis);
    }

    /** How many bytes of content have gone either way. */
    final long moved() {
        return moved;
    }

    /** A buffer of this thread, empty. */
    static ByteBuffer buffer() {
        return BUFFER.get().clear();
    }

    /** Sends a part of a file: by the kernel alone, if it can. */
    final void send(SeekableByteChannel file, long position, long count) throws IOException {
        if (file instanceof FileChannel source && canTransfer()) {
            transfer(source, position, count);
        } else {
            copy(file, position, count);
        }
    }

    /** Whether what goes over the wire is what is in the file. */
    boolean canTransfer() {
        return true;
    }

    private void transfer(FileChannel file, long position, long count) throws IOException {
        long at = position;
        long end = position + count;
        while (at < end) {
            long sent = file.transferTo(at, Math.min(end - at, MOST_AT_ONCE), channel);
            if (sent > 0) {
                at += sent;
                moved += sent;
                patience.check();
            } else if (at >= file.size()) {
                throw new Transfer.FileException(new EOFException("the file was truncated while it was sent"));
            } else {
                patience.await(channel, SelectionKey.OP_WRITE, STALLED);
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
                throw new Transfer.FileException(new EOFException("the file was truncated while it was sent"));
            }
            left -= read;
            write(buffer.flip());
            patience.check();
        }
    }

    /** Sends all of a buffer. */
    final void write(ByteBuffer content) throws IOException {
        int size = content.remaining();
        writeFully(content);
        moved += size;
    }

    void writeFully(ByteBuffer content) throws IOException {
        while (content.hasRemaining()) {
            if (channel.write(content) == 0) {
                patience.await(channel, SelectionKey.OP_WRITE, STALLED);
            }
        }
    }

    /** Receives what comes until the peer says that this is all, and notes how long nothing came before that. */
    final void receive(WritableByteChannel file) throws IOException {
        ByteBuffer buffer = buffer();
        long waitsSince = System.nanoTime();
        while (read(buffer) >= 0) {
            moved += buffer.position();
            boolean full = !buffer.hasRemaining();
            buffer.flip();
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            buffer = full ? LARGE_BUFFER.get().clear() : buffer.clear();
            patience.check();
            waitsSince = System.nanoTime();
        }
        stoodStillNanos = System.nanoTime() - waitsSince;
    }

    /** How long nothing came before the end of what was received. */
    final long stoodStillNanos() {
        return stoodStillNanos;
    }

    /**
     * Says that nothing more comes, takes what the peer still sends, for a moment, and forgets it: to close before that would
     * reset the connection.
     */
    final void discard() {
        try (TransferTimeout moment = new TransferTimeout(DISCARD)) {
            channel.shutdownOutput();
            long deadline = System.nanoTime() + DISCARD.toNanos();
            ByteBuffer buffer = buffer();
            for (int read = 0; read >= 0 && System.nanoTime() < deadline; read = channel.read(buffer.clear())) {
                if (read == 0) {
                    moment.await(channel, SelectionKey.OP_READ, STALLED);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The peer has gone, or says nothing", e);
        }
    }

    /** Reads a byte at least, or -1 at the end. */
    int read(ByteBuffer into) throws IOException {
        while (true) {
            int read = channel.read(into);
            if (read != 0) {
                return read;
            }
            patience.await(channel, SelectionKey.OP_READ, STALLED);
        }
    }

    /** Agrees with the peer on how to encrypt. */
    void open() throws IOException {
        // There is nothing to agree on.
    }

    /** Says that this is all. */
    void finish() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public final void close() throws IOException {
        channel.close();
    }
}
