package dev.mooring.http.internal;

import dev.mooring.protocol.Traffic;
import dev.mooring.share.ClientLog;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.ProcessorUtils;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One connector for any number of listening sockets of any family, which come and go without touching the connections.
 * Jetty's own has one socket, which must have a port.
 */
final class SocketConnector extends AbstractConnector {

    private static final Logger LOGGER = System.getLogger(SocketConnector.class.getName());
    private static final ClientLog NOT_ACCEPTED = new ClientLog(LOGGER);
    /** What is in memory is served on the threads of the selectors, so there is one for each processor. */
    private static final int MOST_SELECTORS = 32;

    private static final long PAUSE_MILLIS = 200;
    private static final long IDLE_MILLIS = 5000;
    private static final long CLOSE_SECONDS = 1;

    private final Traffic traffic;
    private final Selectors selectors;

    /** The protocol of the first factory is the one that a connection begins with. */
    SocketConnector(Server server, Traffic traffic, ConnectionFactory... factories) {
        super(server, null, null, null, 0, factories);
        this.traffic = traffic;
        selectors = new Selectors(getExecutor(), getScheduler());
        installBean(selectors, true);
    }

    /**
     * Accepts from a channel, which must be non-blocking and is closed with what is returned.
     *
     * @throws IllegalStateException if the connector is not started
     */
    Closeable listen(ServerSocketChannel channel) {
        ManagedSelector selector = selectors.chooseSelector();
        if (selector == null) {
            throw new IllegalStateException("Not started");
        }
        Acceptor acceptor = new Acceptor(channel, selector);
        selector.submit(acceptor);
        return acceptor::stop;
    }

    @Override
    protected void accept(int acceptor) {
        throw new UnsupportedOperationException("The selectors accept");
    }

    @Override
    public Object getTransport() {
        return selectors;
    }

    /**
     * Closes the connections that have asked for nothing for a while. A client that is about to ask on a connection that is closed at
     * this moment would be cut off: one that asks often gets an answer with {@code Connection: close} before that.
     */
    void closeIdle() {
        for (EndPoint endPoint : getConnectedEndPoints()) {
            Connection connection = endPoint.getConnection();
            if (connection instanceof SslConnection tls) {
                connection = tls.getSslEndPoint().getConnection();
            }
            if (connection != null
                    && connection.getMessagesIn() == connection.getMessagesOut()
                    && ((AbstractEndPoint) endPoint).getIdleFor() > IDLE_MILLIS) {
                connection.close();
            }
        }
    }

    private void accepted(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        selectors.accept(channel);
    }

    /** Runs on the thread of its selector, which would close it if it could be closed, except for {@link #stop}. */
    private final class Acceptor implements ManagedSelector.SelectorUpdate, ManagedSelector.Selectable {

        private final ServerSocketChannel channel;
        private final ManagedSelector selector;
        private @Nullable SelectionKey key;
        private boolean failing;

        Acceptor(ServerSocketChannel channel, ManagedSelector selector) {
            this.channel = channel;
            this.selector = selector;
        }

        @Override
        public void update(Selector nio) {
            try {
                key = channel.register(nio, SelectionKey.OP_ACCEPT, this);
            } catch (IOException e) {
                LOGGER.log(Level.DEBUG, "Closed before anything was accepted", e);
            }
        }

        @Override
        public @Nullable Runnable onSelected() {
            try {
                for (SocketChannel accepted = channel.accept(); accepted != null; accepted = channel.accept()) {
                    failing = false;
                    accepted(accepted);
                }
            } catch (IOException e) {
                pause(e);
            }
            return null;
        }

        /** Most likely there is no descriptor left: the connections wait in the queue, and so does the selector. */
        private void pause(IOException cause) {
            if (!channel.isOpen()) {
                return;
            }
            if (!failing) {
                NOT_ACCEPTED.log(
                        Level.WARNING,
                        null,
                        () -> "Connections wait, because none can be accepted: " + cause.getMessage());
            }
            failing = true;
            interest(0);
            getScheduler()
                    .schedule(
                            () -> selector.submit(nio -> interest(SelectionKey.OP_ACCEPT)),
                            PAUSE_MILLIS,
                            TimeUnit.MILLISECONDS);
        }

        private void interest(int operations) {
            if (key != null && key.isValid()) {
                key.interestOps(operations);
            }
        }

        @Override
        public void updateKey() {
            // The interest changes only in pause().
        }

        @Override
        public void replaceKey(SelectionKey newKey) {
            key = newKey;
        }

        /**
         * Closes the channel and waits until the selector has let go of it, and has counted a connection that it was accepting
         * just then.
         */
        void stop() throws IOException {
            CountDownLatch gone = new CountDownLatch(1);
            channel.close();
            if (isRunning()) {
                selector.submit(nio -> {
                    try {
                        nio.selectNow(key -> {});
                    } catch (IOException e) {
                        LOGGER.log(Level.DEBUG, "The next selection closes it", e);
                    } finally {
                        gone.countDown();
                    }
                });
                try {
                    if (!gone.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                        throw new IOException("The selector did not let go of " + channel);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private final class Selectors extends SelectorManager {

        Selectors(Executor executor, Scheduler scheduler) {
            super(executor, scheduler, Math.min(ProcessorUtils.availableProcessors(), MOST_SELECTORS));
        }

        @Override
        protected @Nullable ManagedSelector chooseSelector() {
            return super.chooseSelector();
        }

        @Override
        protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
            SocketChannelEndPoint endPoint =
                    new SocketChannelEndPoint((SocketChannel) channel, selector, key, getScheduler());
            endPoint.setIdleTimeout(getIdleTimeout());
            return endPoint;
        }

        @Override
        public Connection newConnection(SelectableChannel channel, EndPoint endPoint, @Nullable Object attachment) {
            return getDefaultConnectionFactory().newConnection(SocketConnector.this, endPoint);
        }

        @Override
        protected void onAccepting(SelectableChannel channel) {
            traffic.connected();
            super.onAccepting(channel);
        }

        @Override
        protected void onAcceptFailed(SelectableChannel channel, Throwable cause, @Nullable Object attachment) {
            traffic.disconnected();
            super.onAcceptFailed(channel, cause, attachment);
        }

        @Override
        protected void endPointOpened(EndPoint endPoint) {
            super.endPointOpened(endPoint);
            onEndPointOpened(endPoint);
        }

        @Override
        protected void endPointClosed(EndPoint endPoint) {
            onEndPointClosed(endPoint);
            traffic.disconnected();
            super.endPointClosed(endPoint);
        }
    }
}
