package dev.mooring.sftp.internal;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Waits for channels that the JDK has no asynchronous kind of: unix sockets; and for TCP where an asynchronous channel cannot
 * be had, because opening one takes a {@code socket(2)}, which {@code RestrictAddressFamilies=} may forbid.
 */
final class Poller implements Closeable {

    private static final Logger LOG = System.getLogger(Poller.class.getName());

    private final Selector selector;
    private final ExecutorService pool;
    private final Queue<Runnable> changes = new ConcurrentLinkedQueue<>();

    Poller(String name) throws IOException {
        selector = Selector.open();
        AtomicInteger number = new AtomicInteger();
        pool = Executors.newFixedThreadPool(
                Listeners.THREADS, task -> new Thread(task, name + "-polled-" + number.incrementAndGet()));
        new Thread(this::run, name + "-poller").start();
    }

    /** Runs something on the threads that complete operations. */
    void execute(Runnable task) {
        try {
            pool.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "The server is gone", e);
        }
    }

    /**
     * Waits once until a channel is ready for an operation.
     *
     * @param channel a non-blocking channel
     * @param operation of {@link SelectionKey}
     * @param ready takes the operations, on the thread of the poller; the same for each call with that channel
     */
    void await(SelectableChannel channel, int operation, IntConsumer ready) {
        changes.add(() -> {
            try {
                SelectionKey key = channel.keyFor(selector);
                if (key == null) {
                    channel.register(selector, operation, ready);
                } else {
                    key.interestOpsOr(operation);
                }
            } catch (ClosedChannelException | CancelledKeyException e) {
                ready.accept(operation);
            }
        });
        selector.wakeup();
    }

    /** Lets go of a channel that has been closed: its descriptor is open until then. */
    void release() {
        selector.wakeup();
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                selector.select(Poller::ready);
                for (Runnable change = changes.poll(); change != null; change = changes.poll()) {
                    change.run();
                }
            }
        } catch (ClosedSelectorException e) {
            LOG.log(Level.DEBUG, "The server is gone", e);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "Connections cannot be waited for", e);
        }
    }

    private static void ready(SelectionKey key) {
        try {
            int operations = key.readyOps();
            key.interestOpsAnd(~operations);
            ((IntConsumer) key.attachment()).accept(operations);
        } catch (CancelledKeyException e) {
            LOG.log(Level.TRACE, "Closed meanwhile", e);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        pool.shutdown();
    }
}
