package dev.mooring.protocol.internal.accept;

import dev.mooring.activation.NamedSocket;
import dev.mooring.common.ClientLog;
import dev.mooring.protocol.EventLoop;
import dev.mooring.protocol.EventLoop.Watch;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Accepts the connections of one server from duplicates of all its sockets. It has its own thread until the engine exists, and then runs on the
 * engine's {@link EventLoop} if there is one. Any thread may call its methods.
 */
public final class AcceptLoop implements Closeable {

    private static final Logger LOG = System.getLogger(AcceptLoop.class.getName());
    private static final ClientLog NOT_ACCEPTED = new ClientLog(LOG);

    /** A limit for one socket, so that a flood on it does not starve the others. */
    private static final int BATCH = 64;

    /** The delay before a server without clients prepares to serve. Until then the clients of other servers have the processor. */
    private static final long SETTLING_MILLIS = 1000;

    private static final long REST_MILLIS = 1000;
    private static final long PAUSE_MILLIS = 200;
    private static final long CLOSE_SECONDS = 1;

    /**
     * The calls of {@link #ready} come from one thread at a time: first that of {@link AcceptLoop#start}, then that of the loop. An event loop may call
     * {@link #accepted} on several threads.
     */
    public interface Server {

        /**
         * Prepares to serve.
         *
         * @param waiting whether a client is waiting
         * @return whether to accept connections from now on
         */
        boolean ready(boolean waiting);

        /** The event loop that accepts once the server is ready; {@code null} to accept on the thread of the accept loop. */
        @Nullable
        EventLoop eventLoop();

        /**
         * Serves a connection.
         *
         * @param socket the socket that it came in on
         * @param channel the connection, which the server owns
         */
        void accepted(NamedSocket socket, SocketChannel channel);
    }

    private final String name;
    private final Server server;
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    /** Whether the server is ready. Written before the thread starts, then used by the thread alone. */
    private boolean serving;

    /** Used by the thread alone. */
    private boolean paused;

    /** The engine's event loop, once it watches the duplicates. Guarded by this, as are the fields below. */
    private @Nullable EventLoop eventLoop;

    private final Map<ServerSocketChannel, Watch> watched = new IdentityHashMap<>();
    private boolean closed;

    /**
     * Makes the loop.
     *
     * @param name the name of the server, for the thread and the log
     * @param server serves the connections
     * @throws IOException if no descriptor is left
     */
    public AcceptLoop(String name, Server server) throws IOException {
        this.name = name;
        this.server = server;
        selector = Selector.open();
        thread = new Thread(this::run, name + "-accept");
        thread.setDaemon(true);
    }

    /** Accepts from a duplicate, which must be non-blocking. The loop owns it from here on. */
    public synchronized void add(NamedSocket socket, ServerSocketChannel duplicate) throws IOException {
        if (eventLoop != null) {
            watch(eventLoop, socket, duplicate);
            return;
        }
        try {
            duplicate.register(selector, SelectionKey.OP_ACCEPT, socket);
        } catch (IOException e) {
            duplicate.close();
            throw e;
        }
        selector.wakeup();
    }

    private void watch(EventLoop loop, NamedSocket socket, ServerSocketChannel duplicate) {
        watched.put(duplicate, loop.watch(duplicate, () -> accept(socket, duplicate)));
    }

    /** Moves the duplicates to the engine's event loop, if it has one. The loop then needs no thread. */
    private synchronized boolean handOver() throws IOException {
        EventLoop loop = server.eventLoop();
        if (loop == null || closed) {
            return false;
        }
        eventLoop = loop;
        Map<ServerSocketChannel, NamedSocket> duplicates = new IdentityHashMap<>();
        for (SelectionKey key : selector.keys()) {
            duplicates.put((ServerSocketChannel) key.channel(), (NamedSocket) key.attachment());
            key.cancel();
        }
        selector.selectNow(key -> {});
        duplicates.forEach((duplicate, socket) -> {
            if (duplicate.isOpen()) {
                watch(loop, socket, duplicate);
            }
        });
        return true;
    }

    /** Closes a duplicate. A connection that is just being accepted from it is still served. */
    public void remove(ServerSocketChannel duplicate) {
        Watch watch;
        synchronized (this) {
            watch = watched.remove(duplicate);
        }
        if (watch != null) {
            watch.close();
            return;
        }
        try {
            duplicate.close();
            awaitSelection();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing failed, but the descriptor is free", e);
        }
    }

    /** Starts accepting. If a client is already waiting and the server is ready for it, this accepts its connection before it returns. */
    public void start() {
        try {
            if (selector.selectNow(key -> {}) > 0) {
                serving = server.ready(true);
                if (serving && handOver()) {
                    return;
                }
                acceptNow();
            }
        } catch (ClosedSelectorException | IOException e) {
            LOG.log(Level.DEBUG, "The loop is closed, or its thread will report the error", e);
        }
        thread.start();
    }

    /** Closes the duplicates and waits until the thread has ended. */
    @Override
    public void close() throws IOException {
        List<Watch> watches;
        synchronized (this) {
            closed = true;
            watches = List.copyOf(watched.values());
            watched.clear();
        }
        watches.forEach(Watch::close);
        for (SelectionKey key : Set.copyOf(selector.keys())) {
            key.channel().close();
        }
        selector.close();
        synchronized (this) {
            notifyAll();
        }
        if (Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A closed duplicate keeps its descriptor until the next selection begins. */
    private void awaitSelection() {
        if (!thread.isAlive()) {
            acceptNow();
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        tasks.add(() -> {
            acceptNow();
            done.countDown();
        });
        selector.wakeup();
        try {
            if (!done.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.DEBUG, "{0} is starting its engine, and closes the socket after that", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            boolean waiting = !serving && selector.select(key -> {}, SETTLING_MILLIS) > 0;
            while (!serving) {
                runTasks();
                serving = server.ready(waiting);
                if (!serving) {
                    if (waiting) {
                        rest();
                    }
                    waiting = selector.select(key -> {}) > 0;
                }
            }
            if (handOver()) {
                runTasks();
                return;
            }
            while (true) {
                selector.select(this::accept, paused ? PAUSE_MILLIS : 0);
                resume();
                runTasks();
            }
        } catch (ClosedSelectorException e) {
            LOG.log(Level.TRACE, "The server has ended", e);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "{0} cannot wait for connections: {1}", name, e.getMessage());
        }
    }

    /** Waits after a failure, which will most likely repeat. */
    private synchronized void rest() {
        try {
            if (selector.isOpen()) {
                TimeUnit.MILLISECONDS.timedWait(this, REST_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void acceptNow() {
        try {
            selector.selectNow(this::accept);
        } catch (ClosedSelectorException e) {
            LOG.log(Level.TRACE, "The server has ended", e);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The next selection will report the error", e);
        }
    }

    private void accept(SelectionKey key) {
        if (serving) {
            accept((NamedSocket) key.attachment(), (ServerSocketChannel) key.channel());
        }
    }

    private void accept(NamedSocket socket, ServerSocketChannel duplicate) {
        try {
            for (int i = 0; i < BATCH; i++) {
                SocketChannel accepted = duplicate.accept();
                if (accepted == null) {
                    return;
                }
                serve(socket, accepted);
            }
        } catch (IOException | RuntimeException | Error e) {
            // Also a lack of memory, which may pass. Otherwise no client would ever be served again.
            if (duplicate.isOpen()) {
                pause(duplicate, e);
            }
        }
    }

    private void serve(NamedSocket socket, SocketChannel accepted) throws IOException {
        try {
            server.accepted(socket, accepted);
        } catch (RuntimeException | Error e) {
            // Nothing else would ever close it.
            accepted.close();
            throw e;
        }
    }

    /** Pauses accepting, most likely because no descriptor is left. The connections wait in the kernel's queue. */
    private void pause(ServerSocketChannel duplicate, Throwable cause) {
        NOT_ACCEPTED.log(
                Level.WARNING,
                null,
                () -> name + ": connections wait, because none can be accepted: "
                        + (cause instanceof IOException ? cause.getMessage() : cause));
        Watch watch;
        synchronized (this) {
            watch = watched.get(duplicate);
        }
        if (watch != null) {
            watch.pause(Duration.ofMillis(PAUSE_MILLIS));
            return;
        }
        paused = true;
        selector.keys().forEach(key -> setInterest(key, 0));
    }

    private void resume() {
        if (paused) {
            paused = false;
            selector.keys().forEach(key -> setInterest(key, SelectionKey.OP_ACCEPT));
        }
    }

    private static void setInterest(SelectionKey key, int operations) {
        try {
            key.interestOps(operations);
        } catch (CancelledKeyException e) {
            LOG.log(Level.TRACE, "Removed meanwhile", e);
        }
    }
}
