package dev.mooring.http.internal.content;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether files that were read a moment ago can be read again without waiting. They cannot on a machine without memory for them. Any thread may call the
 * methods.
 */
final class RecentReads {

    /** Reading from memory and sending takes less than a tenth of this time. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** One read in so many may be slow, because the system may let another thread run meanwhile. */
    private static final int SLOW_ONE_IN = 16;

    /** How many slow reads in a row are too many. */
    private static final int MAX_SLOW = 4;

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A slow read adds {@link #SLOW_ONE_IN}, each other one takes 1 away. */
    private final AtomicInteger slowness = new AtomicInteger();

    private volatile long pauseEnds = System.nanoTime();

    /** Whether such files may be read on a thread that must not wait. */
    boolean areFast() {
        return System.nanoTime() - pauseEnds >= 0;
    }

    /** Counts the time that such a file took. */
    void took(long nanos) {
        if (nanos < SLOW_NANOS) {
            if (slowness.get() > 0) {
                slowness.decrementAndGet();
            }
        } else if (slowness.addAndGet(SLOW_ONE_IN) >= MAX_SLOW * SLOW_ONE_IN) {
            slowness.set(0);
            pauseEnds = System.nanoTime() + PAUSE_NANOS;
        }
    }
}
