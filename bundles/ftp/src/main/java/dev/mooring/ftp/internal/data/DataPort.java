package dev.mooring.ftp.internal.data;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listening port of a session for its next data connection. */
public interface DataPort extends AutoCloseable {

    /** The channel to select on before {@link #accept}. */
    ServerSocketChannel channel();

    /** The port that the client connects to. */
    int port();

    /**
     * Accepts a connection; {@code null} if none is waiting.
     *
     * @throws IOException if the port is closed, or was given to another session because this one did not use it in time
     */
    @Nullable
    SocketChannel accept() throws IOException;

    /** Reports a connection that was closed because it came from another address than the client's. */
    void reject(SocketAddress remote);

    /** Returns the port to its pool, or closes it. Further calls do nothing. */
    @Override
    void close();
}
