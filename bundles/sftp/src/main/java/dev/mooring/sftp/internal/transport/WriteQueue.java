package dev.mooring.sftp.internal.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.sshd.common.io.AbstractIoWriteFuture;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.util.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** What is to be written to a connection, by one thread at a time: the one that gives it, or one of the poller. */
final class WriteQueue {

    private final SocketSession session;
    private final PendingBytes pendingBytes;

    /** In this order. */
    private final Queue<Write> writes = new ConcurrentLinkedQueue<>();

    /** Whether a thread writes, or waits for room to write. The monitor of this object guards it. */
    private boolean writing;

    private static final class Write extends AbstractIoWriteFuture {

        private final ByteBuffer bytes;
        private final int size;

        Write(Object id, Buffer packet) {
            super(id, null);
            bytes = ByteBuffer.wrap(packet.array(), packet.rpos(), packet.available());
            size = packet.available() + PendingBytes.MESSAGE_OVERHEAD;
        }

        void complete() {
            setValue(true);
        }

        void fail(Throwable reason) {
            setValue(reason);
        }
    }

    WriteQueue(SocketSession session, PendingBytes pendingBytes) {
        this.session = session;
        this.pendingBytes = pendingBytes;
    }

    /** Writes a packet, or as much of what was given before as there is room for. */
    IoWriteFuture add(Buffer packet) {
        Write write = new Write(session.getRemoteAddress(), packet);
        if (session.isClosing()) {
            ClosedChannelException closed = new ClosedChannelException();
            write.fail(closed);
            session.runLater(() -> session.failed(closed));
            return write;
        }
        pendingBytes.addUnsent(write.size);
        writes.add(write);
        synchronized (this) {
            if (writing && session.channel.isOpen()) {
                return write; // who writes finds it
            }
            writing = true;
        }
        write(write);
        return write;
    }

    /** Goes on writing on a thread of the poller, which holds no lock of SSHD. */
    void write() {
        write(null);
    }

    /**
     * Writes until there is nothing left, or no room. The caller has set {@link #writing}.
     *
     * @param own what a thread of SSHD has just given, {@code null} on a thread of the poller. SSHD holds a lock then that closing the session
     *     takes too, and whoever waits for an earlier packet may close it: so that is said by another thread.
     */
    private void write(@Nullable Write own) {
        while (true) {
            Write next = writes.peek();
            if (next == null) {
                synchronized (this) {
                    if (writes.isEmpty()) {
                        writing = false;
                        return;
                    }
                }
                continue;
            }
            try {
                session.channel.write(next.bytes);
                if (next.bytes.hasRemaining()) {
                    session.awaitWritable();
                    return;
                }
                // Before it is said: what closes the session then finds only what is not written.
                if (writes.remove(next)) {
                    pendingBytes.removeUnsent(next.size);
                    session.resume();
                }
                if (own == null || own == next) {
                    next.complete();
                } else {
                    session.runLater(next::complete);
                }
            } catch (IOException | RuntimeException e) {
                writes.remove(next);
                session.runLater(() -> {
                    next.fail(e);
                    session.failed(e);
                });
            }
        }
    }

    /** What is not written yet. */
    Queue<? extends IoWriteFuture> writes() {
        return writes;
    }

    /** Fails what is not written; the connection is closed. */
    void discard() {
        for (Write each = writes.poll(); each != null; each = writes.poll()) {
            each.fail(new ClosedChannelException());
        }
    }
}
