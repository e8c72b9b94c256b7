package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.io.Closeable;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The connection of a client, from accept to close. It counts towards the limits until its owner closes it.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public interface ClientConnection extends Closeable {

    /**
     * The listening socket that the connection came in on.
     *
     * @return the socket
     */
    NamedSocket socket();

    /**
     * The connection itself.
     *
     * @return the channel, connected and non-blocking; {@link #close()} closes it
     */
    SocketChannel channel();

    /**
     * The peer of the {@linkplain #channel() channel}, which may be a proxy.
     *
     * @return an address and port, or the address of a unix socket
     */
    SocketAddress peer();

    /**
     * The client's socket address. A trusted proxy announces it with the PROXY protocol; without a proxy it is the {@linkplain #peer() peer}.
     *
     * @return an address and port, or the address of a unix socket
     */
    SocketAddress source();

    /**
     * The address of the client, which is that of its {@linkplain #source() source}.
     *
     * @return the address; {@code null} for a client of a unix socket
     */
    @Nullable
    InetAddress address();

    /** Marks the connection as no longer pending, when its client has logged in or sent a request. Further calls do nothing. */
    void established();

    /** Stops counting the connection and closes the channel. Further calls do nothing. */
    @Override
    void close();
}
