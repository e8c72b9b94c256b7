package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;

/** A server that also uses sockets for data connections, as FTP does in passive mode. */
public interface DataSockets {

    /**
     * Adds a socket.
     *
     * @param socket the socket, which the caller owns
     */
    void addData(NamedSocket socket);

    /**
     * Removes a socket.
     *
     * @param socket one that was added
     */
    void removeData(NamedSocket socket);
}
