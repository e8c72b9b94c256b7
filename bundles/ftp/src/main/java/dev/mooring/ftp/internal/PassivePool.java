package dev.mooring.ftp.internal;

import dev.mooring.activation.NamedSocket;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The inherited sockets for passive mode. The pool lends each to one session at a time, from the session's {@code PASV} until its data connection
 * exists. A session has at most one. If a session does not use its socket within {@link #PATIENCE}, another session may get it. For a session that
 * did not use its previous socket either, this time is {@link #LITTLE_PATIENCE}.
 */
public final class PassivePool implements Closeable {

    private static final Logger LOG = System.getLogger(PassivePool.class.getName());
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** For a session that did not use its previous socket either. */
    private static final Duration LITTLE_PATIENCE = Duration.ofSeconds(1);

    private static final Duration LAST_CALL = Duration.ofSeconds(1);
    private static final long LOG_PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final List<Member> members = new ArrayList<>();

    /** Sockets are lent in this order, longest waiting first, so that a session that asks repeatedly does not starve others. */
    private final Set<Waiter> waiters = new LinkedHashSet<>();

    private final AtomicLong strangers = new AtomicLong();
    private final AtomicLong stale = new AtomicLong();
    private boolean used;
    private boolean draining;
    private long lastLogged = System.nanoTime() - LOG_PAUSE;

    private static final class Member {
        final NamedSocket socket;
        final ServerSocketChannel channel;

        @Nullable
        Lease lease;

        long returned;

        Member(NamedSocket socket, ServerSocketChannel channel) {
            this.socket = socket;
            this.channel = channel;
        }
    }

    /** A session that waits for a socket. */
    private static final class Waiter {
        final InetAddress local;
        final Duration patience;

        Waiter(InetAddress local, Duration patience) {
            this.local = local;
            this.patience = patience;
        }
    }

    private final class Lease implements DataPort {
        private final Member member;
        private final long end;
        private volatile boolean over;

        Lease(Member member, Duration patience) {
            this.member = member;
            end = System.nanoTime() + patience.toNanos();
        }

        @Override
        public ServerSocketChannel channel() {
            return member.channel;
        }

        @Override
        public int port() {
            return (int) member.socket.port();
        }

        @Override
        public @Nullable SocketChannel accept() throws IOException {
            synchronized (PassivePool.this) {
                if (over) {
                    throw new IOException("the port was given to another session, because it was not used; send PASV");
                }
                return member.channel.accept();
            }
        }

        @Override
        public void stranger(SocketAddress remote) {
            PassivePool.this.stranger(remote, port());
        }

        @Override
        public void close() {
            synchronized (PassivePool.this) {
                over = true;
                if (member.lease == this) {
                    member.lease = null;
                    member.returned = System.nanoTime();
                    PassivePool.this.notifyAll();
                }
            }
        }
    }

    /**
     * Makes an empty pool.
     *
     * @param name the name of the server in the log
     */
    public PassivePool(String name) {
        this.name = name;
    }

    /**
     * Adds a socket. Adding it again does nothing.
     *
     * @param socket a listening TCP socket
     * @throws IOException if it cannot be duplicated
     */
    public synchronized void add(NamedSocket socket) throws IOException {
        if (members.stream().noneMatch(member -> member.socket == socket)) {
            members.add(new Member(socket, socket.openServerSocketChannel()));
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
        members.removeIf(member -> {
            if (member.socket == socket) {
                close(member);
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

    /** The number of connections that were closed because they came from another address. */
    long strangers() {
        return strangers.get();
    }

    /** The number of closed connections that were in the queue of a socket before it was lent. */
    long stale() {
        return stale.get();
    }

    /**
     * Lends a socket that clients of an address can reach. If all are in use, waits for a short time, because most clients connect at once and free
     * their socket.
     *
     * @param local the local address of the control connection
     * @param wasteful whether the session did not use its previous socket
     * @return a socket with an empty queue
     * @throws IOException if there is none; the client gets the message
     */
    synchronized DataPort lend(InetAddress local, boolean wasteful) throws IOException {
        Waiter waiter = new Waiter(local, wasteful ? LITTLE_PATIENCE : PATIENCE);
        waiters.add(waiter);
        try {
            return lend(waiter, System.nanoTime() + WAIT.toNanos());
        } finally {
            waiters.remove(waiter);
            // The next session may only have waited for this one.
            notifyAll();
        }
    }

    private Lease lend(Waiter waiter, long deadline) throws IOException {
        InetAddress local = waiter.local;
        while (true) {
            if (draining) {
                throw new IOException("the server is being replaced; connect again");
            }
            List<Member> fitting = members.stream()
                    .filter(member -> fit(member, local) > 0)
                    .sorted(Comparator.<Member>comparingInt(member -> -fit(member, local))
                            .thenComparingLong(member -> member.returned))
                    .toList();
            if (fitting.isEmpty()) {
                throw new IOException(
                        members.isEmpty()
                                ? "there are no sockets for data connections"
                                : "none of the " + members.size()
                                        + " sockets for data connections is on this address; add it to mooring-ftp-data.socket");
            }
            List<Member> own =
                    fitting.stream().filter(member -> isFirst(waiter, member)).toList();
            Optional<Member> free = own.stream()
                    .filter(member -> member.lease == null)
                    .findFirst()
                    .or(() -> idle(own));
            if (free.isPresent()) {
                Member member = free.get();
                empty(member);
                Lease lease = new Lease(member, waiter.patience);
                member.lease = lease;
                return lease;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new IOException(
                        "all " + fitting.size() + " sockets for data connections are in use; try again in a moment");
            }
            try {
                long next = own.stream().mapToLong(PassivePool::left).min().orElse(Long.MAX_VALUE);
                wait(Math.min(left, TimeUnit.NANOSECONDS.toMillis(next) + 1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("the server is stopping", e);
            }
        }
    }

    /** Whether no other session has waited longer for a socket. */
    private boolean isFirst(Waiter waiter, Member member) {
        for (Waiter each : waiters) {
            if (each == waiter) {
                return true;
            }
            if (fit(member, each.local) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Takes away the socket whose lease ended first, if one has ended. */
    private static Optional<Member> idle(List<Member> members) {
        Optional<Member> oldest =
                members.stream().filter(member -> left(member) <= 0).min(Comparator.comparingLong(PassivePool::left));
        oldest.ifPresent(member -> {
            if (member.lease != null) {
                member.lease.over = true;
            }
        });
        return oldest;
    }

    /** The remaining time of a lease in nanoseconds; after that the socket can be taken away. */
    private static long left(Member member) {
        return member.lease == null ? 0 : member.lease.end - System.nanoTime();
    }

    /** Whether a client of an address can reach a socket: 0 no, 1 perhaps, 2 yes, 3 the socket is bound to exactly this address. */
    private static int fit(Member member, InetAddress local) {
        if (!member.channel.isOpen()) {
            return 0;
        }
        if (!(member.socket.localAddress() instanceof InetSocketAddress address)) {
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

    private void empty(Member member) throws IOException {
        for (SocketChannel left = member.channel.accept(); left != null; left = member.channel.accept()) {
            left.close();
            LOG.log(
                    Level.DEBUG,
                    "{0} closed a stale connection on data port {2,number,#}; {1} so far",
                    name,
                    stale.incrementAndGet(),
                    member.socket.port());
        }
    }

    private void stranger(SocketAddress remote, int port) {
        long count = strangers.incrementAndGet();
        synchronized (this) {
            if (System.nanoTime() - lastLogged < LOG_PAUSE) {
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

    /** Counts and logs a connection from another address to a port outside this pool. */
    void strangerOn(int port, SocketAddress remote) {
        stranger(remote, port);
    }

    /** Stops lending, waits a moment for the clients that are about to connect, and closes the duplicates. */
    public synchronized void drain() {
        draining = true;
        long deadline = System.nanoTime() + LAST_CALL.toNanos();
        try {
            long left = LAST_CALL.toMillis();
            while (left > 0 && members.stream().anyMatch(member -> member.lease != null)) {
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
        members.forEach(PassivePool::close);
        members.clear();
        notifyAll();
    }

    private static void close(Member member) {
        if (member.lease != null) {
            member.lease.over = true;
        }
        try {
            member.channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing a duplicate failed", e);
        }
    }
}
