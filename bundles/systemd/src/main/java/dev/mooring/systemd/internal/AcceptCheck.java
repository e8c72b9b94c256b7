package dev.mooring.systemd.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ProtocolServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether servers accept connections. A server does not accept if the queue of its socket is never empty while its counters do not change. The
 * counters of a busy server change. Used by one thread.
 */
public final class AcceptCheck {

    private final Duration patience;
    private final Map<Integer, Waiting> waiting = new HashMap<>();

    /** The beginning of a time in which the queue was never empty and the counters did not change. */
    private record Waiting(long since, ProtocolServer server, long connections, long transfers, long bytes) {

        static Waiting at(long now, ProtocolServer server) {
            return new Waiting(now, server, server.connections(), server.transfers(), server.bytes());
        }

        boolean isUnchanged(Waiting later) {
            return server == later.server
                    && connections == later.connections
                    && transfers == later.transfers
                    && bytes == later.bytes;
        }
    }

    public AcceptCheck(Duration patience) {
        this.patience = patience;
    }

    /**
     * Compares the counters with those of earlier calls. Call it regularly.
     *
     * @param queued the descriptors of the sockets that have a connection in their queue
     * @param now {@link System#nanoTime()}
     * @return a sentence that names a server that does not accept, and its socket; {@code null} if all accept
     */
    public @Nullable String stuck(List<ProtocolServer> servers, Set<Integer> queued, long now) {
        waiting.keySet().retainAll(queued);
        for (ProtocolServer server : servers) {
            for (NamedSocket socket : server.sockets()) {
                if (queued.contains(socket.descriptor())) {
                    Waiting seen = Waiting.at(now, server);
                    Waiting kept = waiting.merge(
                            socket.descriptor(), seen, (before, later) -> before.isUnchanged(later) ? before : later);
                    if (now - kept.since() >= patience.toNanos()) {
                        return server.name() + " has not accepted from fd " + socket.descriptor() + " (socket '"
                                + socket.name() + "') for " + patience.toMillis() + " ms";
                    }
                }
            }
        }
        return null;
    }
}
