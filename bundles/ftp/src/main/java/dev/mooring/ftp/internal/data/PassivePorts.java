package dev.mooring.ftp.internal.data;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;

/** Opens the ports for passive mode. If the pool ever had a socket, the pool lends its sockets; else this class binds ports. */
public final class PassivePorts {

    private final PassivePool pool;
    private final int first;
    private final int last;

    /**
     * Makes the ports of a server.
     *
     * @param pool the inherited data sockets, which the caller owns
     * @param first the first port to bind; 0 for any free port
     * @param last the last port to bind; 0 for any free port
     */
    public PassivePorts(PassivePool pool, int first, int last) {
        this.pool = pool;
        this.first = first;
        this.last = last;
    }

    /**
     * Opens a port on the address of a control connection.
     *
     * @param local the local address of the control connection
     * @param lastUnused whether the session did not use its previous port
     * @return a port, which the caller closes
     * @throws IOException if there is none; the client gets the message
     */
    public DataPort open(InetAddress local, boolean lastUnused) throws IOException {
        return pool.isUsed() ? pool.lend(local, lastUnused) : bind(local);
    }

    private DataPort bind(InetAddress local) throws IOException {
        try {
            return BoundPort.bind(local, first, last, pool.rejected());
        } catch (SocketException e) {
            // As in the shipped unit, which has no network of its own.
            throw new IOException(
                    "no socket matches data.target, and this process cannot bind a port (" + e.getMessage()
                            + "); enable mooring-ftp-data.socket",
                    e);
        }
    }
}
