package dev.mooring.accounts.internal.password;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A queue of password checks, which are slow. Networks take turns. Checks of users who have logged in from the network before come first. When the
 * queue is full, the network with the most checks loses its last one. If every network has one, the oldest check is dropped, so that all have the
 * same chance and none waits long.
 */
final class FairQueue {

    /** A check. Exactly one of its methods is called, once. */
    interface Check {

        /** Runs the check. */
        void run();

        /** Called instead of running the check, because the queue is full or closed. */
        void drop();
    }

    private final Executor threads;
    private final int maxRunning;
    private final int capacity;

    /** The checks of known users by network, in the order of turns. Guarded by this object, as are the fields below. */
    private final Map<ByteBuffer, Deque<Check>> known = new LinkedHashMap<>();

    private final Map<ByteBuffer, Deque<Check>> unknown = new LinkedHashMap<>();
    private int waiting;
    private int running;

    /**
     * Makes an empty queue.
     *
     * @param threads runs the checks, one for each submitted task
     * @param maxRunning the maximum number of running checks
     * @param capacity the maximum number of waiting checks
     */
    FairQueue(Executor threads, int maxRunning, int capacity) {
        this.threads = threads;
        this.maxRunning = maxRunning;
        this.capacity = capacity;
    }

    /** Adds a check. If the queue is full, this call drops it or another one. */
    void add(ByteBuffer network, boolean isKnown, Check check) {
        Check dropped;
        boolean start;
        synchronized (this) {
            dropped = waiting < capacity ? null : removeForDrop(network, isKnown, check);
            if (dropped != check) {
                (isKnown ? known : unknown)
                        .computeIfAbsent(network, fresh -> new ArrayDeque<>())
                        .addLast(check);
                waiting++;
            }
            start = running < maxRunning && waiting > 0;
            running += start ? 1 : 0;
        }
        if (dropped != null) {
            dropped.drop();
        }
        if (start) {
            next();
        }
    }

    /** Removes the check to drop. That is the new one itself if its network already has the most. */
    private Check removeForDrop(ByteBuffer network, boolean isKnown, Check check) {
        Map<ByteBuffer, Deque<Check>> from = unknown.isEmpty() ? known : unknown;
        if (from == known && !isKnown) {
            return check;
        }
        ByteBuffer longest = from.keySet().iterator().next();
        for (ByteBuffer each : from.keySet()) {
            longest = size(from, each) > size(from, longest) ? each : longest;
        }
        int most = size(from, longest);
        if (from == (isKnown ? known : unknown) && most > 1 && size(from, network) >= most) {
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

    /** Takes the next check, and moves its network to the end. */
    private synchronized @Nullable Check poll() {
        if (waiting == 0) {
            running--;
            return null;
        }
        Map<ByteBuffer, Deque<Check>> from = known.isEmpty() ? unknown : known;
        ByteBuffer network = from.keySet().iterator().next();
        Check taken = take(from, network, false);
        Deque<Check> rest = from.remove(network);
        if (rest != null) {
            from.put(network, rest);
        }
        return taken;
    }

    /** Starts the next check. The caller has counted it in {@link #running}. */
    private void next() {
        try {
            threads.execute(this::runOne);
        } catch (RejectedExecutionException closed) {
            for (Check check = poll(); check != null; check = poll()) {
                check.drop();
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

    /** The number of waiting checks. */
    synchronized int size() {
        return waiting;
    }
}
