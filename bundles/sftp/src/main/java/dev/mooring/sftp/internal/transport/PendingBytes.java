package dev.mooring.sftp.internal.transport;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.Channel;
import java.util.concurrent.atomic.AtomicLong;

/** How much of one client waits to be carried out or to be sent, and of all clients. */
public final class PendingBytes {

    /** What a waiting message takes besides its bytes, about. */
    public static final int MESSAGE_OVERHEAD = 512;

    /** Of a client that does not read what it is sent nothing more is read: each message of its could be answered. */
    private static final int MAX_UNSENT = 256 * 1024;

    /** As much as the window of one channel, so that one upload is never held up. */
    private static final int MAX_REQUESTED = 2 * 1024 * 1024;

    private static final int MAX_REQUESTED_IF_SCARCE = 64 * 1024;
    private static final long MAX_TOTAL = Runtime.getRuntime().maxMemory() / 8;

    /** The heap is the process's, and so is this. */
    private static final AtomicLong TOTAL = new AtomicLong();

    /** The bytes that are to be written; its monitor is for those who wait for there to be fewer. */
    private final AtomicLong unsent = new AtomicLong();

    private final AtomicLong requested = new AtomicLong();

    /** Whether what waits for all clients takes more of the heap than it should. */
    public static boolean isMemoryScarce() {
        return TOTAL.get() > MAX_TOTAL;
    }

    /** Counts bytes that wait to be carried out or to be sent, over all clients. */
    public static void addTotal(long bytes) {
        TOTAL.addAndGet(bytes);
    }

    /** Counts bytes of requests that have come and are not carried out, or, if negative, are no longer waiting. */
    void addRequested(long bytes) {
        addTotal(bytes);
        requested.addAndGet(bytes);
    }

    /** Counts bytes that are to be written. */
    void addUnsent(int bytes) {
        unsent.addAndGet(bytes);
    }

    /** Counts them off. */
    void removeUnsent(int bytes) {
        long before = unsent.getAndAdd(-bytes);
        if (before > MAX_UNSENT && before - bytes <= MAX_UNSENT) {
            wakeSenders();
        }
    }

    boolean isAllSent() {
        return unsent.get() == 0;
    }

    /** Whether little enough of this client's waits for more to be read. */
    boolean allowsReading() {
        return unsent.get() <= MAX_UNSENT
                && requested.get() <= (isMemoryScarce() ? MAX_REQUESTED_IF_SCARCE : MAX_REQUESTED);
    }

    /** Waits until what was written before has mostly been sent, or the connection is closed. */
    void awaitSendSpace(Channel connection) throws IOException {
        try {
            synchronized (unsent) {
                while (unsent.get() > MAX_UNSENT && connection.isOpen()) {
                    unsent.wait();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The server stops");
        }
    }

    /** Has those look again who wait for room. */
    void wakeSenders() {
        synchronized (unsent) {
            unsent.notifyAll();
        }
    }
}
