package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.share.ClientLog;
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
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Accepts the connections of one server, from duplicates of all its sockets, on one thread. All methods may be called by any thread.
 */
final class AcceptLoop implements Closeable {

    private static final Logger LOG = System.getLogger(AcceptLoop.class.getName());
    private static final ClientLog NOT_ACCEPTED = new ClientLog(LOG);

    /** So that a flood on one socket leaves the others their turn. */
    private static final int BATCH = 64;

    /** Leaves the processor to the first clients; a server without clients gets ready later. */
    private static final long SETTLING_MILLIS = 1000;

    private static final long REST_MILLIS = 1000;
    private static final long PAUSE_MILLIS = 200;
    private static final long CLOSE_SECONDS = 1;

    /** What the loop calls, on its thread. */
    interface Server {

        /**
         * Gets ready to serve.
         *
         * @param waiting whether a client waits
         * @return whether connections are to be accepted from now on
         */
        boolean ready(boolean waiting);

        /**
         * Serves a connection.
         *
         * @param socket the socket that it came in on
         * @param channel the connection, which is the server's
         */
        void accepted(NamedSocket socket, SocketChannel channel);
    }

    private final String name;
    private final Server server;
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    /** Whether the server is ready. Written before the thread starts, then by the thread, which alone reads it. */
    private boolean serving;

    /** Touched by the thread alone. */
    private boolean paused;

    AcceptLoop(String name, Server server) throws IOException {
        this.name = name;
        this.server = server;
        selector = Selector.open();
        thread = new Thread(this::run, name + "-accept");
        thread.setDaemon(true);
    }

    /** Accepts from a duplicate, which must be non-blocking and is the loop's from here on. */
    void add(NamedSocket socket, ServerSocketChannel duplicate) throws IOException {
        try {
            duplicate.register(selector, SelectionKey.OP_ACCEPT, socket);
        } catch (IOException e) {
            duplicate.close();
            throw e;
        }
        selector.wakeup();
    }

    /** Closes a duplicate. A connection that is being accepted from it at this moment is still served. */
    void remove(ServerSocketChannel duplicate) {
        try {
            duplicate.close();
            awaitSelection();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The descriptor is free all the same", e);
        }
    }

    /** Starts to accept. A client that waits already is served before this returns, if the server can be made ready. */
    void start() {
        try {
            if (selector.selectNow(key -> {}) > 0) {
                serving = server.ready(true);
                acceptNow();
            }
        } catch (ClosedSelectorException | IOException e) {
            LOG.log(Level.DEBUG, "Closed at once, or the thread will report it", e);
        }
        thread.start();
    }

    /** Closes the duplicates and waits until the thread has ended. */
    @Override
    public void close() throws IOException {
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

    /** After a failure, which will most likely repeat. */
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
            LOG.log(Level.DEBUG, "The next selection reports it", e);
        }
    }

    private void accept(SelectionKey key) {
        if (!serving) {
            return;
        }
        ServerSocketChannel duplicate = (ServerSocketChannel) key.channel();
        try {
            for (int i = 0; i < BATCH; i++) {
                SocketChannel accepted = duplicate.accept();
                if (accepted == null) {
                    return;
                }
                server.accepted((NamedSocket) key.attachment(), accepted);
            }
        } catch (IOException e) {
            if (duplicate.isOpen()) {
                pause(e);
            }
        }
    }

    /** Most likely there is no descriptor left. The connections wait in the kernel's queue. */
    private void pause(IOException cause) {
        NOT_ACCEPTED.log(
                Level.WARNING,
                null,
                () -> name + ": connections wait, because none can be accepted: " + cause.getMessage());
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
