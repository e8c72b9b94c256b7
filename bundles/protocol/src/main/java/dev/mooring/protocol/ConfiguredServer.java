package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.share.Configuration;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The server of a configuration, from its start to its end, whoever wires it: its name, what the log says of its configuration and
 * of sockets that are missing. Instances are safe for use by several threads.
 */
public final class ConfiguredServer {

    private final Logger log;
    private final @Nullable SocketServer server;
    private final ProtocolServer visible;
    private final String filter;
    private final Duration drainTimeout;
    private int sockets;
    private boolean active;
    private boolean reported;
    private @Nullable NamedSockets all;

    /**
     * Makes the server, with an access log where {@code access.log} says so. If the configuration is no good that is said in the
     * log, and nothing is served until it is corrected: the sockets queue.
     *
     * @param provider whose server it is
     * @param configuration the configuration, read by the provider's keys
     * @param share what is served
     * @param directory for what the server has to keep, where the configuration names no other
     */
    public ConfiguredServer(ServerProvider provider, Configuration configuration, Share share, Path directory) {
        log = System.getLogger(provider.pid());
        configuration.warnOfUnknown(log);
        filter = configuration.text("sockets.target");
        String name = UnservedServer.nameOf(configuration.pid());
        Duration patience = Duration.ZERO;
        SocketServer made = null;
        ProtocolServer shown;
        try {
            patience = patience(configuration);
            boolean logged = configuration.flag("access.log");
            made = provider.make(name, share, configuration, directory);
            made.setAccessLog(logged);
            shown = made;
        } catch (IllegalArgumentException e) {
            // Thrown on it would come to the log with a stack trace, and no word of which configuration it is.
            log.log(Level.ERROR, "{0} serves nothing: {1}; correct {2}", name, e.getMessage(), configuration.pid());
            shown = UnservedServer.ofConfiguration(
                    configuration.pid(), "its configuration is wrong: " + e.getMessage());
        }
        drainTimeout = patience;
        server = made;
        visible = shown;
    }

    private static Duration patience(Configuration configuration) {
        Duration patience = configuration.seconds("drain.timeout");
        if (patience.isNegative()) {
            throw new IllegalArgumentException(
                    "drain.timeout = '" + patience.toSeconds() + "' is negative; write it in seconds, 0 or more");
        }
        return patience;
    }

    /**
     * The server itself.
     *
     * @return the server, {@code null} where the configuration is no good
     */
    public @Nullable SocketServer server() {
        return server;
    }

    /**
     * What is shown of it.
     *
     * @return the server, or one with the problem where the configuration is no good
     */
    public ProtocolServer visible() {
        return visible;
    }

    /**
     * Does something with the server, if there is one.
     *
     * @param action what is done
     */
    public void withServer(Consumer<? super SocketServer> action) {
        if (server != null) {
            action.accept(server);
        }
    }

    /**
     * Serves on a socket.
     *
     * @param socket one that the filter matches
     */
    public synchronized void add(NamedSocket socket) {
        sockets++;
        if (server != null) {
            server.add(socket);
        }
    }

    /**
     * Serves on a socket no more.
     *
     * @param socket one that was added
     */
    public synchronized void remove(NamedSocket socket) {
        sockets--;
        if (server != null) {
            server.remove(socket);
        }
    }

    /**
     * Comes after all sockets, and tells that there are no more.
     *
     * @param published all sockets
     */
    public synchronized void setAll(NamedSockets published) {
        all = published;
        reportMissingSocket();
    }

    /**
     * Goes before the sockets.
     *
     * @param published what was set
     */
    public synchronized void unsetAll(NamedSockets published) {
        if (all == published) {
            all = null;
        }
    }

    /** Begins to serve. */
    public synchronized void start() {
        active = true;
        if (server != null) {
            server.start();
        }
        reportMissingSocket();
    }

    /**
     * Stops accepting at once, and lets what is in transfer come to its end.
     *
     * @param draining called before that if there is something in transfer
     * @param ended called when it has come to its end, by any thread
     */
    public synchronized void stop(Runnable draining, Runnable ended) {
        if (server != null) {
            if (server.connections() > 0 && !drainTimeout.isZero()) {
                draining.run();
            }
            server.drain(drainTimeout, ended);
        }
    }

    private void reportMissingSocket() {
        if (active && server != null && all != null && sockets == 0 && !reported) {
            reported = true;
            log.log(
                    Level.WARNING,
                    "{0} serves nothing, because no socket matches {1}; the names that there are: {2}."
                            + " Set FileDescriptorName= in the .socket unit, or sockets.target in {3}",
                    server.name(),
                    filter,
                    all.names(),
                    "dev.mooring." + server.name());
        }
    }
}
