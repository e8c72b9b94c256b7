package dev.mooring.protocol.internal;

import dev.mooring.protocol.ProtocolServer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The servers of all components, from the beginning of their activation until they have ended.
 *
 * <p>The service registry does not have all of them: a server may have its first connection while its component is still being activated. If the
 * framework stops at that moment, Declarative Services wait some seconds for the activation and give up, so the server would not be drained.
 */
public final class RunningServers {

    private static final Map<ProtocolServer, Running> ALL = new ConcurrentHashMap<>();

    private record Running(@Nullable Object owner, Runnable stop, Runnable replace) {}

    private RunningServers() {}

    /**
     * Adds a server, before it serves.
     *
     * @param server the server
     * @param owner its bundle; {@code null} if there is no framework
     * @param stop waits until the server has started, and starts draining it; further calls do nothing
     * @param replace the same, but sessions continue until {@code stop} is called
     */
    public static void add(ProtocolServer server, @Nullable Object owner, Runnable stop, Runnable replace) {
        ALL.put(server, new Running(owner, stop, replace));
    }

    /**
     * Finds a server that serves on a socket.
     *
     * @param name the name of the server
     * @return the server; {@code null} if there is none
     */
    public static @Nullable ProtocolServer find(String name) {
        return ALL.keySet().stream()
                .filter(server -> server.name().equals(name) && serves(server))
                .findFirst()
                .orElse(null);
    }

    private static boolean serves(ProtocolServer server) {
        return !server.sockets().isEmpty();
    }

    /**
     * Finds all servers of a bundle that serve on a socket.
     *
     * @param server one of them
     * @return the names of all; only that of the given one if it has ended or there is no framework
     */
    public static Set<String> ofTheSameBundle(ProtocolServer server) {
        Running running = ALL.get(server);
        Object owner = running == null ? null : running.owner;
        return owner == null
                ? Set.of(server.name())
                : ALL.entrySet().stream()
                        .filter(each -> owner.equals(each.getValue().owner) && serves(each.getKey()))
                        .map(each -> each.getKey().name())
                        .collect(Collectors.toSet());
    }

    /**
     * Starts draining a server. Does nothing if it has ended.
     *
     * @param server one that was added
     */
    public static void stop(ProtocolServer server) {
        Running running = ALL.get(server);
        if (running != null) {
            running.stop.run();
        }
    }

    /**
     * Starts draining a server that another one has replaced. Does nothing if it has ended.
     *
     * @param server one that was added
     */
    public static void replace(ProtocolServer server) {
        Running running = ALL.get(server);
        if (running != null) {
            running.replace.run();
        }
    }

    /**
     * Ends the sessions of the servers that a server, and those before it, have replaced.
     *
     * @param successor a server that stops: the configuration or the share may have changed, for their sessions too
     */
    public static void stopReplaced(ProtocolServer successor) {
        ALL.forEach((server, running) -> {
            if (server != successor && server.name().equals(successor.name()) && server.draining()) {
                running.stop.run();
            }
        });
    }

    /**
     * Removes a server, after it has drained.
     *
     * @param server one that was added
     */
    public static void remove(ProtocolServer server) {
        ALL.remove(server);
    }

    /**
     * Starts draining all of them. Waits for those that are still starting.
     *
     * @return the servers that had not ended before
     */
    public static Set<ProtocolServer> stop() {
        Map<ProtocolServer, Running> all = Map.copyOf(ALL);
        all.values().forEach(each -> each.stop.run());
        return all.keySet();
    }
}
