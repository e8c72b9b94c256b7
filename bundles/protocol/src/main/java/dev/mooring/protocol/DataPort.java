package dev.mooring.protocol;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listening port that one session has for its next data connection. Instances are not safe for use by several threads, except {@link #close}. */
public interface DataPort extends AutoCloseable {

    /**
     * The channel to select on before {@link #accept}.
     *
     * @return a non-blocking channel, which the caller does not close
     */
    ServerSocketChannel channel();

    /**
     * The port that the client connects to.
     *
     * @return the port
     */
    int port();

    /**
     * Accepts a connection.
     *
     * @return a channel, which the caller closes; {@code null} if no connection is waiting
     * @throws IOException if the port is closed, or was given to another session because this one did not use it in time
     */
    @Nullable
    SocketChannel accept() throws IOException;

    /**
     * Reports a connection that was closed because it came from another address than the client's.
     *
     * @param remote the address that it came from
     */
    void reject(SocketAddress remote);

    /** Returns the port to its pool, or closes it. Further calls do nothing. */
    @Override
    void close();
}
