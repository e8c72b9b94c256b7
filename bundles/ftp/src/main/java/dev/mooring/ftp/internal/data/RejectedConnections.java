package dev.mooring.ftp.internal.data;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Counts and logs rejected connections to the data ports of a server: stale ones, and those from other addresses. Thread-safe. */
final class RejectedConnections {

    private static final Logger LOG = System.getLogger(RejectedConnections.class.getName());
    private static final long LOG_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final AtomicLong fromOtherAddresses = new AtomicLong();
    private final AtomicLong stale = new AtomicLong();

    /** Guarded by this. */
    private long lastLogged = System.nanoTime() - LOG_PAUSE_NANOS;

    /**
     * Starts with no connections.
     *
     * @param name the name of the server in the log
     */
    RejectedConnections(String name) {
        this.name = name;
    }

    /** Adds a connection that came from another address than the client's. */
    void addFromOtherAddress(SocketAddress remote, int port) {
        long count = fromOtherAddresses.incrementAndGet();
        synchronized (this) {
            if (System.nanoTime() - lastLogged < LOG_PAUSE_NANOS) {
                return;
            }
            lastLogged = System.nanoTime();
        }
        LOG.log(
                Level.WARNING,
                "{0} closed a connection from {1} to data port {2,number,#}, which another client has requested;"
                        + " {3} such connections so far",
                name,
                remote,
                port,
                count);
    }

    /** Adds a connection that was in the queue of a socket before a session got the socket. */
    void addStale(int port) {
        LOG.log(
                Level.DEBUG,
                "{0} closed a stale connection on data port {2,number,#}; {1} so far",
                name,
                stale.incrementAndGet(),
                port);
    }
}
