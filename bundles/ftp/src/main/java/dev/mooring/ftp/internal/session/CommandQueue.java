package dev.mooring.ftp.internal.session;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the commands of one session one at a time, in the order in which they were added. The session has at most one owner at any moment:
 * the thread that carries out a command, or the stage that the rest of a command waits for. An owner starts after the last action of its
 * predecessor, so data that only the owner uses needs no lock.
 *
 * <p>Any thread may call any method.
 *
 * @param <C> a command
 */
final class CommandQueue<C> {

    /** Carries out commands. */
    @FunctionalInterface
    interface Handler<C> {

        /**
         * Carries out a command. It must not throw.
         *
         * @return {@code null} if the command is done, else a stage that completes normally, on any thread, with the rest of the command. The queue
         *     runs the rest, which must not throw, before it starts another command.
         */
        @Nullable
        CompletionStage<Runnable> handle(C command);
    }

    private final Executor threads;
    private final int capacity;
    private final Handler<C> handler;

    /** Guarded by this, as are the fields below. */
    private final Deque<C> waiting = new ArrayDeque<>();

    /** Whether the session has an owner, or a task that will be the owner has been submitted. */
    private boolean owned;

    private boolean closed;
    private @Nullable Runnable finishing;

    /**
     * Makes an empty queue.
     *
     * @param threads runs the commands; must not run them in the thread that adds them
     * @param capacity the maximum number of waiting commands
     * @param handler carries out the commands
     */
    CommandQueue(Executor threads, int capacity, Handler<C> handler) {
        this.threads = threads;
        this.capacity = capacity;
        this.handler = handler;
    }

    /**
     * Adds a command. A closed queue ignores it.
     *
     * @return {@code false} if too many commands are waiting and this one was not added
     */
    boolean add(C command) {
        synchronized (this) {
            if (closed) {
                return true;
            }
            if (waiting.size() >= capacity) {
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

    /** Whether a matching command is waiting. */
    synchronized boolean isWaiting(Predicate<C> command) {
        return waiting.stream().anyMatch(command);
    }

    /** Adds up a number over all waiting commands. */
    synchronized int sum(ToIntFunction<C> number) {
        return waiting.stream().mapToInt(number).sum();
    }

    /** Discards the waiting commands. */
    synchronized void discardWaiting() {
        waiting.clear();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /**
     * Discards the waiting commands and ignores further ones. Only the first call has an effect.
     *
     * @param finish run once: by the owner after the current command, or by the calling thread if there is no owner
     */
    void close(Runnable finish) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
            if (owned) {
                finishing = finish;
                return;
            }
            owned = true;
        }
        finish.run();
    }

    /**
     * Closes the queue if no command is waiting or being carried out.
     *
     * @param condition a further condition, which sees the effects of all commands; must not block
     * @param finish run by the calling thread if this call closed the queue
     */
    void closeIfIdle(BooleanSupplier condition, Runnable finish) {
        synchronized (this) {
            if (owned || closed || !condition.getAsBoolean()) {
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
                finish = finishing;
                finishing = null;
                if (command == null && finish == null) {
                    owned = false;
                    return;
                }
            }
            if (command == null) {
                finish.run();
                continue;
            }
            CompletionStage<Runnable> rest = handler.handle(command);
            if (rest != null) {
                // Now the stage is the owner, even if it is already complete. This thread must not continue.
                rest.thenAccept(then -> threads.execute(() -> {
                    then.run();
                    run();
                }));
                return;
            }
        }
    }
}
