package dev.mooring.protocol.internal;

import dev.mooring.protocol.ProtocolServer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The servers of all components, from the beginning of their activation until they have ended.
 *
 * <p>The service registry does not have all of them: a server may have its first connection while its component is still being activated. If the
 * framework stops at that moment, Declarative Services wait some seconds for the activation and give up, so the server would not be drained.
 */
public final class RunningServers {

    /** The servers, each with the action that drains it. */
    private static final Map<ProtocolServer, Runnable> STOPS = new ConcurrentHashMap<>();

    private RunningServers() {}

    /**
     * Adds a server, before it serves.
     *
     * @param server the server
     * @param stop waits until the server has started, and starts draining it; further calls do nothing
     */
    public static void add(ProtocolServer server, Runnable stop) {
        STOPS.put(server, stop);
    }

    /**
     * Finds a server that serves on a socket.
     *
     * @param name the name of the server
     * @return the server; {@code null} if there is none
     */
    public static @Nullable ProtocolServer find(String name) {
        return STOPS.keySet().stream()
                .filter(server ->
                        server.name().equals(name) && !server.sockets().isEmpty())
                .findFirst()
                .orElse(null);
    }

    /**
     * Starts draining a server. Does nothing if it has ended.
     *
     * @param server one that was added
     */
    public static void stop(ProtocolServer server) {
        Runnable stop = STOPS.get(server);
        if (stop != null) {
            stop.run();
        }
    }

    /**
     * Removes a server, after it has drained.
     *
     * @param server one that was added
     */
    public static void remove(ProtocolServer server) {
        STOPS.remove(server);
    }

    /**
     * Starts draining all of them. Waits for those that are still starting.
     *
     * @return the servers that had not ended before
     */
    public static Set<ProtocolServer> stop() {
        Map<ProtocolServer, Runnable> all = Map.copyOf(STOPS);
        all.values().forEach(Runnable::run);
        return all.keySet();
    }
}
