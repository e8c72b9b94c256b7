package dev.mooring.sftp.internal.command;

import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads of commands, one for each command, because a command waits for its client. An account gets only some of them. Without a free
 * thread a command is refused.
 */
final class CommandThreads {

    /** The window of a channel, 2 MiB, may wait in memory for each. */
    static final int MAX_THREADS = 64;

    static final int MAX_PER_ACCOUNT = 16;

    private final Map<String, Integer> running = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;

    CommandThreads(String name) {
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                0,
                MAX_THREADS,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> new Thread(task, name + "-command-" + number.incrementAndGet()));
    }

    /** Why a command of an account would be refused now; {@code null} if it would get a thread. */
    @Nullable
    String refusal(String account) {
        if (running.getOrDefault(account, 0) >= MAX_PER_ACCOUNT) {
            return "this account runs " + MAX_PER_ACCOUNT + " commands; wait until one has ended";
        }
        return threads.getActiveCount() >= MAX_THREADS ? "the server runs " + MAX_THREADS + " commands" : null;
    }

    /** An executor for the commands of an account. It rejects them if there is a {@link #refusal}. */
    ExecutorService of(String account) {
        return new AccountExecutor(account);
    }

    void close() {
        threads.shutdownNow();
    }

    private void ended(String account) {
        running.computeIfPresent(account, (name, count) -> count == 1 ? null : count - 1);
    }

    private final class AccountExecutor extends AbstractExecutorService {

        private final String account;

        AccountExecutor(String account) {
            this.account = account;
        }

        @Override
        public void execute(Runnable command) {
            int count = running.merge(account, 1, Integer::sum);
            try {
                if (count > MAX_PER_ACCOUNT) {
                    throw new RejectedExecutionException(refusal(account));
                }
                threads.execute(() -> {
                    try {
                        command.run();
                    } finally {
                        ended(account);
                    }
                });
            } catch (RejectedExecutionException e) {
                ended(account);
                throw e;
            }
        }

        @Override
        public void shutdown() {
            // A command shuts down its executor, but all commands share the threads.
        }

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return threads.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return threads.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return threads.awaitTermination(timeout, unit);
        }
    }
}
