package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;

/** A server that needs more sockets than those that its clients connect to, such as FTP in passive mode. */
public interface DataSockets {

    /**
     * Adds a socket.
     *
     * @param socket the socket, which stays the caller's
     */
    void addData(NamedSocket socket);

    /**
     * Removes a socket.
     *
     * @param socket one that was added
     */
    void removeData(NamedSocket socket);
}
