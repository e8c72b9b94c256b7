package dev.mooring.protocol.internal.accept;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An accepted connection, which {@link Admission} counts. */
public final class AcceptedConnection implements ClientConnection {

    private static final Logger LOG = System.getLogger(AcceptedConnection.class.getName());

    private final NamedSocket socket;
    private final SocketChannel channel;
    private final SocketAddress peer;
    private final Admission admission;
    private final long acceptedNanos = System.nanoTime();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean established;

    /** {@code null} until the header of the proxy has been read. Written under the lock of the admission. */
    private volatile @Nullable SocketAddress source;

    /**
     * Makes a connection.
     *
     * @param socket the listening socket
     * @param channel the connection, which this object owns
     * @param peer its remote address
     * @param proxied whether the peer is a proxy, so that the client is unknown until {@link Admission#identify}
     * @param admission counts it
     */
    public AcceptedConnection(
            NamedSocket socket, SocketChannel channel, SocketAddress peer, boolean proxied, Admission admission) {
        this.socket = socket;
        this.channel = channel;
        this.peer = peer;
        source = proxied ? null : peer;
        this.admission = admission;
    }

    @Override
    public NamedSocket socket() {
        return socket;
    }

    @Override
    public SocketChannel channel() {
        return channel;
    }

    @Override
    public SocketAddress peer() {
        return peer;
    }

    @Override
    public SocketAddress source() {
        return Objects.requireNonNull(source);
    }

    @Override
    public @Nullable InetAddress address() {
        return address(source);
    }

    /** The IP address of a socket address, if it has one. */
    public static @Nullable InetAddress address(@Nullable SocketAddress client) {
        return client instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    /** Called by the admission. */
    void setSource(SocketAddress announced) {
        source = announced;
    }

    @Override
    public void established() {
        if (!established) {
            established = true;
            admission.established(this);
        }
    }

    long ageNanos() {
        return System.nanoTime() - acceptedNanos;
    }

    /** Shuts both directions down. The engine reads the end of the stream, and closes the connection. */
    void evict() {
        try {
            channel.shutdownOutput();
            channel.shutdownInput();
        } catch (IOException e) {
            LOG.log(Level.TRACE, "Closed already", e);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            // Stops counting before the close: a client that sees the end may connect again at once.
            admission.left(this);
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "Closing failed, but the descriptor is free", e);
            }
        }
    }
}
