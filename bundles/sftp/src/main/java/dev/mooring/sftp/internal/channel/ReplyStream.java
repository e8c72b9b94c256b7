package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.transport.PendingBytes;
import java.io.IOException;
import java.time.Duration;
import org.apache.sshd.common.channel.BufferedIoOutputStream;
import org.apache.sshd.common.channel.IoWriteFutureImpl;
import org.apache.sshd.common.io.IoOutputStream;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.util.buffer.Buffer;

/** The replies on their way to the client. No thread waits for them: the channel checks their size before it runs the next request. */
public final class ReplyStream extends BufferedIoOutputStream {

    /** The bytes of waiting replies above which the channel runs no request. */
    private static final int MAX_UNSENT = 256 * 1024;

    /** The bytes of waiting replies, with the overhead of each. Written under the monitor of this object. */
    private volatile long unsent;

    /** Guarded by the monitor of this object. */
    private boolean discarded;

    private final Runnable onDrained;

    /**
     * Makes the stream of a channel.
     *
     * @param onDrained runs when the client has read enough for further requests
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
        // At half, so that not every reply wakes a thread.
        if (unsent <= (PendingBytes.isMemoryScarce() ? 0 : MAX_UNSENT / 2)) {
            onDrained.run();
        }
    }

    /** The channel has ended: counts off the waiting replies. */
    synchronized void discard() {
        count(-unsent);
        discarded = true;
    }
}
