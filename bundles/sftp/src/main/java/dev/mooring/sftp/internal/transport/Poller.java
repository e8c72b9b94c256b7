package dev.mooring.sftp.internal.transport;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The threads that serve the connections. One of them, the leader, waits for all connections. When one is ready, the leader makes another
 * thread the leader and serves that connection itself, so that a request does not wait for another thread to wake up.
 */
public final class Poller implements Closeable {

    private static final Logger LOG = System.getLogger(Poller.class.getName());

    /** The number of threads. They read, decrypt, encrypt and write, and must not block. At most half of them may access files. */
    public static final int THREAD_COUNT = 2 * (Runtime.getRuntime().availableProcessors() + 1);

    private final Selector selector;
    private final ExecutorService pool;

    /** A connection that the leader waits for. */
    interface Connection {

        /**
         * Handles a ready connection. Runs on the leader, so it must return quickly. It removes the interest in operations that it does not
         * handle now.
         *
         * @param key the key of the connection
         * @param work takes the tasks to run now
         */
        void ready(SelectionKey key, Consumer<Runnable> work);
    }

    public Poller(String name) throws IOException {
        selector = Selector.open();
        AtomicInteger number = new AtomicInteger();
        pool = Executors.newFixedThreadPool(
                THREAD_COUNT, task -> new Thread(task, name + "-io-" + number.incrementAndGet()));
        pool.execute(this::lead);
    }

    /**
     * Runs a task on one of these threads.
     *
     * @throws RejectedExecutionException after {@link #close}
     */
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Registers a connection, without an interest. */
    SelectionKey register(SocketChannel channel, Connection connection) throws ClosedChannelException {
        return channel.register(selector, 0, connection);
    }

    /** Adds an interest. */
    void addInterest(SelectionKey key, int operation) {
        key.interestOpsOr(operation);
        selector.wakeup();
    }

    /** Deregisters a closed channel. Its descriptor stays open until the selector has done so. */
    void deregisterClosed() {
        selector.wakeup();
    }

    private void lead() {
        List<Runnable> work = new ArrayList<>(1);
        try {
            while (work.isEmpty()) {
                selector.select(key -> ready(key, work));
            }
        } catch (ClosedSelectorException e) {
            LOG.log(Level.TRACE, "The server has stopped", e);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "Waiting for connections failed; restart the server", e);
        } finally {
            handOver(work);
        }
        if (!work.isEmpty()) {
            work.get(0).run();
        }
    }

    /** Makes another thread the leader, and hands over all tasks but the first. */
    private void handOver(List<Runnable> work) {
        try {
            for (int i = 1; i < work.size(); i++) {
                pool.execute(work.get(i));
            }
            if (selector.isOpen()) {
                pool.execute(this::lead);
            }
        } catch (RejectedExecutionException e) {
            LOG.log(Level.TRACE, "The server has stopped", e);
        }
    }

    private static void ready(SelectionKey key, List<Runnable> work) {
        try {
            ((Connection) key.attachment()).ready(key, work::add);
        } catch (CancelledKeyException e) {
            LOG.log(Level.TRACE, "The connection was closed meanwhile", e);
        }
    }

    @Override
    public void close() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing the selector failed; the threads end anyway", e);
        }
        pool.shutdown();
    }
}
