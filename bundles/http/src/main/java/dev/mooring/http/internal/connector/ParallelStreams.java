package dev.mooring.http.internal.connector;

import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientNetwork;
import dev.mooring.protocol.ProcessDescriptors;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Limits the streams of HTTP/2 that are open beside another one of the same connection, for all servers together. The limits of connections cover one request
 * each, but every stream whose response the client does not read takes a buffer and an open file.
 *
 * <p>Instances are safe for use by several threads.
 */
final class ParallelStreams {

    /** The heap of a stream whose response is not read, in bytes: a buffer of 8 KiB, Jetty's objects, and the open file. */
    private static final int HEAP_EACH = 16 * 1024;

    /** These streams may take an eighth of the heap and an eighth of the descriptors. */
    private static final int SHARE = 8;

    /** The clients of an address may take a quarter of that, as with connections. */
    private static final int ADDRESS_SHARE = 4;

    /** Jetty's default. */
    private static final int MOST_OF_CONNECTION = 128;

    static final ParallelStreams ALL = new ParallelStreams(
            (int) Math.min(Runtime.getRuntime().maxMemory() / SHARE / HEAP_EACH, ProcessDescriptors.LIMIT / SHARE));

    private final int limit;
    private final int limitOfAddress;
    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentMap<ByteBuffer, Integer> addresses = new ConcurrentHashMap<>();
    private final ClientLog refused = new ClientLog(System.getLogger(ParallelStreams.class.getName()));

    /** @param limit the limit of streams of all clients */
    ParallelStreams(int limit) {
        this.limit = limit;
        limitOfAddress = Math.max(1, limit / ADDRESS_SHARE);
    }

    /** The limit of the open streams of a connection, which it is told. A client that is alone at its address is not refused then. */
    int limitOfConnection() {
        return Math.min(MOST_OF_CONNECTION, limitOfAddress);
    }

    /**
     * Returns the streams of a new connection.
     *
     * @param client the address of the client; {@code null} on a unix socket, where only the limit for all applies
     */
    OfConnection of(@Nullable InetAddress client) {
        return new OfConnection(client);
    }

    /** The streams of one connection. */
    final class OfConnection {

        private final @Nullable InetAddress client;
        private final @Nullable ByteBuffer network;

        /** All but one of them count. Guarded by this, as is the field below. */
        private int open;

        private boolean ended;

        private OfConnection(@Nullable InetAddress client) {
            this.client = client;
            network = client == null ? null : ClientNetwork.of(client);
        }

        /** Counts a new stream. Returns {@code false} if it exceeds a limit; it is then not open. */
        synchronized boolean opened() {
            if (ended || open > 0 && !take(network, client)) {
                return false;
            }
            open++;
            return true;
        }

        /** Stops counting a stream that was opened. */
        synchronized void closed() {
            if (!ended && --open > 0) {
                release(network);
            }
        }

        /** Stops counting all streams, because the connection has ended. */
        synchronized void end() {
            ended = true;
            for (; open > 1; open--) {
                release(network);
            }
        }
    }

    private boolean take(@Nullable ByteBuffer network, @Nullable InetAddress client) {
        if (all.incrementAndGet() > limit) {
            all.decrementAndGet();
            log(client, limit, "");
            return false;
        }
        if (network != null && addresses.merge(network, 1, Integer::sum) > limitOfAddress) {
            release(network);
            log(client, limitOfAddress, " of this address");
            return false;
        }
        return true;
    }

    private void release(@Nullable ByteBuffer network) {
        all.decrementAndGet();
        if (network != null) {
            addresses.computeIfPresent(network, (none, count) -> count == 1 ? null : count - 1);
        }
    }

    private void log(@Nullable InetAddress client, int reached, String whose) {
        refused.log(
                Level.WARNING,
                client,
                () -> "Requests" + (client == null ? "" : " of " + client.getHostAddress())
                        + " over HTTP/2 are refused (REFUSED_STREAM): " + reached + " streams" + whose
                        + " are open beside others of their connections, which is the limit. Raise the heap of the JVM"
                        + " (-Xmx) or LimitNOFILE= if so many are expected");
    }
}
