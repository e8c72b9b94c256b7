package dev.mooring.protocol;

import java.io.Closeable;

/**
 * What speaks a protocol for a {@link SocketServer}: a library, and the connections that it serves. It is made when a client
 * connects. It accepts nothing itself.
 */
public interface Engine extends Closeable {

    /**
     * Serves a connection. Called by a thread that accepts the next connection when this returns, so this must not wait for the client.
     *
     * @param connection the connection, which is the engine's to close, whatever happens
     */
    void serve(ClientConnection connection);

    /**
     * What a client is sent that is turned away. Called by such a thread.
     *
     * @param reason why, as a clause
     * @return the bytes, none if the protocol has no such message
     */
    default byte[] refusal(String reason) {
        return new byte[0];
    }

    /**
     * Tells clients to go that are idle at this moment. Called again and again while the server is draining, by one thread.
     */
    void dismissIdle();

    /** Ends every connection and every thread. */
    @Override
    void close();
}
