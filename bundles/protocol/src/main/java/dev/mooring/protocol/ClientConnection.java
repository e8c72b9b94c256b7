package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.io.Closeable;
import java.net.InetAddress;
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
     * The address of the client.
     *
     * @return the address; {@code null} on a unix socket
     */
    @Nullable
    InetAddress address();

    /** Marks the connection as no longer pending, when its client has logged in or sent a request. Further calls do nothing. */
    void established();

    /** Stops counting the connection and closes the channel. Further calls do nothing. */
    @Override
    void close();
}
