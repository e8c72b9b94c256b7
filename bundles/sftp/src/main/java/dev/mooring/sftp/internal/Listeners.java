package dev.mooring.sftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.ServedShares;
import dev.mooring.protocol.Traffic;
import dev.mooring.sftp.SftpSettings;
import dev.mooring.share.Accounts;
import dev.mooring.share.ClientLog;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Accepts connections for SSHD. */
public final class Listeners implements Engine {

    private static final Logger LOG = System.getLogger(Listeners.class.getName());
    private static final ClientLog NOT_ACCEPTED = new ClientLog(LOG);
    private static final long PAUSE_MILLIS = 200;

    /** They complete reads and decrypt. What is run on them may not wait, but for half of them, which may go to files. */
    static final int THREADS = 2 * (Runtime.getRuntime().availableProcessors() + 1);

    private final String name;
    private final Traffic traffic;
    private final AsynchronousChannelGroup group;
    private final SshEngine engine;
    private @Nullable Poller poller;

    /**
     * Builds and starts SSHD.
     *
     * @throws IOException if there can be no threads for it
     */
    public Listeners(String name, ServedShares shares, Accounts accounts, SftpSettings settings, Traffic traffic)
            throws IOException {
        this.name = name;
        this.traffic = traffic;
        AtomicInteger number = new AtomicInteger();
        group = AsynchronousChannelGroup.withFixedThreadPool(
                THREADS, task -> new Thread(task, name + "-io-" + number.incrementAndGet()));
        try {
            engine = new SshEngine(name, group, shares, accounts, settings, traffic);
        } catch (RuntimeException | LinkageError e) {
            group.shutdownNow();
            throw e;
        }
    }

    /** Opens a duplicate, for which the JDK generates code the first time, and closes it. */
    static void warmUp(NamedSocket socket) throws IOException {
        AsynchronousChannelGroup group = AsynchronousChannelGroup.withFixedThreadPool(1, Thread::new);
        try {
            socket.openAsynchronousServerSocketChannel(group).close();
        } finally {
            group.shutdownNow();
        }
    }

    @Override
    public Closeable listen(NamedSocket socket, ServerSocketChannel duplicate) throws IOException {
        if (socket.family() == NamedSocket.Family.INET || socket.family() == NamedSocket.Family.INET6) {
            try {
                Listener listener = new Listener(socket.openAsynchronousServerSocketChannel(group));
                duplicate.close();
                listener.accept();
                return listener;
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "Most likely RestrictAddressFamilies= forbids a socket(2)", e);
            }
        }
        PolledListener listener = new PolledListener(duplicate, poller());
        listener.accept();
        return listener;
    }

    private synchronized Poller poller() throws IOException {
        if (poller == null) {
            poller = new Poller(name);
        }
        return poller;
    }

    /** Ends the connections, after the clients have been told, and the threads. */
    @Override
    public synchronized void close() {
        engine.close();
        try {
            group.shutdownNow();
            if (poller != null) {
                poller.close();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The threads end all the same", e);
        }
    }

    @Override
    public void dismissIdle() {
        engine.dismissIdle();
    }

    private void serve(AsynchronousSocketChannel connection) {
        // Counted here until its session is.
        traffic.connected();
        try {
            engine.serve(connection);
        } finally {
            traffic.disconnected();
        }
    }

    private void reportFailure(Throwable cause) {
        NOT_ACCEPTED.log(
                Level.WARNING,
                null,
                () -> name + ": connections wait, because none can be accepted: " + cause.getMessage());
    }

    /** Accepts one connection after the other until it is closed. */
    private final class Listener implements CompletionHandler<AsynchronousSocketChannel, @Nullable Void>, Closeable {

        private final AsynchronousServerSocketChannel channel;
        private volatile boolean failing;

        Listener(AsynchronousServerSocketChannel channel) {
            this.channel = channel;
        }

        void accept() {
            if (channel.isOpen()) {
                try {
                    channel.accept(null, this);
                } catch (RuntimeException e) {
                    LOG.log(Level.DEBUG, "Closed, and its group with it", e);
                }
            }
        }

        @Override
        public void completed(AsynchronousSocketChannel connection, @Nullable Void nothing) {
            failing = false;
            accept();
            serve(connection);
        }

        /** Most likely there is no descriptor left: the connections wait in the queue. */
        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            if (!channel.isOpen()) {
                return;
            }
            if (!failing) {
                reportFailure(cause);
            }
            failing = true;
            CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::accept);
        }

        /** A connection that is being accepted at this moment is accepted before this returns, and served. */
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** The same for a socket that has no asynchronous channel. */
    private final class PolledListener implements Closeable {

        private final ServerSocketChannel channel;
        private final Poller connections;
        private volatile boolean failing;

        PolledListener(ServerSocketChannel channel, Poller connections) {
            this.channel = channel;
            this.connections = connections;
        }

        void accept() {
            connections.await(channel, SelectionKey.OP_ACCEPT, operation -> connections.execute(this::acceptAll));
        }

        private void acceptAll() {
            try {
                for (SocketChannel accepted = channel.accept(); accepted != null; accepted = channel.accept()) {
                    failing = false;
                    PolledChannel connection = new PolledChannel(accepted, connections);
                    connections.execute(() -> serve(connection));
                }
                accept();
            } catch (ClosedChannelException e) {
                LOG.log(Level.DEBUG, "The socket was removed", e);
            } catch (IOException e) {
                if (!failing) {
                    reportFailure(e);
                }
                failing = true;
                CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(this::accept);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            connections.release();
        }
    }
}
