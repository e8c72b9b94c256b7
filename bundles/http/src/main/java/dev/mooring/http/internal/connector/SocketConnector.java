package dev.mooring.http.internal.connector;

import dev.mooring.protocol.ClientConnection;
import dev.mooring.protocol.EventLoop;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ProcessorUtils;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Serves connections of any family, which the server's accept loop has accepted. Jetty's own connectors accept from one socket, which must have a
 * port.
 */
public final class SocketConnector extends AbstractConnector {

    /** Cached files are sent on the threads of the selectors, so there is one selector for each processor, up to this limit. */
    private static final int MAX_SELECTORS = 32;

    private static final System.Logger LOG = System.getLogger(SocketConnector.class.getName());
    private static final long IDLE_MILLIS = 5000;
    private static final long CLOSE_SECONDS = 1;

    private final Selectors selectors;

    /** The protocol of the first factory is the one that a connection starts with. */
    public SocketConnector(Server server, ConnectionFactory... factories) {
        super(server, null, null, null, 0, factories);
        selectors = new Selectors(getExecutor(), getScheduler());
        installBean(selectors, true);
    }

    /** Watches a listening socket with one of the selectors. */
    public EventLoop.Watch watch(ServerSocketChannel duplicate, Runnable ready) {
        ManagedSelector selector = selectors.chooseSelector();
        if (selector == null) {
            throw new IllegalStateException("The connector is not started");
        }
        Watched watched = new Watched(duplicate, ready, selector);
        selector.submit(watched);
        return watched;
    }

    /** Serves a connection. The connector closes it, unless this throws. */
    public void serve(ClientConnection connection) throws IOException {
        SocketChannel channel = connection.channel();
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        selectors.accept(channel, connection);
    }

    /** The connection that a request came in on. */
    static ClientEndPoint endPoint(Request request) {
        return endPoint(request.getConnectionMetaData().getConnection().getEndPoint());
    }

    /** The connection below TLS. */
    static ClientEndPoint endPoint(EndPoint endPoint) {
        while (endPoint instanceof EndPoint.Wrapper wrapper) {
            endPoint = wrapper.unwrap();
        }
        return (ClientEndPoint) endPoint;
    }

    @Override
    protected void accept(int acceptor) {
        throw new UnsupportedOperationException("The accept loop of the server accepts connections");
    }

    @Override
    public Object getTransport() {
        return selectors;
    }

    /**
     * Closes the connections that have been idle for a while and have no unread request. A client that sends a request at this moment is cut off. Clients that send
     * requests often are not affected: they receive a response with {@code Connection: close} first. A client that pauses a download is not idle.
     */
    public void closeIdle() {
        Map<ManagedSelector, List<ClientEndPoint>> idle = new IdentityHashMap<>();
        for (EndPoint each : getConnectedEndPoints()) {
            ClientEndPoint endPoint = (ClientEndPoint) each;
            if (endPoint.isIdle()) {
                idle.computeIfAbsent(endPoint.selector, none -> new ArrayList<>())
                        .add(endPoint);
            }
        }
        idle.forEach((selector, endPoints) -> selector.submit(nio -> closeUnread(nio, endPoints)));
    }

    /** Runs on the thread of the selector. On a busy machine a request may have waited longer than a connection may be idle. */
    private static void closeUnread(Selector nio, List<ClientEndPoint> endPoints) {
        Set<SelectionKey> readable = Collections.newSetFromMap(new IdentityHashMap<>());
        try {
            nio.selectNow(readable::add);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The idle connections are closed later", e);
            return;
        }
        for (ClientEndPoint endPoint : endPoints) {
            SelectionKey key = endPoint.getChannel().keyFor(nio);
            Connection http = endPoint.http();
            // Without interest in reading, a thread has been given the connection but may not have read yet.
            if (http != null
                    && key != null
                    && key.isValid()
                    && (key.interestOps() & SelectionKey.OP_READ) != 0
                    && !readable.contains(key)
                    && endPoint.isIdle()) {
                http.close();
            }
        }
    }

    /** Ends the connections of HTTP/2 that have requests in progress, after these; see {@link ClientEndPoint#endHttp2}. */
    void endHttp2() {
        for (EndPoint each : getConnectedEndPoints()) {
            ClientEndPoint endPoint = (ClientEndPoint) each;
            if (endPoint.requests.get() > 0) {
                endPoint.endHttp2();
            }
        }
    }

    /** A watched listening socket. The selector's thread calls its methods and closes it when the selector stops; any thread may close it. */
    private final class Watched implements ManagedSelector.SelectorUpdate, ManagedSelector.Selectable, EventLoop.Watch {

        private final ServerSocketChannel duplicate;
        private final Runnable ready;
        private final ManagedSelector selector;

        /** Used by the selector's thread alone. */
        private @Nullable SelectionKey key;

        Watched(ServerSocketChannel duplicate, Runnable ready, ManagedSelector selector) {
            this.duplicate = duplicate;
            this.ready = ready;
            this.selector = selector;
        }

        @Override
        public void update(Selector nio) {
            try {
                key = duplicate.register(nio, SelectionKey.OP_ACCEPT, this);
            } catch (ClosedChannelException e) {
                LOG.log(Level.DEBUG, "A listening socket was closed before it was watched", e);
            }
        }

        @Override
        public @Nullable Runnable onSelected() {
            ready.run();
            return null;
        }

        @Override
        public void pause(Duration time) {
            setInterest(0);
            getScheduler()
                    .schedule(
                            () -> selector.submit(nio -> setInterest(SelectionKey.OP_ACCEPT)),
                            time.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        private void setInterest(int operations) {
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

        /** Jetty closes what it had selected and finds cancelled. The selector's thread then must not wait for itself. */
        @Override
        public void close() {
            if (!duplicate.isOpen()) {
                return;
            }
            CountDownLatch free = new CountDownLatch(1);
            try {
                duplicate.close();
                if (isRunning()) {
                    selector.submit(nio -> {
                        try {
                            nio.selectNow(each -> {});
                        } catch (IOException e) {
                            LOG.log(Level.DEBUG, "The next selection frees the descriptor", e);
                        } finally {
                            free.countDown();
                        }
                    });
                    free.await(CLOSE_SECONDS, TimeUnit.SECONDS);
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "A listening socket did not close cleanly; its descriptor is free", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The connection of a client, with the number of its requests that are not answered completely. */
    static final class ClientEndPoint extends SocketChannelEndPoint {

        private final AtomicInteger requests = new AtomicInteger();
        private final ManagedSelector selector;

        /** Set before the first read. */
        private @Nullable ClientConnection client;

        private volatile ParallelStreams.@Nullable OfConnection streams;

        /** Whether a response over HTTP/1.0 is in progress. */
        private volatile boolean incomplete;

        ClientEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
            super(channel, selector, key, scheduler);
            this.selector = selector;
        }

        /** The connection of HTTP, inside TLS. */
        @Nullable
        Connection http() {
            Connection connection = getConnection();
            return connection instanceof SslConnection tls
                    ? tls.getSslEndPoint().getConnection()
                    : connection;
        }

        boolean isIdle() {
            Connection connection = http();
            // Jetty counts a response over HTTP/1.1 when it begins, and a request when its headers are complete.
            return connection != null
                    && connection.getMessagesIn() == connection.getMessagesOut()
                    && requests.get() == 0
                    && getIdleFor() > IDLE_MILLIS;
        }

        /**
         * If this is HTTP/2, sends GOAWAY with the last stream that is answered (RFC 9113 section 6.8), so the client sends further requests over another
         * connection. The connection ends after its last response. A connection without a request does not get it: its first request may be on its
         * way, and not every client sends it again.
         */
        void endHttp2() {
            if (http() instanceof HTTP2Connection http2) {
                http2.getSession().close(ErrorCode.NO_ERROR.code, "the server is stopping", Callback.NOOP);
            }
        }

        ClientConnection client() {
            return Objects.requireNonNull(client);
        }

        @Override
        public SocketAddress getRemoteSocketAddress() {
            return client == null ? super.getRemoteSocketAddress() : client.source();
        }

        void requestBegun() {
            requests.incrementAndGet();
            client().established();
        }

        /** Counts the streams of HTTP/2 from now on, until the connection ends. */
        ParallelStreams.OfConnection countStreams() {
            InetAddress client =
                    getRemoteSocketAddress() instanceof InetSocketAddress remote ? remote.getAddress() : null;
            ParallelStreams.OfConnection counted = ParallelStreams.ALL.of(client);
            streams = counted;
            return counted;
        }

        /**
         * For HTTP/1.0, where the end of the connection is the end of a response without a length: makes the connection end with a reset if it is closed before the
         * response is complete. The client would take it for complete otherwise.
         *
         * @param callback completes the request
         * @return the callback to use instead
         */
        Callback resetUnlessComplete(Request request, Callback callback) {
            if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_0) {
                return callback;
            }
            incomplete = true;
            return new Callback.Nested(callback) {
                @Override
                public void succeeded() {
                    incomplete = false;
                    super.succeeded();
                }
            };
        }

        @Override
        public void doClose() {
            if (incomplete) {
                try {
                    getChannel().setOption(StandardSocketOptions.SO_LINGER, 0);
                } catch (IOException | UnsupportedOperationException e) {
                    LOG.log(Level.DEBUG, "A unix socket, or closed meanwhile", e);
                }
            }
            super.doClose();
        }

        void requestEnded() {
            requests.decrementAndGet();
        }
    }

    private final class Selectors extends SelectorManager {

        Selectors(Executor executor, Scheduler scheduler) {
            super(executor, scheduler, Math.min(ProcessorUtils.availableProcessors(), MAX_SELECTORS));
        }

        @Override
        protected @Nullable ManagedSelector chooseSelector() {
            return super.chooseSelector();
        }

        @Override
        protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
            ClientEndPoint endPoint = new ClientEndPoint((SocketChannel) channel, selector, key, getScheduler());
            endPoint.setIdleTimeout(getIdleTimeout());
            return endPoint;
        }

        @Override
        public Connection newConnection(SelectableChannel channel, EndPoint endPoint, @Nullable Object attachment) {
            ((ClientEndPoint) endPoint).client = (ClientConnection) attachment;
            return getDefaultConnectionFactory().newConnection(SocketConnector.this, endPoint);
        }

        @Override
        protected void onAcceptFailed(SelectableChannel channel, Throwable cause, @Nullable Object attachment) {
            ((ClientConnection) Objects.requireNonNull(attachment)).close();
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
            ClientEndPoint closed = (ClientEndPoint) endPoint;
            if (closed.streams != null) {
                closed.streams.end();
            }
            closed.client().close();
            super.endPointClosed(endPoint);
        }
    }
}
