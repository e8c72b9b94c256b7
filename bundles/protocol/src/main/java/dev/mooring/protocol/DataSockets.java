package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;

/** A server that takes sockets besides those on which its clients come, for what it opens to them later. */
public interface DataSockets {

    /**
     * Lends a socket.
     *
     * @param socket the socket, which stays the caller's
     */
    void addData(NamedSocket socket);

    /**
     * Takes a socket back.
     *
     * @param socket one that was added
     */
    void removeData(NamedSocket socket);
}
