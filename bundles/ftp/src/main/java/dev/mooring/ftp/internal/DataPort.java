package dev.mooring.ftp.internal;

import java.nio.channels.ServerSocketChannel;

/** A listener that a session has for its next data connection. */
interface DataPort extends AutoCloseable {

    /** What accepts, non-blocking. */
    ServerSocketChannel channel();

    /** The port that the client connects to. */
    int port();

    /** Whether it was taken away, because it was not used for long and others needed it. */
    boolean isRevoked();

    /** Says that a connection came from somebody else, and was closed. */
    void stranger(java.net.SocketAddress remote);

    /** Gives it back, or closes it. Does nothing the second time. */
    @Override
    void close();
}
