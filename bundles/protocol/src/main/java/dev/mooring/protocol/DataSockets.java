package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.io.IOException;
import java.net.InetAddress;

/**
 * A server that also uses sockets for data connections, as FTP does in passive mode. It lends them to its sessions.
 *
 * <p>Only one server at a time may accept from a data socket, else a client may reach the wrong one. So a server that is replaced releases its data
 * sockets, and from then on its sessions borrow those of the server that replaces it ({@link SocketServer#awaitLender}).
 */
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

    /**
     * Lends a port to a session of this server, or of one that it replaces. May wait some seconds until one is free.
     *
     * @param local the local address of the control connection, at which the client can reach the port
     * @param lastUnused whether the session did not use its previous port
     * @return the port, which the caller closes
     * @throws IOException if there is none; the client gets the message
     */
    DataPort lend(InetAddress local, boolean lastUnused) throws IOException;

    /** Closes the duplicates of all data sockets, within about a second. Further calls do nothing. */
    void releaseData();
}
