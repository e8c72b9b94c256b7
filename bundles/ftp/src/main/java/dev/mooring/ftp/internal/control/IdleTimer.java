package dev.mooring.ftp.internal.control;

import java.time.Duration;

/** Measures how long a control connection has been idle, and how long its client has not logged in. Thread-safe. */
final class IdleTimer {

    private volatile long limitNanos = Long.MAX_VALUE;
    private volatile long lastActive = System.nanoTime();

    /** The limit for the login, and the time from which it counts. Both change together. */
    private record Login(long start, long limitNanos) {}

    private static final Login NONE = new Login(0, Long.MAX_VALUE);

    private volatile Login login = NONE;

    void setLimit(Duration limit) {
        limitNanos = limit.toNanos();
    }

    /** Starts the time in which the client must log in. Nothing that the client sends extends it. */
    void awaitLogin(Duration limit) {
        login = new Login(System.nanoTime(), limit.toNanos());
    }

    /** Notes that the client has logged in. */
    void loggedIn() {
        login = NONE;
    }

    /** Notes that something was sent or received. */
    void reset() {
        lastActive = System.nanoTime();
    }

    boolean isIdleFor(Duration time) {
        return System.nanoTime() - lastActive > time.toNanos();
    }

    /** Whether the client has not logged in within the time of {@link #awaitLogin}. */
    boolean isLoginOver(long now) {
        Login awaited = login;
        return now - awaited.start > awaited.limitNanos;
    }

    /** Whether nothing was sent or received for the time of {@link #setLimit}, or {@link #isLoginOver}. */
    boolean isOver(long now) {
        return now - lastActive > limitNanos || isLoginOver(now);
    }
}
