package dev.mooring.felix.http.internal;

import dev.mooring.activation.NamedSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Accepts connections from all sockets that a filter matches, of any family, while the sockets come and go. Its superclass accepts from one socket,
 * which must have a port, but Felix HTTP expects this superclass.
 *
 * <p>The acceptor thread waits on a selector, because the duplicates of a socket share their mode, and so must stay non-blocking.
 */
final class SocketConnector extends ServerConnector {

    private static final Logger LOGGER = System.getLogger(Activator.PID);

    /** The limit that Felix HTTP has for its own ports, twice that of Jetty. */
    private static final int HEADER_SIZE = 16 * 1024;

    private static final int HTTP_PORT = 80;

    private final Settings settings;
    private final CountDownLatch accepting;
    private final Duplicates duplicates;

    /** Whether the connector may accept connections. Used by the acceptor thread alone. */
    private boolean begun;

    /** Set by {@link #open}, which Jetty calls before the acceptor starts. */
    private volatile @Nullable Selector selector;

    /**
     * Makes a connector, which Felix HTTP starts and stops.
     *
     * @param server the server of Felix HTTP
     * @param context of this bundle, which owns the duplicates
     * @param settings the configuration
     * @param accepting zero when the connector may accept connections
     */
    SocketConnector(Server server, BundleContext context, Settings settings, CountDownLatch accepting) {
        super(server, null, null, null, 1, -1, new HttpConnectionFactory(configuration()));
        this.settings = settings;
        this.accepting = accepting;
        duplicates = new Duplicates(context);
        setIdleTimeout(settings.idleTimeout().toMillis());
        publish("localhost", HTTP_PORT);
    }

    /** Felix HTTP publishes the URL of the connector (osgi.http.endpoint). A null host stands for each address of this machine. */
    private void publish(@Nullable String host, int port) {
        setHost(host);
        setPort(port);
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setRequestHeaderSize(HEADER_SIZE);
        configuration.setResponseHeaderSize(HEADER_SIZE);
        configuration.setSendServerVersion(false);
        configuration.setSendXPoweredBy(false);
        // HTTP/1.0 has no Host header, and the path of a unix socket is not a valid host.
        configuration.setServerAuthority(new HostPort("localhost"));
        return configuration;
    }

    @Override
    public void open() throws IOException {
        if (!isOpen()) {
            selector = Selector.open();
            duplicates.open();
        }
    }

    @Override
    public boolean isOpen() {
        Selector opened = selector;
        return opened != null && opened.isOpen();
    }

    /** Closes the duplicates. Later connections wait in the queues of the sockets. */
    @Override
    public void close() {
        super.close();
        duplicates.close();
        Selector opened = selector;
        if (opened != null) {
            closeQuietly(opened);
        }
    }

    @Override
    public @Nullable Object getTransport() {
        return selector;
    }

    @Override
    public void accept(int acceptor) throws IOException {
        Selector opened = selector;
        if (opened != null && mayAccept()) {
            try {
                opened.select(this::accept);
            } catch (UncheckedIOException e) {
                // No descriptor is left. Jetty logs it and waits a second.
                throw e.getCause();
            }
        }
    }

    private boolean mayAccept() {
        try {
            if (!begun) {
                accepting.await();
                begun = true;
                warnIfUseless();
            }
            return true;
        } catch (InterruptedException e) {
            // The connector stops.
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void warnIfUseless() {
        if (duplicates.isEmpty()) {
            LOGGER.log(
                    Level.WARNING,
                    "Felix HTTP serves nothing until there is a socket that matches {0}; set FileDescriptorName= in the .socket"
                            + " unit, or sockets.target in {1}",
                    settings.sockets(),
                    Activator.PID);
        }
    }

    private void accept(SelectionKey ready) {
        SocketChannel client;
        try {
            client = ((ServerSocketChannel) ready.channel()).accept();
        } catch (ClosedChannelException e) {
            LOGGER.log(Level.DEBUG, "The socket was removed", e);
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Another process may have been faster.
        if (client != null) {
            try {
                client.configureBlocking(false);
                if (client.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                getSelectorManager().accept(client);
            } catch (IOException e) {
                LOGGER.log(Level.DEBUG, "The client has disconnected", e);
                closeQuietly(client);
            }
        }
    }

    /** Lets requests finish. Idle connections end within a second ({@link #getShutdownIdleTimeout}). */
    @Override
    protected void doStop() throws Exception {
        if (!isStoppedByItsRequest()) {
            drain();
        }
        super.doStop();
    }

    private void drain() throws Exception {
        try {
            shutdown().get(settings.drainTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOGGER.log(
                    Level.WARNING,
                    "Felix HTTP closes {0} connections, which did not end within drain.timeout",
                    getConnectedEndPoints().size());
        }
    }

    /** Someone may stop this bundle in the Web Console. The request cannot wait for its own end. */
    private boolean isStoppedByItsRequest() {
        return getExecutor() instanceof QueuedThreadPool threads
                && Thread.currentThread().getName().startsWith(threads.getName() + "-");
    }

    @Override
    public String toString() {
        return "the connector of " + settings.sockets();
    }

    private static void closeQuietly(AutoCloseable gone) {
        try {
            gone.close();
        } catch (Exception e) {
            LOGGER.log(Level.DEBUG, "Closing failed, but the descriptor is free", e);
        }
    }

    /** The duplicates of the sockets that currently exist. Any thread may add or remove a socket. */
    private final class Duplicates extends ServiceTracker<NamedSocket, ServerSocketChannel> {

        Duplicates(BundleContext context) {
            super(context, settings.sockets(), null);
        }

        @Override
        public @Nullable ServerSocketChannel addingService(ServiceReference<NamedSocket> reference) {
            NamedSocket socket = context.getService(reference);
            Selector opened = selector;
            if (socket == null || opened == null) {
                return null;
            }
            try {
                ServerSocketChannel duplicate = socket.openServerSocketChannel();
                duplicate.register(opened, SelectionKey.OP_ACCEPT);
                opened.wakeup();
                announce(socket);
                return duplicate;
            } catch (IOException e) {
                LOGGER.log(
                        Level.ERROR,
                        "Felix HTTP cannot serve on fd {0,number,#} (socket ''{1}''): {2}",
                        socket.descriptor(),
                        socket.name(),
                        e.getMessage());
            } catch (ClosedSelectorException e) {
                LOGGER.log(Level.DEBUG, "The connector stops", e);
            }
            // Closes the duplicate, too, if there is one.
            context.ungetService(reference);
            return null;
        }

        private void announce(NamedSocket socket) {
            String url = String.valueOf(socket.address());
            if (socket.localAddress() instanceof InetSocketAddress address) {
                String host = HostPort.normalizeHost(url);
                url = "http://" + host + ":" + address.getPort() + "/";
                publish(address.getAddress().isAnyLocalAddress() ? null : host, address.getPort());
            }
            LOGGER.log(Level.INFO, "Felix HTTP serves {0} (socket ''{1}'')", url, socket.name());
        }

        @Override
        public void removedService(ServiceReference<NamedSocket> reference, ServerSocketChannel duplicate) {
            closeQuietly(duplicate);
            Selector opened = selector;
            if (opened != null) {
                // Frees the descriptor.
                opened.wakeup();
            }
            context.ungetService(reference);
        }
    }
}
