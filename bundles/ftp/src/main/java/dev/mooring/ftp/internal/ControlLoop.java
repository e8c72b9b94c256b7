package dev.mooring.ftp.internal;

import dev.mooring.share.ClientLog;
import dev.mooring.share.ClientText;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that reads all control connections of a server, writes what their clients have not taken at once, and sees who is idle. It
 * waits for nothing but its selector.
 */
final class ControlLoop implements Closeable {

    private static final Logger LOG = System.getLogger(ControlLoop.class.getName());
    private static final long TICK_MILLIS = 1000;
    private static final long LONGEST_WAIT_MILLIS = 500;
    private static final int BUFFER_SIZE = 1 << 14;

    private final ClientLog brokenOff = new ClientLog(LOG);
    private final String name;
    private final Executor threads;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /** Bytes as they arrive. Only the thread uses it, and the field below, which holds the decrypted bytes. */
    private final ByteBuffer arrived = ByteBuffer.allocateDirect(BUFFER_SIZE);

    private @Nullable ByteBuffer plain;

    /**
     * Starts the thread.
     *
     * @param name of the server
     * @param threads run what takes long
     */
    ControlLoop(String name, Executor threads) throws IOException {
        this.name = name;
        this.threads = threads;
        selector = Selector.open();
        thread = new Thread(this::run, name + "-io");
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads a channel from now on. */
    SelectionKey register(SocketChannel channel, int operations, ControlConnection connection) throws IOException {
        SelectionKey key = channel.register(selector, operations, connection);
        selector.wakeup();
        return key;
    }

    /** Has the next selection see what has changed: other interests, or a closed channel, whose descriptor it frees. */
    void wakeup() {
        if (Thread.currentThread() != thread) {
            selector.wakeup();
        }
    }

    /** Has the thread run a task, after it has read what its next selection finds. */
    void execute(Runnable task) {
        tasks.add(task);
        wakeup();
    }

    Executor threads() {
        return threads;
    }

    /** For the thread: an empty buffer to read into. */
    ByteBuffer arrived() {
        return arrived.clear();
    }

    /** For the thread: an empty buffer to decrypt into. */
    ByteBuffer plain(int size) {
        ByteBuffer buffer = plain;
        if (buffer == null || buffer.capacity() < size) {
            buffer = ByteBuffer.allocate(size);
            plain = buffer;
        }
        return buffer.clear();
    }

    private void run() {
        long tick = System.nanoTime();
        try {
            while (!closed) {
                long patience = selector.keys().isEmpty() ? 0 : TICK_MILLIS;
                if (tasks.isEmpty()) {
                    selector.select(this::ready, patience);
                } else {
                    selector.selectNow(this::ready);
                }
                runTasks();
                long now = System.nanoTime();
                if (now - tick >= TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS)) {
                    tick = now;
                    selector.keys().forEach(key -> guarded(key, connection -> connection.checkIdle(now)));
                }
            }
        } catch (IOException e) {
            LOG.log(Level.ERROR, "{0} cannot wait for its clients: {1}", name, e.getMessage());
        } finally {
            Set.copyOf(selector.keys()).forEach(key -> ((ControlConnection) key.attachment()).close());
            try {
                selector.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "Its descriptors are free all the same", e);
            }
        }
    }

    private void runTasks() {
        // A task that they add runs after the next selection.
        List<Runnable> due = new ArrayList<>(0);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            due.add(task);
        }
        due.forEach(Runnable::run);
    }

    private void ready(SelectionKey key) {
        guarded(key, connection -> connection.ready(key.readyOps()));
    }

    /** Does something with a connection that may fail. */
    @FunctionalInterface
    interface Action {
        void run(ControlConnection connection) throws IOException;
    }

    private void guarded(SelectionKey key, Action action) {
        guarded((ControlConnection) key.attachment(), action);
    }

    /** Closes a connection if something fails with it, so that the others go on. */
    void guarded(ControlConnection connection, Action action) {
        try {
            action.run(connection);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The client has gone, or has sent what is no TLS", ClientText.trace(e));
            connection.close();
        } catch (RuntimeException | Error e) {
            if (!connection.isClosed()) {
                brokeOff(connection, Level.ERROR, ClientText.sentence(e).toString());
                LOG.log(Level.DEBUG, "The stack trace of this error", ClientText.trace(e));
            }
            connection.close();
        }
    }

    /** Logs that a session ends at an odd point. */
    void brokeOff(ControlConnection connection, Level level, String reason) {
        brokenOff.log(
                level,
                connection.address(),
                () -> name + " broke off a session with " + connection.address().getHostAddress() + ": " + reason);
    }

    /** Waits until everything that had arrived by now has been read. */
    void awaitRound() throws InterruptedException {
        CountDownLatch read = new CountDownLatch(1);
        // The selection that precedes the first task may have begun before now, that before the second has not.
        execute(() -> execute(read::countDown));
        read.await(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Breaks every connection off, and ends the thread. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
