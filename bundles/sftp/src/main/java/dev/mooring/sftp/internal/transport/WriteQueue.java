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

/** The packets to write to a connection. One thread at a time writes: the one that adds a packet, or one of the poller. */
final class WriteQueue {

    private final SocketSession session;
    private final PendingBytes pendingBytes;

    /** In the order of writing. */
    private final Queue<Write> writes = new ConcurrentLinkedQueue<>();

    /** Whether a thread writes, or waits for space in the socket. Guarded by the monitor of this object. */
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

    /** Adds a packet, and writes as much of the queue as the socket has space for. */
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
                return write; // the writing thread finds it
            }
            writing = true;
        }
        write(write);
        return write;
    }

    /** Continues writing on a thread of the poller, which holds no lock of SSHD. */
    void write() {
        write(null);
    }

    /**
     * Writes until the queue is empty or the socket is full. The caller has set {@link #writing}.
     *
     * @param own the packet that a thread of SSHD has just added; {@code null} on a thread of the poller. The thread of SSHD holds a lock
     *     that closing the session takes too. A listener of an earlier packet may close the session, so another thread completes that
     *     packet.
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
                // Removed before it is completed: a listener that closes the session then finds only unwritten packets.
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

    /** The packets that are not written yet. */
    Queue<? extends IoWriteFuture> writes() {
        return writes;
    }

    /** Fails the packets that are not written; the connection is closed. */
    void discard() {
        for (Write each = writes.poll(); each != null; each = writes.poll()) {
            each.fail(new ClosedChannelException());
        }
    }
}
