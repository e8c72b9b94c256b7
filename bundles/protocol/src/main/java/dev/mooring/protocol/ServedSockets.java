package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Logs on which sockets a server serves, and warns if another server of this process serves on the same one. */
final class ServedSockets {

    /** The servers by the descriptors of their sockets. Any thread may use it. */
    private static final Map<Integer, String> SERVERS = new ConcurrentHashMap<>();

    private final SocketServer server;
    private final Limits limits;
    private final boolean lowered;
    private final Logger log;
    private final AtomicBoolean limitsAnnounced = new AtomicBoolean();

    /**
     * Makes an instance without sockets.
     *
     * @param server the server
     * @param limits its limits
     * @param lowered whether they are lower than configured
     */
    ServedSockets(SocketServer server, Limits limits, boolean lowered) {
        this.server = server;
        this.limits = limits;
        this.lowered = lowered;
        log = System.getLogger(server.getClass().getName());
    }

    void add(NamedSocket socket) {
        String other = SERVERS.put(socket.descriptor(), server.name());
        if (other != null && !other.equals(server.name())) {
            log.log(
                    Level.WARNING,
                    "{0} and {3} both serve fd {1,number,#} (socket ''{2}''), so each connection goes to one of them by chance;"
                            + " set sockets.target of one of them to another socket",
                    server.name(),
                    socket.descriptor(),
                    socket.name(),
                    other);
        }
    }

    void remove(NamedSocket socket) {
        SERVERS.remove(socket.descriptor(), server.name());
    }

    /** Logs those of the sockets that the server serves on; the first time also its limits. */
    void announce(List<NamedSocket> sockets) {
        // The socket of a rehearsal has no descriptor, and concerns nobody.
        List<NamedSocket> served = server.sockets().stream()
                .filter(socket -> socket.descriptor() >= 0 && sockets.contains(socket))
                .toList();
        for (NamedSocket socket : served) {
            // This runs while the first client is served. Formatting a pattern would take as long as the request.
            log.log(
                    Level.INFO,
                    () -> server.name() + " serves share '"
                            + server.shares().own().name() + "' on " + server.url(socket) + " (fd "
                            + socket.descriptor() + ")");
        }
        if (!served.isEmpty() && !limitsAnnounced.getAndSet(true)) {
            log.log(
                    Level.INFO,
                    () -> server.name() + " takes up to " + limits.connections() + " connections, "
                            + limits.perAddress() + " from one address, and " + limits.pending()
                            + " without a login or a request"
                            + (lowered
                                    ? "; for more, raise LimitNOFILE= in the .service unit, or the heap of the JVM (-Xmx)"
                                    : ""));
        }
    }
}
