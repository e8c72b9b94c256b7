package dev.mooring.share.internal.account;

import dev.mooring.share.Peer;
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
 * How often a network may guess. Each login is let begin, fails or not, and ends; those under way count as if they had
 * failed, so that guessing side by side gains nothing. A login that succeeds takes no failure back: an attacker may have an
 * account too. Times are in nanoseconds.
 */
final class Throttle {

    /**
     * What guesses are counted for: a network, or a user who has logged in from there before, whom the guesses of others there do
     * not lock out.
     *
     * @param network as of {@link Peer#network}; empty for peers without an address
     * @param user the user who is known there, {@code null} for all others
     */
    record Source(ByteBuffer network, @Nullable String user) {

        static Source of(@Nullable InetAddress address) {
            return new Source(Peer.network(address), null);
        }

        boolean hasAddress() {
            return network.hasRemaining();
        }

        boolean isKnown() {
            return user != null;
        }
    }

    /** Guarded by the throttle. */
    private static final class History {
        int underWay;
        int failures;
        int looks;
        long forgotten;
        long blockedUntil;
        final Deque<byte[]> wrong = new ArrayDeque<>();
    }

    static final int FREE_FAILURES = 5;
    static final int WITHOUT_ADDRESS = 32;
    static final int MOST_SOURCES = 16_384;
    static final long FIRST_BLOCK = TimeUnit.SECONDS.toNanos(2);
    static final long LONGEST_BLOCK = TimeUnit.MINUTES.toNanos(15);
    static final long MEMORY = TimeUnit.MINUTES.toNanos(30);
    private static final long BUSY = TimeUnit.SECONDS.toNanos(1);
    private static final int WRONG_KEPT = 8;

    /** How many passwords are compared with the one that is remembered while a known user has to wait. */
    static final int MOST_LOOKS = 16;

    private final LongSupplier nanos;

    /** The one that was used longest ago is first, and goes first. */
    private final Map<Source, History> histories = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, History> eldest) {
            return size() > MOST_SOURCES;
        }
    };

    /** Who has logged in from where; the one that did so longest ago goes first. Guarded by this object. */
    private final Map<Source, Boolean> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, Boolean> eldest) {
            return size() > MOST_SOURCES;
        }
    };

    Throttle(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** What the logins of a user from an address are counted for. */
    synchronized Source source(String user, @Nullable InetAddress address) {
        Source own = new Source(Peer.network(address), user);
        return known.containsKey(own) ? own : Source.of(address);
    }

    /** Notes that a user has logged in from there. */
    synchronized void loggedIn(String user, Source source) {
        known.put(new Source(source.network, user), true);
    }

    /**
     * Whether a password may be compared with the one that is remembered, which takes no time: it may unless the source is
     * blocked; a known user may even then, a few times.
     */
    synchronized boolean mayLook(Source source) {
        History history = histories.get(source);
        return blocked(source) == 0 || source.isKnown() && history != null && history.looks < MOST_LOOKS;
    }

    /** Counts a password that was not the one that is remembered, while the source was blocked. */
    synchronized void lookedInVain(Source source) {
        History history = histories.get(source);
        if (history != null) {
            history.looks++;
        }
    }

    /** How long a source is blocked for, 0 if it is not. */
    synchronized long blocked(Source source) {
        History history = histories.get(source);
        return history == null || history.failures < FREE_FAILURES
                ? 0
                : Math.max(0, history.blockedUntil - nanos.getAsLong());
    }

    /** Lets a login begin, which is 0, or says how long to wait. */
    synchronized long begin(Source source) {
        long blocked = blocked(source);
        if (blocked > 0) {
            return blocked;
        }
        History history = histories.computeIfAbsent(source, fresh -> new History());
        if (history.failures > 0 && history.underWay == 0 && history.forgotten - nanos.getAsLong() <= 0) {
            history.failures = 0;
            history.wrong.clear();
        }
        int most = !source.hasAddress() ? WITHOUT_ADDRESS : Math.max(1, FREE_FAILURES - history.failures);
        if (history.underWay >= most) {
            return BUSY;
        }
        history.underWay++;
        return 0;
    }

    /** Whether the same wrong guess came from there before, which tells its author nothing new. */
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

    /** Counts a failure; gives how long the address is blocked for now, 0 if it is not. */
    synchronized long fail(Source source, byte[] guess) {
        History history = histories.get(source);
        if (history == null || !source.hasAddress()) {
            return 0;
        }
        if (history.wrong.size() == WRONG_KEPT) {
            history.wrong.removeFirst();
        }
        history.wrong.addLast(guess);
        history.failures++;
        history.looks = 0;
        int doublings = history.failures - FREE_FAILURES;
        long block = doublings < 0 ? 0 : Math.min(LONGEST_BLOCK, FIRST_BLOCK << Math.min(doublings, 20));
        history.blockedUntil = nanos.getAsLong() + block;
        history.forgotten = history.blockedUntil + MEMORY;
        return block;
    }

    synchronized void end(Source source) {
        History history = histories.get(source);
        if (history != null && history.underWay > 0 && --history.underWay == 0 && history.failures == 0) {
            histories.remove(source);
        }
    }

    synchronized int size() {
        return histories.size();
    }
}
