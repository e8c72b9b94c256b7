package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.transport.PendingBytes;
import java.io.IOException;
import java.time.Duration;
import org.apache.sshd.common.channel.BufferedIoOutputStream;
import org.apache.sshd.common.channel.IoWriteFutureImpl;
import org.apache.sshd.common.io.IoOutputStream;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.util.buffer.Buffer;

/** What is on its way to the client. Nobody waits for it: it is looked at before the next request is carried out. */
public final class ReplyStream extends BufferedIoOutputStream {

    /** Bytes that wait for the client, above which none of its requests is carried out. */
    private static final int MAX_UNSENT = 256 * 1024;

    /** Bytes, and what each reply takes besides. Written under the monitor of this object, as is the next. */
    private volatile long unsent;

    private boolean discarded;

    private final Runnable onDrained;

    /**
     * Makes it for a channel.
     *
     * @param onDrained called when the client has read so much that its requests may be carried out again
     */
    ReplyStream(long channel, IoOutputStream out, Runnable onDrained) {
        super("sftp-out@" + channel, channel, out, Integer.MAX_VALUE, Duration.ZERO);
        this.onDrained = onDrained;
    }

    boolean isAllSent() {
        return unsent == 0;
    }

    boolean isFull() {
        return unsent >= (PendingBytes.isMemoryScarce() ? 1 : MAX_UNSENT);
    }

    private synchronized void count(long bytes) {
        if (!discarded) {
            unsent += bytes;
            PendingBytes.addTotal(bytes);
        }
    }

    @Override
    public IoWriteFuture writeBuffer(Buffer reply) throws IOException {
        int size = reply.available() + PendingBytes.MESSAGE_OVERHEAD;
        count(size);
        try {
            return super.writeBuffer(reply);
        } catch (IOException | RuntimeException e) {
            count(-size);
            throw e;
        }
    }

    @Override
    protected void finishWrite(IoWriteFutureImpl reply, int size) {
        count(-size - PendingBytes.MESSAGE_OVERHEAD);
        super.finishWrite(reply, size);
        // Halfway, so that a thread is not woken for each reply.
        if (unsent <= (PendingBytes.isMemoryScarce() ? 0 : MAX_UNSENT / 2)) {
            onDrained.run();
        }
    }

    /** The channel is gone, and nobody will read what is left. */
    synchronized void discard() {
        count(-unsent);
        discarded = true;
    }
}
