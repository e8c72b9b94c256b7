package dev.mooring.accounts.internal.password;

import dev.mooring.common.ClientNetwork;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits the password guesses of a network. For each login call {@link #begin}, {@link #fail} after a failure, and {@link #end}. Logins in progress
 * count as failures, so parallel guesses give no advantage. A successful login does not remove failures, because an attacker may have an account too.
 * Times are in nanoseconds.
 */
public final class Throttle {

    /**
     * A source of guesses: a network, or a user who has logged in from the network before. Guesses of others in the network do not lock out such a
     * user.
     *
     * @param network the result of {@link ClientNetwork#of}; empty for peers without an address
     * @param user the known user; {@code null} for all others
     */
    record Source(ByteBuffer network, @Nullable String user) {

        static Source of(@Nullable InetAddress address) {
            return new Source(ClientNetwork.of(address), null);
        }

        boolean hasAddress() {
            return network.hasRemaining();
        }

        boolean isKnown() {
            return user != null;
        }
    }

    /** The recent logins of a source. Guarded by the throttle. */
    private static final class History {
        int inProgress;
        int failures;
        int cacheMisses;
        long resetAt;
        long blockedUntil;
        final Deque<byte[]> wrong = new ArrayDeque<>();
    }

    static final int FREE_FAILURES = 5;
    static final int MAX_WITHOUT_ADDRESS = 32;
    static final int MAX_SOURCES = 16_384;
    static final long FIRST_BLOCK = TimeUnit.SECONDS.toNanos(2);
    static final long LONGEST_BLOCK = TimeUnit.MINUTES.toNanos(15);
    static final long RESET_AFTER = TimeUnit.MINUTES.toNanos(30);
    /** The time to wait if too many logins of the source are in progress. */
    private static final long BUSY = TimeUnit.SECONDS.toNanos(1);

    private static final int MAX_WRONG = 8;

    /** The number of wrong passwords of a blocked known user that are compared with the cached one. */
    public static final int MAX_CACHE_MISSES = 16;

    private final LongSupplier nanos;

    /** The histories, the least recently used first. Above {@link #MAX_SOURCES} that one is removed. */
    private final Map<Source, History> histories = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, History> eldest) {
            return size() > MAX_SOURCES;
        }
    };

    /** The users who have logged in, with their networks; the least recently used first. Guarded by this object. */
    private final Map<Source, Boolean> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, Boolean> eldest) {
            return size() > MAX_SOURCES;
        }
    };

    Throttle(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The source for logins of a user from an address. */
    synchronized Source source(String user, @Nullable InetAddress address) {
        Source own = new Source(ClientNetwork.of(address), user);
        return known.containsKey(own) ? own : Source.of(address);
    }

    /** Records that a user has logged in from the network of a source. */
    synchronized void loggedIn(String user, Source source) {
        known.put(new Source(source.network, user), true);
    }

    /**
     * Whether a password may be compared with the cached one, which is fast. A blocked source may not, except a known user, who has
     * {@link #MAX_CACHE_MISSES} attempts.
     */
    synchronized boolean mayUseCache(Source source) {
        History history = histories.get(source);
        return blocked(source) == 0 || source.isKnown() && history != null && history.cacheMisses < MAX_CACHE_MISSES;
    }

    /** Counts a password of a blocked source that did not equal the cached one. */
    synchronized void missedCache(Source source) {
        History history = histories.get(source);
        if (history != null) {
            history.cacheMisses++;
        }
    }

    /** The remaining time for which a source is blocked; 0 if it is not. */
    synchronized long blocked(Source source) {
        History history = histories.get(source);
        return history == null || history.failures < FREE_FAILURES
                ? 0
                : Math.max(0, history.blockedUntil - nanos.getAsLong());
    }

    /** Starts a login. Returns 0, or the time to wait if the login must not start. */
    synchronized long begin(Source source) {
        long blocked = blocked(source);
        if (blocked > 0) {
            return blocked;
        }
        History history = histories.computeIfAbsent(source, fresh -> new History());
        if (history.failures > 0 && history.inProgress == 0 && history.resetAt - nanos.getAsLong() <= 0) {
            history.failures = 0;
            history.wrong.clear();
        }
        int max = !source.hasAddress() ? MAX_WITHOUT_ADDRESS : Math.max(1, FREE_FAILURES - history.failures);
        if (history.inProgress >= max) {
            return BUSY;
        }
        history.inProgress++;
        return 0;
    }

    /** Whether a guess is one of the last wrong guesses of the source. Repeating it gives an attacker no new information. */
    synchronized boolean isRepeated(Source source, byte[] guess) {
        History history = histories.get(source);
        boolean repeated = false;
        if (history != null) {
            for (byte[] wrong : history.wrong) {
                repeated |= MessageDigest.isEqual(wrong, guess);
            }
        }
        return repeated;
    }

    /** Counts a failure. Returns the time for which the source is blocked now; 0 if it is not. */
    synchronized long fail(Source source, byte[] guess) {
        History history = histories.get(source);
        if (history == null || !source.hasAddress()) {
            return 0;
        }
        if (history.wrong.size() == MAX_WRONG) {
            history.wrong.removeFirst();
        }
        history.wrong.addLast(guess);
        history.failures++;
        history.cacheMisses = 0;
        int doublings = history.failures - FREE_FAILURES;
        long block = doublings < 0 ? 0 : Math.min(LONGEST_BLOCK, FIRST_BLOCK << Math.min(doublings, 20));
        history.blockedUntil = nanos.getAsLong() + block;
        history.resetAt = history.blockedUntil + RESET_AFTER;
        return block;
    }

    /** Ends a login, successful or not. */
    synchronized void end(Source source) {
        History history = histories.get(source);
        if (history != null && history.inProgress > 0 && --history.inProgress == 0 && history.failures == 0) {
            histories.remove(source);
        }
    }

    synchronized int size() {
        return histories.size();
    }
}
