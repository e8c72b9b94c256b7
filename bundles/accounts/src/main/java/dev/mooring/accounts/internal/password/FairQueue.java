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
 * A queue of password checks, which take long. Networks take turns. Checks of users who have logged in from the network before come first. When the
 * queue is full, the network with the most checks loses its last one. If every network has one, the oldest check is dropped, so that all have the
 * same chance and none waits long.
 */
public final class FairQueue {

    /** A check. Exactly one of its methods is called, once. */
    public interface Check {

        /** Runs the check. */
        void run();

        /** The check was dropped, because the queue is full or closed. */
        void giveWay();
    }

    private final Executor threads;
    private final int mostRunning;
    private final int capacity;

    /** The checks of known users by network, in the order of turns. Guarded by this object, as are the fields below. */
    private final Map<ByteBuffer, Deque<Check>> known = new LinkedHashMap<>();

    private final Map<ByteBuffer, Deque<Check>> strangers = new LinkedHashMap<>();
    private int waiting;
    private int running;

    /**
     * Makes an empty queue.
     *
     * @param threads runs the checks, one for each submitted task
     * @param mostRunning the maximum number of running checks
     * @param capacity the maximum number of waiting checks
     */
    public FairQueue(Executor threads, int mostRunning, int capacity) {
        this.threads = threads;
        this.mostRunning = mostRunning;
        this.capacity = capacity;
    }

    /** Adds a check. If the queue is full, this call drops it or another one. */
    public void add(ByteBuffer network, boolean isKnown, Check check) {
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

    /** Removes the check to drop. That is the new one itself if its network already has the most. */
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

    /** Takes the next check, and moves its network to the end. */
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

    /** Starts the next check. The caller has counted it in {@link #running}. */
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

    /** The number of waiting checks. */
    synchronized int size() {
        return waiting;
    }
}
