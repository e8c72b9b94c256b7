package dev.mooring.protocol.internal.accept;

import dev.mooring.common.ClientNetwork;
import dev.mooring.protocol.Limits;
import dev.mooring.protocol.ProcessDescriptors;
import dev.mooring.protocol.ServerMetrics;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections of a server and decides which new ones get in.
 *
 * <p>At a limit, a new connection evicts the oldest pending one (that of its address at the limit of an address), unless that one is still young. So
 * idle connections cannot exclude others, and a flood neither ends logins in progress nor costs a session for each attempt. An evicted connection
 * counts until its engine has closed it.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class Admission {

    /** Connections of all servers may take half of the descriptors; the other half is for files, data connections and everything else. */
    private static final int MOST_DESCRIPTORS = ProcessDescriptors.LIMIT / 2;

    private static final AtomicInteger DESCRIPTORS = new AtomicInteger();

    private final long youngNanos;
    private final Limits limits;
    private final ServerMetrics metrics;

    /** By network; guarded by this, as are the fields below. */
    private final Map<ByteBuffer, Source> sources = new HashMap<>();

    /** The oldest first. */
    private final Set<AcceptedConnection> pending = new LinkedHashSet<>();

    private int all;

    private static final class Source {
        final Set<AcceptedConnection> pending = new LinkedHashSet<>();
        int all;
    }

    private static String reason(int all, int most, Set<AcceptedConnection> pending, String where) {
        return all >= most
                ? "there are " + all + " connections" + where + ", which is the limit"
                : pending.size() + " connections" + where + " have not logged in or sent a request, which is the limit";
    }

    /**
     * Makes an admission without connections.
     *
     * @param limits the limits of the server
     * @param young a pending connection that is younger than this is not evicted
     * @param metrics counts the admitted connections
     */
    public Admission(Limits limits, Duration young, ServerMetrics metrics) {
        youngNanos = young.toNanos();
        this.limits = limits;
        this.metrics = metrics;
    }

    /**
     * Admits or refuses a connection. An admitted connection is counted from here on.
     *
     * @return {@code null} if it is admitted, else the reason for the log and the client
     */
    public @Nullable String admit(AcceptedConnection connection) {
        AcceptedConnection last = null;
        synchronized (this) {
            ByteBuffer network = network(connection.address());
            Source source = network == null ? null : sources.get(network);
            boolean addressIsFull = isFull(source);
            if (addressIsFull || all >= limits.connections() || pending.size() >= limits.pending()) {
                last = old(addressIsFull ? source.pending : pending);
                if (last == null) {
                    return addressIsFull ? reason(source) : reason(all, limits.connections(), pending, "");
                }
            }
            if (!takeDescriptor()) {
                return "the connections of this process take half of its " + ProcessDescriptors.LIMIT
                        + " descriptors; raise LimitNOFILE= in its .service unit";
            }
            if (last != null) {
                notPending(last);
            }
            all++;
            pending.add(connection);
            if (network != null) {
                count(network, connection);
            }
            metrics.connected();
        }
        if (last != null) {
            last.evict();
        }
        return null;
    }

    /**
     * Sets the client of a connection that was admitted without one, and applies the limits of its address.
     *
     * @return {@code null} if it stays admitted, else the reason for the log and the client; the caller closes the connection
     */
    public @Nullable String identify(AcceptedConnection connection, SocketAddress client) {
        AcceptedConnection last = null;
        synchronized (this) {
            ByteBuffer network = network(AcceptedConnection.address(client));
            Source source = network == null ? null : sources.get(network);
            if (isFull(source)) {
                last = old(source.pending);
                if (last == null) {
                    return reason(source);
                }
                notPending(last);
            }
            connection.setSource(client);
            if (network != null) {
                count(network, connection);
            }
        }
        if (last != null) {
            last.evict();
        }
        return null;
    }

    /** Whether a new connection of a source would exceed a limit. */
    private boolean isFull(@Nullable Source source) {
        return source != null
                && (source.all >= limits.perAddress() || source.pending.size() >= limits.pendingPerAddress());
    }

    private String reason(Source source) {
        return reason(source.all, limits.perAddress(), source.pending, " from this address");
    }

    private void count(ByteBuffer network, AcceptedConnection connection) {
        Source source = sources.computeIfAbsent(network, fresh -> new Source());
        source.all++;
        if (pending.contains(connection)) {
            source.pending.add(connection);
        }
    }

    private static boolean takeDescriptor() {
        if (DESCRIPTORS.incrementAndGet() <= MOST_DESCRIPTORS) {
            return true;
        }
        DESCRIPTORS.decrementAndGet();
        return false;
    }

    private static @Nullable ByteBuffer network(@Nullable InetAddress address) {
        return address == null ? null : ClientNetwork.of(address);
    }

    private @Nullable AcceptedConnection old(Set<AcceptedConnection> pending) {
        Iterator<AcceptedConnection> oldest = pending.iterator();
        AcceptedConnection first = oldest.hasNext() ? oldest.next() : null;
        return first == null || first.ageNanos() < youngNanos ? null : first;
    }

    synchronized void established(AcceptedConnection connection) {
        notPending(connection);
    }

    private void notPending(AcceptedConnection connection) {
        if (pending.remove(connection)) {
            Source source = sources.get(network(connection.address()));
            if (source != null) {
                source.pending.remove(connection);
            }
        }
    }

    /** Stops counting an admitted connection. */
    void left(AcceptedConnection connection) {
        synchronized (this) {
            notPending(connection);
            all--;
            ByteBuffer network = network(connection.address());
            Source source = network == null ? null : sources.get(network);
            if (source != null && --source.all == 0) {
                sources.remove(network);
            }
        }
        DESCRIPTORS.decrementAndGet();
        metrics.disconnected();
    }
}
