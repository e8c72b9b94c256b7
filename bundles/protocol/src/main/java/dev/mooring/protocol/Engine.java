package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;

/**
 * What speaks a protocol for a {@link SocketServer}: a library, and the connections that it serves. It is made when somebody
 * connects.
 */
public interface Engine extends Closeable {

    /**
     * Begins to accept from a socket that the server found {@linkplain SocketServer#fault fit}.
     *
     * @param socket the socket, which stays the caller's
     * @param duplicate one of it, non-blocking, which is the engine's to close unless this throws
     * @return stops accepting and closes the duplicate; connections go on
     * @throws IOException if that is not possible; the message says why
     */
    Closeable listen(NamedSocket socket, ServerSocketChannel duplicate) throws IOException;

    /**
     * Tells those clients to go that wait for nothing at this moment. Called again and again while the server is draining, by one
     * thread.
     */
    void dismissIdle();

    /** Ends every connection and every thread. */
    @Override
    void close();
}
