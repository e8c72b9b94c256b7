package dev.mooring.protocol;

import java.io.Closeable;

/**
 * The implementation of a protocol for a {@link SocketServer}: a library and the connections that it serves. The server makes it when the
 * first client connects. It does not accept connections itself.
 */
public interface Engine extends Closeable {

    /**
     * Serves a connection. The calling thread accepts the next connection when this returns, so this method must not wait for the client.
     *
     * @param connection the connection; the engine closes it, also after an error
     */
    void serve(ClientConnection connection);

    /**
     * The message for a refused client. Called by an accepting thread.
     *
     * @param reason the reason, as a clause
     * @return the bytes; empty if the protocol has no such message
     */
    default byte[] refusal(String reason) {
        return new byte[0];
    }

    /**
     * Dismisses idle clients. One thread calls this repeatedly while the server drains.
     */
    void dismissIdle();

    /**
     * Dismisses only idle clients that do not notice it, because their protocol has no sessions and they connect again. Called instead of
     * {@link #dismissIdle} while the server drains after another has replaced it. The default does nothing.
     */
    default void dismissUnnoticed() {
        // Clients with a session notice it.
    }

    /** Closes all connections and ends all threads. */
    @Override
    void close();
}
