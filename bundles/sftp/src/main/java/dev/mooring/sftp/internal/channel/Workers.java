package dev.mooring.sftp.internal.channel;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Runs the tasks of channels in their order, on a limited number of threads. No task waits for a client, so more threads would only wait for
 * the disk. A thread pool with a queue would pass a task to the thread that has been idle longest, whose caches are cold.
 */
final class Workers implements Executor {

    private static final int MAX_THREADS = Math.max(16, 4 * Runtime.getRuntime().availableProcessors());

    private final Executor threads;
    private final Semaphore idle = new Semaphore(MAX_THREADS);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /**
     * Makes the workers.
     *
     * @param threads starts each task at once, on the thread that was idle for the shortest time
     */
    Workers(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        startWorker();
    }

    private void startWorker() {
        if (!tasks.isEmpty() && idle.tryAcquire()) {
            try {
                threads.execute(this::work);
            } catch (RejectedExecutionException e) {
                idle.release();
                throw e;
            }
        }
    }

    private void work() {
        try {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        } finally {
            idle.release();
            startWorker(); // a task may have been added meanwhile
        }
    }
}
