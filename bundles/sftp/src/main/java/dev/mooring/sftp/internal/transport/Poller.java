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
 * Threads that serve connections of any family. One of them, the leader, waits for all connections. It passes the lead on when one is
 * ready, and serves that one itself, so that a request needs no other thread to be woken first.
 */
public final class Poller implements Closeable {

    private static final Logger LOG = System.getLogger(Poller.class.getName());

    /** They read, decrypt, encrypt and write. What runs on them must not wait, except that half of them may go to files. */
    public static final int THREAD_COUNT = 2 * (Runtime.getRuntime().availableProcessors() + 1);

    private final Selector selector;
    private final ExecutorService pool;

    /** What is waited for. */
    interface Connection {

        /**
         * Takes a readiness, on the leader's thread, so this must not take long. It ends the interest in what it does not take.
         *
         * @param key its key
         * @param work takes what there is to do now
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
     * Runs something on these threads.
     *
     * @throws RejectedExecutionException if they have ended
     */
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Makes a key for a connection, without an interest. */
    SelectionKey register(SocketChannel channel, Connection connection) throws ClosedChannelException {
        return channel.register(selector, 0, connection);
    }

    /** Adds an interest. */
    void addInterest(SelectionKey key, int operation) {
        key.interestOpsOr(operation);
        selector.wakeup();
    }

    /** Lets go of a channel that has been closed: its descriptor is open until then. */
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
            LOG.log(Level.TRACE, "The server is gone", e);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "Connections cannot be waited for", e);
        } finally {
            handOver(work);
        }
        if (!work.isEmpty()) {
            work.get(0).run();
        }
    }

    /** Passes on the lead, and all work but the first. */
    private void handOver(List<Runnable> work) {
        try {
            for (int i = 1; i < work.size(); i++) {
                pool.execute(work.get(i));
            }
            if (selector.isOpen()) {
                pool.execute(this::lead);
            }
        } catch (RejectedExecutionException e) {
            LOG.log(Level.TRACE, "The server is gone", e);
        }
    }

    private static void ready(SelectionKey key, List<Runnable> work) {
        try {
            ((Connection) key.attachment()).ready(key, work::add);
        } catch (CancelledKeyException e) {
            LOG.log(Level.TRACE, "Closed meanwhile", e);
        }
    }

    @Override
    public void close() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The threads end all the same", e);
        }
        pool.shutdown();
    }
}
