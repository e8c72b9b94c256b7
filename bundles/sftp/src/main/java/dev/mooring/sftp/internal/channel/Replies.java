package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.transport.Backlog;
import java.io.IOException;
import java.time.Duration;
import org.apache.sshd.common.channel.BufferedIoOutputStream;
import org.apache.sshd.common.channel.IoWriteFutureImpl;
import org.apache.sshd.common.io.IoOutputStream;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.util.buffer.Buffer;

/** What is on its way to the client. Nobody waits for it: it is looked at before the next request is carried out. */
public final class Replies extends BufferedIoOutputStream {

    /** Bytes that wait for the client, above which none of its requests is carried out. */
    private static final int MOST_UNREAD = 256 * 1024;

    /** Bytes, and what each reply takes besides. Written under the monitor of this object, as is the next. */
    private volatile long unread;

    private boolean forgotten;

    private final Runnable readOn;

    /**
     * Makes it for a channel.
     *
     * @param readOn called when the client has read so much that its requests may be carried out again
     */
    Replies(long channel, IoOutputStream out, Runnable readOn) {
        super("sftp-out@" + channel, channel, out, Integer.MAX_VALUE, Duration.ZERO);
        this.readOn = readOn;
    }

    boolean areSent() {
        return unread == 0;
    }

    boolean areTooMany() {
        return unread >= (Backlog.isScarce() ? 1 : MOST_UNREAD);
    }

    private synchronized void count(long bytes) {
        if (!forgotten) {
            unread += bytes;
            Backlog.waiting(bytes);
        }
    }

    @Override
    public IoWriteFuture writeBuffer(Buffer reply) throws IOException {
        int size = reply.available() + Backlog.OVERHEAD;
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
        count(-size - Backlog.OVERHEAD);
        super.finishWrite(reply, size);
        // Halfway, so that a thread is not woken for each reply.
        if (unread <= (Backlog.isScarce() ? 0 : MOST_UNREAD / 2)) {
            readOn.run();
        }
    }

    /** The channel is gone, and nobody will read what is left. */
    synchronized void forget() {
        count(-unread);
        forgotten = true;
    }
}
