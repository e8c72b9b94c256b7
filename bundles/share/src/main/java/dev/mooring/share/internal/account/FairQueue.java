package dev.mooring.share.internal.account;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Checks of passwords, which take long, in turn for each network that they come from. Those of users who have logged in from
 * there before come first. When it is full, the network that has the most in it loses its last one; if all have one, the oldest
 * gives way, so that each has the same chance and none waits for long.
 */
final class FairQueue {

    /** A check, of which one method is called, once. */
    interface Check {

        /** Does it. */
        void run();

        /** There is no room for it. */
        void giveWay();
    }

    private final Executor threads;
    private final int mostRunning;
    private final int capacity;

    /** By network, the one whose turn is next first. Guarded by this object, as all below. */
    private final Map<ByteBuffer, Deque<Check>> known = new LinkedHashMap<>();

    private final Map<ByteBuffer, Deque<Check>> strangers = new LinkedHashMap<>();
    private int waiting;
    private int running;

    /**
     * Makes an empty queue.
     *
     * @param threads what carries out the checks; each call of it is for one
     * @param mostRunning how many at the same time
     * @param capacity how many may wait
     */
    FairQueue(Executor threads, int mostRunning, int capacity) {
        this.threads = threads;
        this.mostRunning = mostRunning;
        this.capacity = capacity;
    }

    /** Adds a check; this one or another may have to give way, which is told in this call. */
    void add(ByteBuffer network, boolean isKnown, Check check) {
        Check loser;
        boolean start;
        synchronized (this) {
            loser = waiting < capacity ? null : loser(network, isKnown, check);
            if (loser != check) {
                (isKnown ? known : strangers)
                        .computeIfAbsent(network, fresh -> new ArrayDeque<>())
                        .addLast(check);
                waiting++;
            }
            start = running < mostRunning && waiting > 0;
            running += start ? 1 : 0;
        }
        if (loser != null) {
            loser.giveWay();
        }
        if (start) {
            next();
        }
    }

    /** Takes out what gives way to a check; that is itself if its network has the most already. */
    private Check loser(ByteBuffer network, boolean isKnown, Check check) {
        Map<ByteBuffer, Deque<Check>> from = strangers.isEmpty() ? known : strangers;
        if (from == known && !isKnown) {
            return check;
        }
        ByteBuffer longest = from.keySet().iterator().next();
        for (ByteBuffer each : from.keySet()) {
            longest = size(from, each) > size(from, longest) ? each : longest;
        }
        int most = size(from, longest);
        if (from == (isKnown ? known : strangers) && most > 1 && size(from, network) >= most) {
            return check;
        }
        return take(from, longest, most > 1);
    }

    private static int size(Map<ByteBuffer, Deque<Check>> queues, ByteBuffer network) {
        Deque<Check> queue = queues.get(network);
        return queue == null ? 0 : queue.size();
    }

    private Check take(Map<ByteBuffer, Deque<Check>> queues, ByteBuffer network, boolean last) {
        Deque<Check> queue = queues.get(network);
        Check taken = last ? queue.removeLast() : queue.removeFirst();
        if (queue.isEmpty()) {
            queues.remove(network);
        }
        waiting--;
        return taken;
    }

    /** Takes the one whose turn it is, and moves its network to the end. */
    private synchronized @Nullable Check poll() {
        if (waiting == 0) {
            running--;
            return null;
        }
        Map<ByteBuffer, Deque<Check>> from = known.isEmpty() ? strangers : known;
        ByteBuffer network = from.keySet().iterator().next();
        Check taken = take(from, network, false);
        Deque<Check> rest = from.remove(network);
        if (rest != null) {
            from.put(network, rest);
        }
        return taken;
    }

    /** Has one carried out; called by whoever may let one more run. */
    private void next() {
        try {
            threads.execute(this::runOne);
        } catch (RejectedExecutionException closed) {
            for (Check check = poll(); check != null; check = poll()) {
                check.giveWay();
            }
        }
    }

    private void runOne() {
        Check check = poll();
        if (check != null) {
            try {
                check.run();
            } finally {
                next();
            }
        }
    }

    /** How many wait. */
    synchronized int size() {
        return waiting;
    }
}
