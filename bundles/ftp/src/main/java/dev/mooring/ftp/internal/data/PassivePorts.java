package dev.mooring.ftp.internal.data;

import dev.mooring.protocol.DataPort;
import dev.mooring.protocol.DataSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens the ports for passive mode. If the pool ever had a socket, the pool lends its sockets; else this class binds ports. After the pool has drained,
 * the server that replaces this one lends its sockets.
 */
public final class PassivePorts {

    private final PassivePool pool;
    private final Supplier<@Nullable DataSockets> successor;
    private final int first;
    private final int last;

    /** The pool has drained, and no other server lends sockets. */
    public static final class NoServerException extends IOException {
        private static final long serialVersionUID = 1L;

        NoServerException() {
            super("no server lends data sockets");
        }
    }

    /**
     * Makes the ports of a server.
     *
     * @param pool the inherited data sockets, which the caller owns
     * @param successor waits for the server that replaces this one
     * @param first the first port to bind; 0 for any free port
     * @param last the last port to bind; 0 for any free port
     */
    public PassivePorts(PassivePool pool, Supplier<@Nullable DataSockets> successor, int first, int last) {
        this.pool = pool;
        this.successor = successor;
        this.first = first;
        this.last = last;
    }

    /**
     * Opens a port on the address of a control connection.
     *
     * @param local the local address of the control connection
     * @param lastUnused whether the session did not use its previous port
     * @return a port, which the caller closes
     * @throws NoServerException if the session must end
     * @throws IOException if there is none; the client gets the message
     */
    public DataPort open(InetAddress local, boolean lastUnused) throws IOException {
        if (!pool.isUsed()) {
            return bind(local);
        }
        DataPort own = pool.lend(local, lastUnused);
        if (own != null) {
            return own;
        }
        DataSockets next = successor.get();
        if (next == null) {
            throw new NoServerException();
        }
        return next.lend(local, lastUnused);
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
