package dev.mooring.ftp.internal.control;

import java.time.Duration;

/** Measures how long a control connection has been idle. Thread-safe. */
final class IdleTimer {

    private volatile long limitNanos = Long.MAX_VALUE;
    private volatile long lastActive = System.nanoTime();

    void setLimit(Duration limit) {
        limitNanos = limit.toNanos();
    }

    /** Notes that something was sent or received. */
    void reset() {
        lastActive = System.nanoTime();
    }

    boolean isIdleFor(Duration time) {
        return System.nanoTime() - lastActive > time.toNanos();
    }

    /** Whether nothing was sent or received for the time of {@link #setLimit}. */
    boolean isOver(long now) {
        return now - lastActive > limitNanos;
    }
}
