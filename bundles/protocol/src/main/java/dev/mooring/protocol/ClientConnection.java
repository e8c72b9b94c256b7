package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a client, from accept to close. Its owner closes it; only then does it stop counting.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class ClientConnection implements Closeable {

    private static final Logger LOG = System.getLogger(ClientConnection.class.getName());

    private final NamedSocket socket;
    private final SocketChannel channel;
    private final @Nullable InetAddress address;
    private final Admission admission;
    private final long acceptedNanos = System.nanoTime();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean established;

    ClientConnection(NamedSocket socket, SocketChannel channel, Admission admission) throws IOException {
        this.socket = socket;
        this.channel = channel;
        this.admission = admission;
        address = channel.getRemoteAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    /**
     * The listening socket that the connection came in on.
     *
     * @return the socket
     */
    public NamedSocket socket() {
        return socket;
    }

    /**
     * The connection itself.
     *
     * @return the channel, connected and non-blocking; {@link #close()} closes it
     */
    public SocketChannel channel() {
        return channel;
    }

    /**
     * The address of the client.
     *
     * @return the address; {@code null} on a unix socket
     */
    public @Nullable InetAddress address() {
        return address;
    }

    /** Marks the connection as no longer pending, when its client has logged in or sent a request. Further calls do nothing. */
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
    void giveWay() {
        try {
            channel.shutdownOutput();
            channel.shutdownInput();
        } catch (IOException e) {
            LOG.log(Level.TRACE, "Closed already", e);
        }
    }

    /** Stops counting the connection and closes the channel. Further calls do nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            // First, so that a client that sees the end is let in again.
            admission.left(this);
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The descriptor is free all the same", e);
            }
        }
    }
}
