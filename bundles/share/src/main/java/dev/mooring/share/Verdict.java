package dev.mooring.share;

import java.time.Duration;

/** The answer to somebody who logs in with a password. */
public sealed interface Verdict {

    /**
     * The password is right.
     *
     * @param account whose it is
     */
    record Accepted(Account account) implements Verdict {}

    /** User and password are not a pair; which of them is wrong is nobody's business. HTTP says 401, FTP 530. */
    record Refused() implements Verdict {}

    /** The password was not looked at. */
    sealed interface Postponed extends Verdict {

        /**
         * When to try again.
         *
         * @return a positive time
         */
        Duration retryAfter();

        /**
         * For a header like {@code Retry-After}.
         *
         * @return whole seconds, rounded up
         */
        default long retryAfterSeconds() {
            return retryAfter().plusNanos(999_999_999).toSeconds();
        }
    }

    /**
     * The password was not looked at, because there is nobody to ask: the accounts are being replaced, or were never
     * configured. HTTP says 503 with {@code Retry-After}, FTP 421; SSH disconnects.
     *
     * @param retryAfter when to try again; positive
     */
    record Unavailable(Duration retryAfter) implements Postponed {}

    /**
     * The password was not looked at, because more logins than can be checked wait already, from whatever address. HTTP says 503
     * with {@code Retry-After}, FTP 421; SSH disconnects.
     *
     * @param retryAfter when to try again; positive
     */
    record Busy(Duration retryAfter) implements Postponed {}

    /**
     * The password was not looked at: too many logins from that address have failed, or are under way. HTTP says 429 with
     * {@code Retry-After}, FTP 421; SSH disconnects.
     *
     * @param retryAfter when to try again; positive
     */
    record Limited(Duration retryAfter) implements Postponed {}
}
