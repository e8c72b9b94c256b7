package dev.mooring.ftp.internal.data;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.DataPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One inherited socket of a {@link PassivePool}, and the session that has it. Guarded by the pool. */
final class PooledSocket {

    private final NamedSocket socket;
    private final ServerSocketChannel channel;
    private final Object pool;
    private final RejectedConnections rejected;
    private @Nullable Lease lease;
    private long returned;

    /**
     * Duplicates a socket.
     *
     * @param socket a listening TCP socket
     * @param pool the lock of the pool; notified when a session returns the socket
     * @param rejected counts and logs rejected connections
     */
    PooledSocket(NamedSocket socket, Object pool, RejectedConnections rejected) throws IOException {
        this.socket = socket;
        this.pool = pool;
        this.rejected = rejected;
        channel = socket.openServerSocketChannel();
    }

    private final class Lease implements DataPort {
        private final long end;
        private boolean over;

        Lease(Duration time) {
            end = System.nanoTime() + time.toNanos();
        }

        @Override
        public ServerSocketChannel channel() {
            return channel;
        }

        @Override
        public int port() {
            return (int) socket.port();
        }

        @Override
        public @Nullable SocketChannel accept() throws IOException {
            synchronized (pool) {
                if (over) {
                    throw new IOException("the port was given to another session, because it was not used; send PASV");
                }
                return channel.accept();
            }
        }

        @Override
        public void reject(SocketAddress remote) {
            rejected.addFromOtherAddress(remote, port());
        }

        @Override
        public void close() {
            synchronized (pool) {
                over = true;
                if (lease == this) {
                    lease = null;
                    returned = System.nanoTime();
                    pool.notifyAll();
                }
            }
        }
    }

    boolean isDuplicateOf(NamedSocket other) {
        return socket == other;
    }

    /** Whether no session has the socket. */
    boolean isFree() {
        return lease == null;
    }

    /** The time at which the last session returned the socket, by {@link System#nanoTime}; 0 for never. */
    long returned() {
        return returned;
    }

    /** The time in nanoseconds after which another session may get the socket. */
    long leaseNanosLeft() {
        return lease == null ? 0 : lease.end - System.nanoTime();
    }

    /** Whether clients of an address can reach the socket: 0 no, 1 perhaps, 2 yes, 3 the socket is bound to exactly this address. */
    int fit(InetAddress local) {
        if (!channel.isOpen()) {
            return 0;
        }
        if (!(socket.localAddress() instanceof InetSocketAddress address)) {
            return 0;
        }
        if (address.getAddress().equals(local)) {
            return 3;
        }
        if (!address.getAddress().isAnyLocalAddress()) {
            return 0;
        }
        return address.getAddress().getClass() == local.getClass()
                ? 2
                : address.getAddress().getAddress().length > 4 ? 1 : 0;
    }

    /** Lends the socket with an empty queue, and takes it away from the session that has it. */
    DataPort lend(Duration time) throws IOException {
        endLease();
        for (SocketChannel stale = channel.accept(); stale != null; stale = channel.accept()) {
            stale.close();
            rejected.addStale((int) socket.port());
        }
        Lease next = new Lease(time);
        lease = next;
        return next;
    }

    private void endLease() {
        if (lease != null) {
            lease.over = true;
        }
    }

    /** Closes the duplicate. */
    void close() {
        endLease();
        try {
            channel.close();
        } catch (IOException e) {
            // Not a field, because the first socket would make the logger during the start.
            System.getLogger(PooledSocket.class.getName())
                    .log(System.Logger.Level.DEBUG, "Closing a duplicate failed", e);
        }
    }
}
