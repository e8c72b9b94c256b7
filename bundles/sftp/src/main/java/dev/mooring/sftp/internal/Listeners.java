package dev.mooring.sftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.WrongKindException;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.ServedShares;
import dev.mooring.protocol.Traffic;
import dev.mooring.sftp.SftpSettings;
import dev.mooring.share.Accounts;
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

/**
 * Accepts connections, and builds the engine for the first of them. Nothing of SSHD is loaded before that.
 */
public final class Listeners implements Engine {

    private static final Logger LOG = System.getLogger(Listeners.class.getName());
    private static final long PAUSE_MILLIS = 200;

    /** They complete reads and decrypt. What is run on them may not wait, but for half of them, which may go to files. */
    static final int THREADS = 2 * (Runtime.getRuntime().availableProcessors() + 1);

    private final String name;
    private final Accounts accounts;
    private final SftpSettings settings;
    private final ServedShares shares;
    private final Traffic traffic;
    private @Nullable AsynchronousChannelGroup group;
    private @Nullable Poller poller;
    private @Nullable SshEngine engine;
    private boolean closed;

    /** Makes something that accepts nothing yet. */
    public Listeners(String name, ServedShares shares, Accounts accounts, SftpSettings settings, Traffic traffic) {
        this.name = name;
        this.accounts = accounts;
        this.settings = settings;
        this.traffic = traffic;
        this.shares = shares;
    }

    /** Says in the log which host keys will not do, while there is still somebody to read it. */
    public void checkHostKeys() {
        HostKeyFiles.check(name, settings);
    }

    @Override
    public Closeable listen(NamedSocket socket) throws IOException {
        if (socket.family() == NamedSocket.Family.INET || socket.family() == NamedSocket.Family.INET6) {
            try {
                Listener listener = new Listener(socket.openAsynchronousServerSocketChannel(group()));
                listener.accept();
                return listener;
            } catch (WrongKindException e) {
                throw e;
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "Most likely RestrictAddressFamilies= forbids a socket(2)", e);
            }
        }
        PolledListener listener = new PolledListener(socket.openServerSocketChannel(), poller());
        listener.accept();
        return listener;
    }

    private synchronized Poller poller() throws IOException {
        if (poller == null) {
            poller = new Poller(name);
        }
        return poller;
    }

    private synchronized AsynchronousChannelGroup group() throws IOException {
        if (group == null) {
            AtomicInteger number = new AtomicInteger();
            group = AsynchronousChannelGroup.withFixedThreadPool(
                    THREADS, task -> new Thread(task, name + "-io-" + number.incrementAndGet()));
        }
        return group;
    }

    private synchronized @Nullable SshEngine engine() throws IOException {
        if (engine == null && !closed) {
            engine = new SshEngine(name, group(), shares, accounts, settings, traffic);
        }
        return engine;
    }

    /** Ends the connections, after the clients have been told, and the threads. */
    @Override
    public void close() {
        SshEngine running;
        AsynchronousChannelGroup channels;
        Poller polled;
        synchronized (this) {
            closed = true;
            running = engine;
            channels = group;
            polled = poller;
            engine = null;
            group = null;
            poller = null;
        }
        if (running != null) {
            running.close();
        }
        try {
            if (channels != null) {
                channels.shutdownNow();
            }
            if (polled != null) {
                polled.close();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The threads end all the same", e);
        }
    }

    @Override
    public void dismissIdle() {
        SshEngine running;
        synchronized (this) {
            running = engine;
        }
        if (running != null) {
            running.dismissIdle();
        }
    }

    private void serve(AsynchronousSocketChannel connection) {
        SshEngine running = null;
        // Counted here until its session is.
        traffic.connected();
        try {
            running = engine();
            if (running != null) {
                running.serve(connection);
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            running = null;
            LOG.log(Level.ERROR, name + " cannot start its engine", e);
        } finally {
            if (running == null) {
                discard(connection);
            }
            traffic.disconnected();
        }
    }

    private void reportFailure(Throwable cause) {
        LOG.log(Level.WARNING, "{0}: connections wait, because none can be accepted: {1}", name, cause.getMessage());
    }

    private static void discard(AsynchronousSocketChannel connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The connection is gone all the same", e);
        }
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
            // Another thread may accept the next one while this one builds the engine.
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
