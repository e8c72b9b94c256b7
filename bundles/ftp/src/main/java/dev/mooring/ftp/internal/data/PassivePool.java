package dev.mooring.ftp.internal.data;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.DataPort;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The inherited sockets for passive mode. The pool lends each to one session at a time, from the session's {@code PASV} until its data connection
 * exists. A session has at most one socket. If a session does not use its socket within {@link #LEASE}, another session may get it. For a session that did
 * not use its previous socket either, this time is {@link #SHORT_LEASE}.
 */
public final class PassivePool implements Closeable {

    private static final Duration LEND_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration SHORT_LEASE = Duration.ofSeconds(1);
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(1);

    private final RejectedConnections rejected;

    /** Guarded by this, as are the fields below. */
    private final List<PooledSocket> sockets = new ArrayList<>();

    /** The waiting sessions, in the order in which they get a socket: a session that asks repeatedly does not starve others. */
    private final Set<Waiter> waiters = new LinkedHashSet<>();

    private boolean used;
    private boolean draining;

    /** A session that waits for a socket. */
    private static final class Waiter {
        final InetAddress local;
        final Duration lease;

        Waiter(InetAddress local, Duration lease) {
            this.local = local;
            this.lease = lease;
        }
    }

    /**
     * Makes an empty pool.
     *
     * @param name the name of the server in the log
     */
    public PassivePool(String name) {
        rejected = new RejectedConnections(name);
    }

    /**
     * Adds a socket. Adding it again does nothing.
     *
     * @param socket a listening TCP socket
     * @throws IOException if it cannot be duplicated
     */
    public synchronized void add(NamedSocket socket) throws IOException {
        if (sockets.stream().noneMatch(each -> each.isDuplicateOf(socket))) {
            sockets.add(new PooledSocket(socket, this, rejected));
            used = true;
            notifyAll();
        }
    }

    /**
     * Removes a socket and closes its duplicate.
     *
     * @param socket the socket
     */
    public synchronized void remove(NamedSocket socket) {
        sockets.removeIf(each -> {
            if (each.isDuplicateOf(socket)) {
                each.close();
                return true;
            }
            return false;
        });
        notifyAll();
    }

    /** Whether a socket was ever added. If so, the server binds no ports. */
    synchronized boolean isUsed() {
        return used;
    }

    /** Counts and logs the rejected connections of all sockets. */
    RejectedConnections rejected() {
        return rejected;
    }

    /**
     * Lends a socket that clients of an address can reach. If all are in use, waits for a short time, because most clients connect at once and free
     * their socket.
     *
     * @param local the local address of the control connection
     * @param lastUnused whether the session did not use its previous socket
     * @return a socket with an empty queue; {@code null} if the pool has {@linkplain #drain drained}
     * @throws IOException if there is none; the client gets the message
     */
    synchronized @Nullable DataPort lend(InetAddress local, boolean lastUnused) throws IOException {
        Waiter waiter = new Waiter(local, lastUnused ? SHORT_LEASE : LEASE);
        waiters.add(waiter);
        try {
            return lend(waiter, System.nanoTime() + LEND_TIMEOUT.toNanos());
        } finally {
            waiters.remove(waiter);
            // The next session may only have waited for this one.
            notifyAll();
        }
    }

    private @Nullable DataPort lend(Waiter waiter, long deadline) throws IOException {
        while (true) {
            if (draining) {
                return null;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (sockets.isEmpty() && used && left > 0) {
                // Before an idle exit all sockets are removed for a moment, and added again if a client has come.
                await(left);
                continue;
            }
            List<PooledSocket> fitting = fitting(waiter.local);
            List<PooledSocket> offered =
                    fitting.stream().filter(socket -> isFirst(waiter, socket)).toList();
            Optional<PooledSocket> available = offered.stream()
                    .filter(PooledSocket::isFree)
                    .findFirst()
                    .or(() -> offered.stream()
                            .filter(socket -> socket.leaseNanosLeft() <= 0)
                            .min(Comparator.comparingLong(PooledSocket::leaseNanosLeft)));
            if (available.isPresent()) {
                return available.get().lend(waiter.lease);
            }
            if (left <= 0) {
                throw new IOException(
                        "all " + fitting.size() + " sockets for data connections are in use; try again in a moment");
            }
            long next = offered.stream()
                    .mapToLong(PooledSocket::leaseNanosLeft)
                    .min()
                    .orElse(Long.MAX_VALUE);
            await(Math.min(left, TimeUnit.NANOSECONDS.toMillis(next) + 1));
        }
    }

    /** Waits for a change of the pool; the caller holds its lock. */
    private void await(long millis) throws IOException {
        try {
            wait(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server is stopping", e);
        }
    }

    /** The sockets that clients of an address can reach: those bound to it first, then those that were returned first. */
    private List<PooledSocket> fitting(InetAddress local) throws IOException {
        List<PooledSocket> fitting = sockets.stream()
                .filter(socket -> socket.fit(local) > 0)
                .sorted(Comparator.<PooledSocket>comparingInt(socket -> -socket.fit(local))
                        .thenComparingLong(PooledSocket::returned))
                .toList();
        if (fitting.isEmpty()) {
            throw new IOException(
                    sockets.isEmpty()
                            ? "there are no sockets for data connections"
                            : "none of the " + sockets.size()
                                    + " sockets for data connections is on this address; add it to mooring-ftp-data.socket");
        }
        return fitting;
    }

    /** Whether no other session has waited longer for a socket. */
    private boolean isFirst(Waiter waiter, PooledSocket socket) {
        for (Waiter each : waiters) {
            if (each == waiter) {
                return true;
            }
            if (socket.fit(each.local) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Stops lending, waits a moment for the clients that are about to connect, and closes the duplicates. */
    public synchronized void drain() {
        draining = true;
        notifyAll();
        long deadline = System.nanoTime() + DRAIN_TIMEOUT.toNanos();
        try {
            long left = DRAIN_TIMEOUT.toMillis();
            while (left > 0 && !sockets.stream().allMatch(PooledSocket::isFree)) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    @Override
    public synchronized void close() {
        sockets.forEach(PooledSocket::close);
        sockets.clear();
        notifyAll();
    }
}
