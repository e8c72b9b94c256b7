package dev.mooring.sftp.internal.channel;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Carries out requests, of so many channels at a time and in turn. None of them waits for a client, so more threads would only wait for
 * the disk. A pool with a queue would do the same, but go round its threads, whose caches are cold by then.
 */
final class Workers implements Executor {

    private static final int MAX_THREADS = Math.max(16, 4 * Runtime.getRuntime().availableProcessors());

    private final Executor threads;
    private final Semaphore idle = new Semaphore(MAX_THREADS);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /**
     * Makes them.
     *
     * @param threads runs what it is given at once, on the thread that has been idle for the shortest time
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
            startWorker(); // a task may have come in between
        }
    }
}
