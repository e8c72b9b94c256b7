package dev.mooring.ftp.internal;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The transfers of one session, one after the other, and the port that is ready for the next. */
final class SessionTransfers {

    private static final long LONGEST_GRACE_MILLIS = 100;

    private final FtpSession session;

    /**
     * What the last {@code PASV} or {@code PORT} has prepared, so a session has one port at most. The owner sets and takes it, and any
     * thread may forget it.
     */
    private final AtomicReference<@Nullable DataSource> source = new AtomicReference<>();

    /** Set by the owner; any thread aborts it or asks how far it is. */
    private volatile @Nullable Transfer current;

    /** Touched by the owner alone, as is the field below. */
    private boolean unused;

    private long moved;

    SessionTransfers(FtpSession session) {
        this.session = session;
    }

    // Called by any thread

    /** Closes what was prepared. */
    void forgetSource() {
        replaceSource(null);
    }

    private void replaceSource(@Nullable DataSource next) {
        DataSource old = source.getAndSet(next);
        if (old != null) {
            old.close();
        }
    }

    /** Aborts the transfer that is under way. */
    void abort(String reason) {
        Transfer moving = current;
        if (moving != null) {
            moving.abort(reason);
        }
    }

    /** How far the transfer is; {@code null} if there is none. */
    @Nullable
    String status() {
        Transfer moving = current;
        return moving == null ? null : moving.status();
    }

    // Called by the owner

    /** Prepares the next transfer, in place of what was prepared before. */
    void prepare(DataSource next) {
        unused = true;
        replaceSource(next);
        if (session.isClosed()) {
            forgetSource();
        }
    }

    /** What was prepared, which is good for one transfer and the caller's to close; {@code null} if nothing was. */
    @Nullable
    DataSource takeSource() {
        unused = false;
        return source.getAndSet(null);
    }

    /** Whether there was no transfer since something was prepared. */
    boolean isWasteful() {
        return unused;
    }

    void begin(Transfer next) {
        current = next;
        // Those who close the session or add an ABOR look at the transfer afterwards: one of the two sees the other.
        if (session.isClosed()) {
            next.abort("the session ends");
        } else if (session.isAbortWaiting()) {
            next.abort("the client aborted it");
        }
    }

    void end() {
        current = null;
    }

    /** Counts what a transfer has moved, for the command that it belongs to. */
    void moved(long bytes) {
        moved = bytes;
        session.engine().metrics().moved(bytes);
    }

    /** What was moved since this was last asked. */
    long takeMoved() {
        long taken = moved;
        moved = 0;
        return taken;
    }

    /**
     * Whether the client is still there, as far as anybody can know by now. Linux closes the sockets of a process that dies
     * the last one first, so that its data connection ends as after a complete upload, and the control connection a moment later:
     * that moment is waited for, a fiftieth of the time that the transfer took, or as long as nothing had come any more: who has
     * sent all says so at once, while one that dies may have been about something else.
     *
     * @param upload from which all has come
     * @param began when the transfer did, by {@link System#nanoTime}
     */
    boolean isClientThere(DataStream upload, long began) throws IOException {
        long graceNanos = Math.max((System.nanoTime() - began) / 50, upload.stoodStillNanos());
        long grace = Math.min(TimeUnit.NANOSECONDS.toMillis(graceNanos), LONGEST_GRACE_MILLIS);
        SocketChannel control = session.channel();
        try {
            // What is closed while it is waited for does not become readable.
            if (!upload.isReadable(control, grace) && control.isOpen()) {
                return true;
            }
        } catch (ClosedChannelException e) {
            return false;
        }
        // It has said something, or its end has come.
        session.engine().awaitRound();
        return !session.isClosed() && !session.awaitClosed(grace);
    }
}
