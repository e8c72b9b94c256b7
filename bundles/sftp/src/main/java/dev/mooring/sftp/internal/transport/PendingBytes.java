package dev.mooring.sftp.internal.transport;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.Channel;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the data that waits in memory, of one client and of all: requests that are not completed and replies that are not sent. */
public final class PendingBytes {

    /** The approximate memory that a waiting message takes besides its bytes. */
    public static final int MESSAGE_OVERHEAD = 512;

    /** Above this the server does not read from the client: each message read could add another reply. */
    private static final int MAX_UNSENT = 256 * 1024;

    /** The window of one channel, so that a single upload never stops. */
    private static final int MAX_REQUESTED = 2 * 1024 * 1024;

    private static final int MAX_REQUESTED_IF_SCARCE = 64 * 1024;
    private static final long MAX_TOTAL = Runtime.getRuntime().maxMemory() / 8;

    /** Over all servers, because they share the heap. */
    private static final AtomicLong TOTAL = new AtomicLong();

    /** The bytes to send. Threads that wait until fewer bytes are left wait on its monitor. */
    private final AtomicLong unsent = new AtomicLong();

    private final AtomicLong requested = new AtomicLong();

    /** Whether the waiting data of all clients takes more of the heap than it should. */
    public static boolean isMemoryScarce() {
        return TOTAL.get() > MAX_TOTAL;
    }

    /** Counts waiting bytes, over all clients. */
    public static void addTotal(long bytes) {
        TOTAL.addAndGet(bytes);
    }

    /** Counts bytes of requests that have arrived and are not completed. A negative number counts off completed ones. */
    void addRequested(long bytes) {
        addTotal(bytes);
        requested.addAndGet(bytes);
    }

    /** Counts bytes to send. */
    void addUnsent(int bytes) {
        unsent.addAndGet(bytes);
    }

    /** Counts off bytes that were sent. */
    void removeUnsent(int bytes) {
        long before = unsent.getAndAdd(-bytes);
        if (before > MAX_UNSENT && before - bytes <= MAX_UNSENT) {
            wakeSenders();
        }
    }

    boolean isAllSent() {
        return unsent.get() == 0;
    }

    /** Whether so little data of this client waits that the server may read more. */
    boolean allowsReading() {
        return unsent.get() <= MAX_UNSENT
                && requested.get() <= (isMemoryScarce() ? MAX_REQUESTED_IF_SCARCE : MAX_REQUESTED);
    }

    /** Waits until most of the data written so far has been sent, or the connection is closed. */
    void awaitSendSpace(Channel connection) throws IOException {
        try {
            synchronized (unsent) {
                while (unsent.get() > MAX_UNSENT && connection.isOpen()) {
                    unsent.wait();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The server is stopping");
        }
    }

    /** Wakes the threads in {@link #awaitSendSpace}. */
    void wakeSenders() {
        synchronized (unsent) {
            unsent.notifyAll();
        }
    }
}
