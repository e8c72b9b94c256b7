package dev.mooring.protocol.internal.accept;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the PROXY headers of accepted connections. A header that has already arrived is read at once; one thread waits for all others. Any thread may
 * call the methods.
 */
public final class HeaderReader implements Closeable {

    private static final Logger LOG = System.getLogger(HeaderReader.class.getName());

    /** Receives the connections, and owns them from then on. Several threads may call it. */
    public interface Receiver {

        /**
         * The header is complete.
         *
         * @param connection the connection, with the first byte of the client next
         * @param client the announced address; {@code null} if there is none
         */
        void complete(AcceptedConnection connection, @Nullable InetSocketAddress client);

        /**
         * The peer sent no valid header.
         *
         * @param connection the connection
         * @param problem what the peer did, beginning with a verb; {@code null} if it ended the connection without a byte, as health checks do
         */
        void failed(AcceptedConnection connection, @Nullable String problem);
    }

    private final Duration timeout;
    private final Receiver receiver;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Waiting> added = new ConcurrentLinkedQueue<>();

    /** In the order of their deadlines. Used by the thread alone. */
    private final Set<Waiting> all = new LinkedHashSet<>();

    /** Guarded by this. */
    private boolean closed;

    /** A connection without a complete header. Has identity, unlike a record. */
    private static final class Waiting {
        final AcceptedConnection connection;
        final ProxyHeader header = new ProxyHeader();
        final long deadline;

        Waiting(AcceptedConnection connection, long deadline) {
            this.connection = connection;
            this.deadline = deadline;
        }
    }

    /**
     * Makes a reader, and starts its thread.
     *
     * @param name the name of the server, for the thread
     * @param timeout the time in which a header must arrive
     * @param receiver receives the connections
     * @throws IOException if no descriptor is left
     */
    public HeaderReader(String name, Duration timeout, Receiver receiver) throws IOException {
        this.timeout = timeout;
        this.receiver = receiver;
        selector = Selector.open();
        thread = new Thread(this::run, name + "-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads the header of a connection, and passes the connection to the receiver, at once or later. */
    public void read(AcceptedConnection connection) {
        Waiting waiting = new Waiting(connection, System.nanoTime() + timeout.toNanos());
        if (!isDecided(waiting) && !await(waiting)) {
            receiver.failed(connection, null);
        }
    }

    private synchronized boolean await(Waiting waiting) {
        if (closed) {
            return false;
        }
        added.add(waiting);
        selector.wakeup();
        return true;
    }

    /** Reads what has arrived, and tells the receiver if that decides. */
    private boolean isDecided(Waiting waiting) {
        try {
            if (!waiting.header.read(waiting.connection.channel())) {
                return false;
            }
        } catch (ProtocolException e) {
            receiver.failed(waiting.connection, waiting.header.hasBegun() ? e.getMessage() : null);
            return true;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The proxy has disconnected", e);
            receiver.failed(waiting.connection, null);
            return true;
        }
        receiver.complete(waiting.connection, waiting.header.client());
        return true;
    }

    private void run() {
        try {
            while (!isClosed()) {
                selector.select(this::ready, millisToWait());
                register();
                expire();
            }
        } catch (IOException e) {
            LOG.log(Level.ERROR, "{0} cannot wait for PROXY headers: {1}", thread.getName(), e.getMessage());
        } finally {
            end();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Until the first deadline; 0 if there is none. */
    private long millisToWait() {
        Iterator<Waiting> first = all.iterator();
        return first.hasNext()
                ? Math.max(1, TimeUnit.NANOSECONDS.toMillis(first.next().deadline - System.nanoTime()))
                : 0;
    }

    private void ready(SelectionKey key) {
        Waiting waiting = (Waiting) key.attachment();
        if (isDecided(waiting)) {
            key.cancel();
            all.remove(waiting);
        }
    }

    private void register() {
        for (Waiting each = added.poll(); each != null; each = added.poll()) {
            try {
                each.connection.channel().register(selector, SelectionKey.OP_READ, each);
                all.add(each);
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The connection was closed meanwhile", e);
                receiver.failed(each.connection, null);
            }
        }
    }

    private void expire() {
        long now = System.nanoTime();
        Iterator<Waiting> oldest = all.iterator();
        while (oldest.hasNext()) {
            Waiting waiting = oldest.next();
            if (waiting.deadline - now > 0) {
                return;
            }
            oldest.remove();
            receiver.failed(waiting.connection, "sent no PROXY header within " + timeout.toSeconds() + " s");
        }
    }

    private void end() {
        synchronized (this) {
            closed = true;
        }
        all.addAll(added);
        all.forEach(each -> receiver.failed(each.connection, null));
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing the selector failed", e);
        }
    }

    /** Gives up the connections that have no header yet, and ends the thread. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
