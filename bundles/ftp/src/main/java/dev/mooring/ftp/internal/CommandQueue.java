package dev.mooring.ftp.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the commands of one session one at a time, in the order in which they were added. The session has at most one
 * owner at any moment: the thread that carries out a command, or the stage that the rest of a command waits for. The next
 * owner starts after the last action of the one before it, so what only the owner touches needs no other guard.
 *
 * <p>Any thread may call any method.
 *
 * @param <C> a command
 */
final class CommandQueue<C> {

    /** Carries out commands. */
    @FunctionalInterface
    interface Carrier<C> {

        /**
         * Carries out a command. It must not throw.
         *
         * @return {@code null} if the command is done, else a stage that completes normally, on any thread, with the rest of
         *     the command. The queue runs the rest, which must not throw, and no other command starts before.
         */
        @Nullable
        CompletionStage<Runnable> carryOut(C command);
    }

    private final Executor threads;
    private final int most;
    private final Carrier<C> carrier;

    /** Guarded by this, as are the fields below. */
    private final Deque<C> waiting = new ArrayDeque<>();

    /** Whether the session has an owner, or a task that will be the owner has been submitted. */
    private boolean owned;

    private boolean closed;
    private @Nullable Runnable last;

    /**
     * Makes an empty queue.
     *
     * @param threads runs the commands; it may not run them in the thread that adds them
     * @param most how many commands may wait
     * @param carrier carries out the commands
     */
    CommandQueue(Executor threads, int most, Carrier<C> carrier) {
        this.threads = threads;
        this.most = most;
        this.carrier = carrier;
    }

    /**
     * Adds a command; a queue that is closed ignores it.
     *
     * @return {@code false} if too many commands wait, and this one was not added
     */
    boolean add(C command) {
        synchronized (this) {
            if (closed) {
                return true;
            }
            if (waiting.size() >= most) {
                return false;
            }
            waiting.add(command);
            if (owned) {
                return true;
            }
            owned = true;
        }
        threads.execute(this::run);
        return true;
    }

    /** Whether such a command waits. */
    synchronized boolean isWaiting(Predicate<C> command) {
        return waiting.stream().anyMatch(command);
    }

    /** The sum of a number of each command that waits. */
    synchronized int sum(ToIntFunction<C> number) {
        return waiting.stream().mapToInt(number).sum();
    }

    /** Forgets the commands that wait. */
    synchronized void forget() {
        waiting.clear();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /**
     * Forgets the commands that wait, and ignores further ones. Only the first call has an effect.
     *
     * @param finish done once after the command that is being carried out, if there is one: then by its thread, else by the
     *     calling one
     */
    void close(Runnable finish) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
            if (owned) {
                last = finish;
                return;
            }
            owned = true;
        }
        finish.run();
    }

    /**
     * Closes the queue if no command waits or is being carried out.
     *
     * @param finish done by the calling thread if the queue was closed
     */
    void closeIfIdle(Runnable finish) {
        synchronized (this) {
            if (owned || closed) {
                return;
            }
            closed = true;
            owned = true;
        }
        finish.run();
    }

    private void run() {
        while (true) {
            C command;
            Runnable finish;
            synchronized (this) {
                command = waiting.poll();
                finish = last;
                last = null;
                if (command == null && finish == null) {
                    owned = false;
                    return;
                }
            }
            if (command == null) {
                finish.run();
                continue;
            }
            CompletionStage<Runnable> rest = carrier.carryOut(command);
            if (rest != null) {
                // The stage is the owner from here on, even if it is complete: this thread does nothing more.
                rest.thenAccept(then -> threads.execute(() -> {
                    then.run();
                    run();
                }));
                return;
            }
        }
    }
}
