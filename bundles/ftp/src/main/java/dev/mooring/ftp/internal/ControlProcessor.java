package dev.mooring.ftp.internal;

import java.util.concurrent.Executor;
import org.apache.mina.transport.socket.nio.NioProcessor;

/** MINA's processor, of which one can know that it has looked at every connection since. */
final class ControlProcessor extends NioProcessor {

    private static final long LONGEST_WAIT_MILLIS = 500;

    private final Object lock = new Object();
    private long rounds;

    ControlProcessor(Executor executor) {
        super(executor);
    }

    @Override
    protected int select(long timeout) throws Exception {
        synchronized (lock) {
            rounds++;
            lock.notifyAll();
        }
        return super.select(timeout);
    }

    /**
     * Waits until what has arrived on control connections by now has been read: two selections begin after this call, and
     * what the first of them finds is read before the second.
     */
    void awaitRound() throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_WAIT_MILLIS * 1_000_000;
        synchronized (lock) {
            long enough = rounds + 2;
            while (rounds < enough && System.nanoTime() < deadline) {
                // The selection may have begun just before, or not yet: one wake-up each.
                wakeup();
                lock.wait(1);
            }
        }
    }
}
