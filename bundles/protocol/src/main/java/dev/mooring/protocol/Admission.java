package dev.mooring.protocol;

import dev.mooring.share.Peer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections of a server and decides which new ones get in.
 *
 * <p>At a limit for pending connections the oldest pending one gives way, as long as it is no longer young: so idle connections cannot
 * shut others out, and a flood neither ends logins that are under way nor costs a session for each attempt.
 *
 * <p>Instances are safe for use by several threads.
 */
final class Admission {

    private final long youngNanos;
    private final Limits limits;
    private final Traffic traffic;

    /** By network; guarded by this, as are the fields below. */
    private final Map<ByteBuffer, Source> sources = new HashMap<>();

    /** The oldest first. */
    private final Set<ClientConnection> pending = new LinkedHashSet<>();

    private int all;

    private static final class Source {
        final Set<ClientConnection> pending = new LinkedHashSet<>();
        int all;
    }

    /** @param young a pending connection that is younger than this does not give way */
    Admission(Limits limits, Duration young, Traffic traffic) {
        youngNanos = young.toNanos();
        this.limits = limits;
        this.traffic = traffic;
    }

    /**
     * Lets a connection in, or not. It is counted from here on if it gets in.
     *
     * @return {@code null} if it is in, else why not, in words for the log and the client
     */
    @Nullable
    String admit(ClientConnection connection) {
        ClientConnection last = null;
        synchronized (this) {
            ByteBuffer network = network(connection);
            Source source = network == null ? null : sources.get(network);
            if (all >= limits.connections()) {
                return "there are " + all + " connections, which is the limit";
            }
            if (source != null && source.all >= limits.perAddress()) {
                return "there are " + source.all + " connections from this address, which is the limit";
            }
            if (source != null && source.pending.size() >= limits.pendingPerAddress()) {
                last = old(source.pending);
                if (last == null) {
                    return source.pending.size()
                            + " connections from this address have neither logged in nor sent a request, which is the limit";
                }
            } else if (pending.size() >= limits.pending()) {
                last = old(pending);
                if (last == null) {
                    return pending.size()
                            + " connections have neither logged in nor sent a request, which is the limit";
                }
            }
            if (!Descriptors.take()) {
                return "the connections of this process take half of its " + Descriptors.LIMIT
                        + " descriptors; raise LimitNOFILE= in its .service unit";
            }
            if (last != null) {
                notPending(last);
            }
            all++;
            pending.add(connection);
            if (network != null) {
                Source of = sources.computeIfAbsent(network, fresh -> new Source());
                of.all++;
                of.pending.add(connection);
            }
            traffic.connected();
        }
        if (last != null) {
            last.giveWay();
        }
        return null;
    }

    private static @Nullable ByteBuffer network(ClientConnection connection) {
        return connection.address() == null ? null : Peer.network(connection.address());
    }

    private @Nullable ClientConnection old(Set<ClientConnection> pending) {
        ClientConnection oldest = pending.iterator().next();
        return oldest.ageNanos() < youngNanos ? null : oldest;
    }

    synchronized void established(ClientConnection connection) {
        notPending(connection);
    }

    private void notPending(ClientConnection connection) {
        if (pending.remove(connection)) {
            Source source = sources.get(network(connection));
            if (source != null) {
                source.pending.remove(connection);
            }
        }
    }

    /** Counts an admitted connection off. */
    void left(ClientConnection connection) {
        synchronized (this) {
            notPending(connection);
            all--;
            ByteBuffer network = network(connection);
            Source source = network == null ? null : sources.get(network);
            if (source != null && --source.all == 0) {
                sources.remove(network);
            }
        }
        Descriptors.giveBack();
        traffic.disconnected();
    }
}
