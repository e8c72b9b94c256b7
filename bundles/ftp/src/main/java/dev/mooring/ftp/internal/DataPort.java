package dev.mooring.ftp.internal;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listener that a session has for its next data connection. */
interface DataPort extends AutoCloseable {

    /** What can be waited on until there is something to {@link #accept}. */
    ServerSocketChannel channel();

    /** The port that the client connects to. */
    int port();

    /**
     * Accepts what waits, {@code null} if nothing does.
     *
     * @throws IOException if the port was taken away, because it was not used for long and others needed it, or is closed
     */
    @Nullable
    SocketChannel accept() throws IOException;

    /** Says that a connection came from somebody else, and was closed. */
    void stranger(SocketAddress remote);

    /** Gives it back, or closes it. Does nothing the second time. */
    @Override
    void close();
}
