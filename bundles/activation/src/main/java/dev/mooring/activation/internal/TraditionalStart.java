package dev.mooring.activation.internal;

import dev.mooring.activation.BoundSockets;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Binds the configured addresses if no sockets were inherited, and publishes the sockets like inherited ones. */
public final class TraditionalStart implements BoundSockets {

    private static final Logger LOGGER = System.getLogger(Activator.PID);

    private final Consumer<Sockets> publisher;
    private final @Nullable String byDefault;
    private final Map<String, BoundSocket> bound = new LinkedHashMap<>();

    /**
     * Makes an object without sockets.
     *
     * @param publisher called with all sockets after each change
     * @param byDefault the comma-separated list that is used if no configuration has one
     */
    public TraditionalStart(Consumer<Sockets> publisher, @Nullable String byDefault) {
        this.publisher = publisher;
        this.byDefault = byDefault;
    }

    /** Applies a new list. Entries that stay keep listening without a gap. */
    @Override
    public synchronized void listen(@Nullable List<String> configured) {
        List<String> entries = configured != null ? configured : Activator.list(byDefault == null ? "" : byDefault);
        for (String gone : List.copyOf(bound.keySet())) {
            if (!entries.contains(gone)) {
                close(bound.remove(gone));
            }
        }
        for (String entry : entries) {
            try {
                if (!bound.containsKey(entry)) {
                    bound.put(entry, BoundSocket.bind(ListenAddress.of(entry)));
                }
            } catch (IOException | IllegalArgumentException e) {
                LOGGER.log(Level.ERROR, e.getMessage());
            }
        }
        List<AdoptedSocket> sockets = new ArrayList<>();
        bound.values().forEach(each -> sockets.add(each.socket()));
        publisher.accept(new Sockets(false, List.copyOf(sockets), List.of()));
        LOGGER.log(
                Level.INFO,
                sockets.isEmpty()
                        ? "This process was not activated, and nothing is bound: start it through a .socket unit, or"
                                + " configure 'listen' of " + Activator.PID
                        : "This process was not activated; bound and published: " + Sockets.describe(sockets));
    }

    @Override
    public synchronized void close() {
        bound.values().forEach(TraditionalStart::close);
        bound.clear();
    }

    private static void close(@Nullable BoundSocket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "A bound socket cannot be closed: " + e.getMessage());
        }
    }
}
