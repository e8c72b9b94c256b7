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

    private final Executor threads;
    private final Semaphore idle;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /**
     * Makes the workers.
     *
     * @param threads starts each task at once, on the thread that was idle for the shortest time
     * @param maxThreads the maximum number of tasks that run at the same time
     */
    Workers(Executor threads, int maxThreads) {
        this.threads = threads;
        this.idle = new Semaphore(maxThreads);
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
