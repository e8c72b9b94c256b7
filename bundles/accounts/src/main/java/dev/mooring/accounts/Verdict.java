package dev.mooring.accounts;

import java.time.Duration;

/** The result of a login with a password. */
public sealed interface Verdict {

    /**
     * The password is right.
     *
     * @param account the account
     */
    record Accepted(Account account) implements Verdict {}

    /** The user or the password is wrong; the client must not learn which. HTTP replies 401, FTP 530. */
    record Refused() implements Verdict {}

    /** The password was not checked. */
    sealed interface Postponed extends Verdict {

        /**
         * The time until the client may try again.
         *
         * @return a positive duration
         */
        Duration retryAfter();

        /**
         * The same in seconds, for a header like {@code Retry-After}.
         *
         * @return whole seconds, rounded up
         */
        default long retryAfterSeconds() {
            return retryAfter().plusNanos(999_999_999).toSeconds();
        }
    }

    /**
     * The password was not checked, because there are no accounts: they are being replaced, or were never configured. HTTP replies 503 with
     * {@code Retry-After}, FTP 421; SSH disconnects.
     *
     * @param retryAfter the time until the client may try again; positive
     */
    record Unavailable(Duration retryAfter) implements Postponed {}

    /**
     * The password was not checked, because too many logins from all addresses are waiting. HTTP replies 503 with {@code Retry-After}, FTP 421; SSH
     * disconnects.
     *
     * @param retryAfter the time until the client may try again; positive
     */
    record Busy(Duration retryAfter) implements Postponed {}

    /**
     * The password was not checked, because too many logins from this address have failed or are in progress. HTTP replies 429 with
     * {@code Retry-After}, FTP 421; SSH disconnects.
     *
     * @param retryAfter the time until the client may try again; positive
     */
    record Limited(Duration retryAfter) implements Postponed {}
}
