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
 * Whether accepting works. It does not where a connection stays in the queue of a socket while the server that has the
 * socket counts nothing: one that is busy counts something. Used by one thread.
 */
public final class AcceptCheck {

    private final Duration patience;
    private final Map<Integer, Waiting> waiting = new HashMap<>();

    /** Since when there has been a connection in the queue, with nothing counted. */
    private record Waiting(long since, ProtocolServer server, long connections, long transfers, long bytes) {

        static Waiting at(long now, ProtocolServer server) {
            return new Waiting(now, server, server.connections(), server.transfers(), server.bytes());
        }

        boolean goesOn(Waiting later) {
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
     * Looks at the queues; to be called again and again.
     *
     * @param queued the descriptors of the sockets that have a connection in their queue
     * @param now {@link System#nanoTime()}
     * @return which server does not accept from which socket, {@code null} if all is well
     */
    public @Nullable String stuck(List<ProtocolServer> servers, Set<Integer> queued, long now) {
        waiting.keySet().retainAll(queued);
        for (ProtocolServer server : servers) {
            for (NamedSocket socket : server.sockets()) {
                if (queued.contains(socket.descriptor())) {
                    Waiting seen = Waiting.at(now, server);
                    Waiting kept = waiting.merge(
                            socket.descriptor(), seen, (before, later) -> before.goesOn(later) ? before : later);
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
