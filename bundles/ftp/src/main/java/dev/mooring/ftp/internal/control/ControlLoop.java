package dev.mooring.ftp.internal.control;

import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that reads all control connections of a server, writes queued replies, and detects idle clients. It blocks only in its selector.
 */
public final class ControlLoop implements Closeable {

    private static final Logger LOG = System.getLogger(ControlLoop.class.getName());
    private static final long TICK_MILLIS = 1000;
    private static final long MAX_WAIT_MILLIS = 500;
    private static final int BUFFER_SIZE = 1 << 14;

    private final ClientLog errors = new ClientLog(LOG);
    private final String name;
    private final Executor threads;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /** Receives bytes. Used only by the thread, as is the field below. */
    private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_SIZE);

    /** Receives decrypted bytes. */
    private @Nullable ByteBuffer plain;

    /**
     * Starts the thread.
     *
     * @param name the name of the server
     * @param threads runs tasks that take long
     */
    public ControlLoop(String name, Executor threads) throws IOException {
        this.name = name;
        this.threads = threads;
        selector = Selector.open();
        thread = new Thread(this::run, name + "-io");
        thread.setDaemon(true);
        thread.start();
    }

    /** Registers a channel with the selector. */
    SelectionKey register(SocketChannel channel, int operations, ControlConnection connection) throws IOException {
        SelectionKey key = channel.register(selector, operations, connection);
        selector.wakeup();
        return key;
    }

    /** Makes the selector notice a changed interest set or a closed channel. A selection frees the descriptor of a closed channel. */
    void wakeup() {
        if (Thread.currentThread() != thread) {
            selector.wakeup();
        }
    }

    /** Runs a task on the thread, after its next selection and the reads of that selection. */
    void execute(Runnable task) {
        tasks.add(task);
        wakeup();
    }

    /** An empty buffer to read into, for the thread. */
    ByteBuffer receiveBuffer() {
        return received.clear();
    }

    /** An empty buffer to decrypt into, for the thread. */
    ByteBuffer plainBuffer(int size) {
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
                long timeout = selector.keys().isEmpty() ? 0 : TICK_MILLIS;
                if (tasks.isEmpty()) {
                    selector.select(this::ready, timeout);
                } else {
                    selector.selectNow(this::ready);
                }
                runTasks();
                long now = System.nanoTime();
                if (now - tick >= TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS)) {
                    tick = now;
                    selector.keys().forEach(key -> runOrClose(key, connection -> connection.checkOver(now)));
                }
            }
        } catch (IOException e) {
            LOG.log(
                    Level.ERROR,
                    "{0} closes all sessions, because its selector failed: {1}; restart the server",
                    name,
                    e.getMessage());
        } finally {
            Set.copyOf(selector.keys()).forEach(key -> ((ControlConnection) key.attachment()).close());
            try {
                selector.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "Closing the selector failed", e);
            }
        }
    }

    private void runTasks() {
        // Tasks that these add run after the next selection.
        List<Runnable> due = new ArrayList<>(0);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            due.add(task);
        }
        due.forEach(Runnable::run);
    }

    private void ready(SelectionKey key) {
        runOrClose(key, connection -> connection.ready(key.readyOps()));
    }

    /** An action on a connection. */
    @FunctionalInterface
    interface Action {
        void run(ControlConnection connection) throws IOException;
    }

    private void runOrClose(SelectionKey key, Action action) {
        runOrClose((ControlConnection) key.attachment(), action);
    }

    /** Runs an action. If it fails, closes only this connection. */
    void runOrClose(ControlConnection connection, Action action) {
        try {
            action.run(connection);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The client has disconnected, or has sent invalid TLS", ClientText.trace(e));
            connection.close();
        } catch (RuntimeException | Error e) {
            if (!connection.isClosed()) {
                logClosed(connection, Level.ERROR, ClientText.sentence(e).toString());
                LOG.log(Level.DEBUG, "The stack trace of this error", ClientText.trace(e));
            }
            connection.close();
        }
    }

    /** Runs tasks that take long, and then an action on the thread of the loop. */
    void runOnOtherThread(Runnable tasks, ControlConnection connection, Action next) throws IOException {
        try {
            threads.execute(() -> {
                try {
                    tasks.run();
                } finally {
                    execute(() -> runOrClose(connection, next));
                }
            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            throw new IOException("The server is closed or cannot start a thread", e);
        }
    }

    /** Logs that the server closed a session because of an error. */
    void logClosed(ControlConnection connection, Level level, String reason) {
        errors.log(
                level,
                connection.address(),
                () -> name + " closed the session with " + connection.address().getHostAddress() + ": " + reason);
    }

    /** Waits until the thread has read everything that has arrived so far. */
    public void awaitPendingReads() throws InterruptedException {
        CountDownLatch read = new CountDownLatch(1);
        // The selection before the first task may already be running. The one before the second starts after this call.
        execute(() -> execute(read::countDown));
        read.await(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Closes every connection and ends the thread. */
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
