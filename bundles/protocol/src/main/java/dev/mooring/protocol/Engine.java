package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.io.Closeable;
import java.io.IOException;

/** What speaks a protocol for a {@link SocketServer}: a library, and the connections that it serves. */
public interface Engine extends Closeable {

    /**
     * Begins to accept from a socket that the server found {@linkplain SocketServer#fault fit}.
     *
     * @param socket the socket, which stays the caller's
     * @return stops accepting and closes the duplicate; connections go on
     * @throws IOException if that is not possible; the message says why
     */
    Closeable listen(NamedSocket socket) throws IOException;

    /**
     * Tells those clients to go that wait for nothing at this moment. Called again and again while the server is draining, by one
     * thread.
     */
    void dismissIdle();

    /** Ends every connection and every thread. */
    @Override
    void close();
}
