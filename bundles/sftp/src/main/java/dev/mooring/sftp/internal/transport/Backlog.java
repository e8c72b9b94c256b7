package dev.mooring.sftp.internal.transport;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.Channel;
import java.util.concurrent.atomic.AtomicLong;

/** How much of one client waits to be carried out or to be sent, and of all clients. */
public final class Backlog {

    /** What a waiting message takes besides its bytes, about. */
    public static final int OVERHEAD = 512;

    /** Of a client that does not read what it is sent nothing more is read: each message of its could be answered. */
    private static final int MOST_UNSENT = 256 * 1024;

    /** As much as the window of one channel, so that one upload is never held up. */
    private static final int MOST_REQUESTED = 2 * 1024 * 1024;

    private static final int FEW_REQUESTED = 64 * 1024;
    private static final long MOST_WAITING = Runtime.getRuntime().maxMemory() / 8;

    /** The heap is the process's, and so is this. */
    private static final AtomicLong WAITING = new AtomicLong();

    /** The bytes that are to be written; its monitor is for those who wait for there to be fewer. */
    private final AtomicLong unsent = new AtomicLong();

    private final AtomicLong requested = new AtomicLong();

    /** Whether what waits for all clients takes more of the heap than it should. */
    public static boolean isScarce() {
        return WAITING.get() > MOST_WAITING;
    }

    /** Counts bytes that wait to be carried out or to be sent, over all clients. */
    public static void waiting(long bytes) {
        WAITING.addAndGet(bytes);
    }

    /** Counts bytes of requests that have come and are not carried out, or, if negative, are no longer waiting. */
    void requested(long bytes) {
        waiting(bytes);
        requested.addAndGet(bytes);
    }

    /** Counts bytes that are to be written. */
    void written(int bytes) {
        unsent.addAndGet(bytes);
    }

    /** Counts them off. */
    void sent(int bytes) {
        long before = unsent.getAndAdd(-bytes);
        if (before > MOST_UNSENT && before - bytes <= MOST_UNSENT) {
            wake();
        }
    }

    boolean isSent() {
        return unsent.get() == 0;
    }

    /** Whether little enough of this client's waits for more to be read. */
    boolean isLittle() {
        return unsent.get() <= MOST_UNSENT && requested.get() <= (isScarce() ? FEW_REQUESTED : MOST_REQUESTED);
    }

    /** Waits until what was written before has mostly been sent, or the connection is closed. */
    void awaitRoom(Channel connection) throws IOException {
        try {
            synchronized (unsent) {
                while (unsent.get() > MOST_UNSENT && connection.isOpen()) {
                    unsent.wait();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The server stops");
        }
    }

    /** Has those look again who wait for room. */
    void wake() {
        synchronized (unsent) {
            unsent.notifyAll();
        }
    }
}
