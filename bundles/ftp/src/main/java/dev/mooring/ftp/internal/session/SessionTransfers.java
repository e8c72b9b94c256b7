package dev.mooring.ftp.internal.session;

import dev.mooring.ftp.internal.data.DataSource;
import dev.mooring.ftp.internal.data.DataStream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The transfers of one session, one after the other, and the prepared port for the next. */
public final class SessionTransfers {

    private static final long MAX_GRACE_MILLIS = 100;

    private final FtpSession session;

    /**
     * The source that the last {@code PASV} or {@code PORT} prepared. A session has at most one. The owner sets and takes it; any thread may close
     * it.
     */
    private final AtomicReference<@Nullable DataSource> source = new AtomicReference<>();

    /** Set by the owner. Any thread may abort it or ask for its status. */
    private volatile @Nullable Transfer current;

    /** Used only by the owner, as is the field below. */
    private boolean unused;

    private long transferred;

    SessionTransfers(FtpSession session) {
        this.session = session;
    }

    // Called by any thread

    /** Closes the prepared source. */
    public void discardSource() {
        replaceSource(null);
    }

    private void replaceSource(@Nullable DataSource next) {
        DataSource old = source.getAndSet(next);
        if (old != null) {
            old.close();
        }
    }

    /** Aborts the current transfer. */
    void abort(String reason) {
        Transfer transfer = current;
        if (transfer != null) {
            transfer.abort(reason);
        }
    }

    /** The progress of the current transfer; {@code null} if there is none. */
    @Nullable
    String status() {
        Transfer transfer = current;
        return transfer == null ? null : transfer.status();
    }

    // Called by the owner

    /** Sets the source of the next transfer, and closes an earlier one. */
    public void prepare(DataSource next) {
        unused = true;
        replaceSource(next);
        if (session.isClosed()) {
            discardSource();
        }
    }

    /** Takes the prepared source for one transfer; {@code null} if there is none. The caller closes it. */
    @Nullable
    DataSource takeSource() {
        unused = false;
        return source.getAndSet(null);
    }

    /** Whether no transfer has used the last prepared source. */
    public boolean isLastSourceUnused() {
        return unused;
    }

    void begin(Transfer next) {
        current = next;
        // A thread that closes the session or adds an ABOR checks for a transfer afterwards, so none is missed.
        if (session.isClosed()) {
            next.abort("the session ends");
        } else if (session.isAbortWaiting()) {
            next.abort("the client aborted it");
        }
    }

    void end() {
        current = null;
    }

    /** Counts the bytes of a transfer for its command. */
    void countTransferred(long bytes) {
        transferred = bytes;
        session.server().metrics().moved(bytes);
    }

    /** Returns the bytes transferred since the last call. */
    long takeTransferred() {
        long taken = transferred;
        transferred = 0;
        return taken;
    }

    /**
     * Whether the client is probably still running. When a process is killed, Linux closes its sockets in reverse order. So the data connection ends
     * as after a complete upload, and the control connection ends a moment later. This method waits for that moment: a fiftieth of the duration of
     * the transfer, or the pause before its end if that is longer, but at most {@link #MAX_GRACE_MILLIS}. The pause counts because a live client
     * ends the connection right after the last byte, while a client that is killed may have been idle before.
     *
     * @param upload the data connection, after its end
     * @param began the start of the transfer, by {@link System#nanoTime}
     */
    public boolean isClientAlive(DataStream upload, long began) throws IOException {
        long graceNanos = Math.max((System.nanoTime() - began) / 50, upload.pauseBeforeEndNanos());
        long grace = Math.min(TimeUnit.NANOSECONDS.toMillis(graceNanos), MAX_GRACE_MILLIS);
        SocketChannel control = session.channel();
        try {
            // A channel that is closed during the wait does not become readable.
            if (!upload.isReadable(control, grace) && control.isOpen()) {
                return true;
            }
        } catch (ClosedChannelException e) {
            return false;
        }
        // The control connection has input or has ended.
        session.awaitPendingReads();
        return !session.isClosed() && !session.awaitClosed(grace);
    }
}
