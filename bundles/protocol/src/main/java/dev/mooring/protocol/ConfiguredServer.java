package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.common.Configuration;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/**
 * Makes, starts and stops the server of a configuration, in OSGi and without it. Logs errors of the configuration and missing sockets.
 * Instances are safe for use by several threads.
 */
public final class ConfiguredServer {

    /** The names of sockets that the protocols use by default. */
    private static final Set<String> NAMES = Set.of("http", "sftp", "ftp", "ftp-data");

    /** mooring-restart sets this variable. */
    private static final boolean OTHER_PROCESS_SERVES = System.getenv("MOORING_OTHER_PROCESS_SERVES") != null;

    /** Everything is new to this process, so longer pauses would delay it by a minute. */
    private static final int REST = 1;

    /** The servers that have rehearsed in this process. A changed configuration needs no rehearsal, and the other process may have ended. */
    private static final Set<String> REHEARSED = ConcurrentHashMap.newKeySet();

    private final Logger log;
    private final ServerProvider provider;
    private final Configuration configuration;
    private final Path directory;
    private final @Nullable SocketServer server;
    private final ProtocolServer visible;
    private final String filter;
    private final Duration drainTimeout;
    private final Duration replacedTimeout;
    private int sockets;
    private boolean active;
    private boolean reported;
    private @Nullable NamedSockets all;

    /**
     * Makes the server. If the configuration is invalid, this logs the reason, and connections wait in the queues of the sockets until it is
     * corrected.
     *
     * @param provider makes the server
     * @param configuration the configuration, with the provider's keys
     * @param share the tree that is served
     * @param directory where the server keeps its state unless the configuration names another place
     */
    public ConfiguredServer(ServerProvider provider, Configuration configuration, Share share, Path directory) {
        log = System.getLogger(provider.pid());
        this.provider = provider;
        this.configuration = configuration;
        this.directory = directory;
        configuration.warnOfUnknown(log);
        filter = configuration.text("sockets.target");
        String name = UnservedServer.nameOf(configuration.pid());
        Duration drain = Duration.ZERO;
        Duration replaced = Duration.ZERO;
        SocketServer made = null;
        ProtocolServer shown;
        try {
            drain = time("drain.timeout", configuration);
            replaced = time("replaced.timeout", configuration);
            boolean logged = configuration.flag("access.log");
            TrustedProxies proxies = proxies(configuration);
            made = provider.make(name, share, configuration, directory);
            made.setAccessLog(logged);
            if (proxies != null) {
                made.requireProxyProtocol(proxies);
            }
            shown = made;
        } catch (IllegalArgumentException e) {
            // Declarative Services would log a stack trace without the name of the configuration.
            log.log(Level.ERROR, "{0} serves nothing: {1}; correct {2}", name, e.getMessage(), configuration.pid());
            shown = UnservedServer.ofConfiguration(
                    configuration.pid(), "its configuration is wrong: " + e.getMessage());
        }
        drainTimeout = drain;
        replacedTimeout = replaced;
        server = made;
        visible = shown;
    }

    private static Duration time(String key, Configuration configuration) {
        Duration time = configuration.seconds(key);
        if (time.isNegative()) {
            throw new IllegalArgumentException(
                    key + " = '" + time.toSeconds() + "' is negative; write it in seconds, 0 or more");
        }
        return time;
    }

    /** The only peers that may connect; {@code null} if clients connect directly. */
    private static @Nullable TrustedProxies proxies(Configuration configuration) {
        TrustedProxies proxies = TrustedProxies.of("proxy.trusted", configuration.commaSeparated("proxy.trusted"));
        if (!configuration.required("proxy.protocol")) {
            return null;
        }
        if (proxies.isEmpty()) {
            throw new IllegalArgumentException("proxy.protocol = 'required' lets nobody in, because proxy.trusted"
                    + " is empty; set proxy.trusted to the addresses of the proxies, like 192.0.2.7");
        }
        return proxies;
    }

    /**
     * The server itself.
     *
     * @return the server; {@code null} if the configuration is invalid
     */
    public @Nullable SocketServer server() {
        return server;
    }

    /**
     * The status of the server.
     *
     * @return the server, or its problem if the configuration is invalid
     */
    public ProtocolServer visible() {
        return visible;
    }

    /**
     * Calls an action with the server, if there is one.
     *
     * @param action the action
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
     * Stops serving on a socket.
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
     * Reports that all sockets are known. Called after {@link #add}.
     *
     * @param published all sockets
     */
    public synchronized void setAll(NamedSockets published) {
        all = published;
        reportMissingSocket();
    }

    /**
     * Reports that the sockets are about to be removed. Called before {@link #remove}.
     *
     * @param published the sockets that were set
     */
    public synchronized void unsetAll(NamedSockets published) {
        if (all == published) {
            all = null;
        }
    }

    /**
     * Makes a second server of this configuration, for a rehearsal.
     *
     * @param other the tree that it serves
     * @return the server, which the caller starts and closes
     * @throws IllegalArgumentException if the configuration is invalid
     */
    SocketServer another(Share other) {
        return provider.make(visible.name() + "-rehearsal", other, configuration, directory);
    }

    /** Starts serving; after a rehearsal, if another process serves meanwhile. */
    public synchronized void start() {
        active = true;
        if (server != null && OTHER_PROCESS_SERVES && REHEARSED.add(server.name())) {
            server.expectRehearsal();
            Thread thread = new Thread(this::startRehearsed, server.name() + "-start");
            thread.setDaemon(true);
            thread.start();
        } else if (server != null) {
            server.start();
        }
        reportMissingSocket();
    }

    /**
     * Rehearses a second server of this configuration. {@link #start} then needs no rehearsal. Waits for the end.
     *
     * @param loading loads classes first
     * @param rest how many times as long as each step of the rehearsal a pause lasts
     * @throws Exception if the server cannot serve
     */
    void rehearse(Runnable loading, int rest) throws Exception {
        RehearsalThread.rehearse(this, loading, rest);
        REHEARSED.add(visible.name());
    }

    private void startRehearsed() {
        try {
            rehearse(() -> {}, REST);
            Objects.requireNonNull(server).standBy();
        } catch (Exception | LinkageError e) {
            synchronized (this) {
                if (active) {
                    log.log(Level.ERROR, "{0} does not start, because its rehearsal failed: {1}", visible.name(), e);
                }
            }
            return;
        }
        synchronized (this) {
            if (active) {
                withServer(SocketServer::start);
            }
        }
    }

    /**
     * Stops accepting at once, and lets transfers finish. Ends a rehearsal.
     *
     * @param draining called first if there are connections
     * @param ended called by any thread when the last connection has ended; at once if the configuration is invalid
     */
    public synchronized void stop(Runnable draining, Runnable ended) {
        active = false;
        RehearsalThread.end(this);
        if (server == null) {
            ended.run();
            return;
        }
        if (server.connections() > 0 && !server.draining() && !drainTimeout.isZero()) {
            draining.run();
        }
        server.drain(drainTimeout, ended);
    }

    /**
     * Stops accepting at once, and lets sessions and transfers continue, because another server has taken over the sockets. A later {@link #stop} applies
     * to them too.
     *
     * @param draining called first if there are connections
     * @param ended called by any thread when the last connection has ended
     */
    synchronized void replaced(Runnable draining, Runnable ended) {
        active = false;
        if (server != null) {
            if (server.connections() > 0) {
                draining.run();
            }
            server.drainReplaced(replacedTimeout, ended);
        }
    }

    private void reportMissingSocket() {
        if (active && server != null && all != null && sockets == 0 && !reported) {
            reported = true;
            String protocol = server.name().replaceFirst("~.*", "");
            // Each socket has the name of a protocol, so no name is wrong: the socket of this protocol is just not
            // enabled.
            if (filter.equals("(socket.name=" + protocol + ")") && NAMES.containsAll(all.names())) {
                log.log(
                        Level.INFO,
                        "{0} has no socket; to serve, start mooring-{1}.socket, or another with FileDescriptorName={1}",
                        server.name(),
                        protocol);
                return;
            }
            log.log(
                    Level.WARNING,
                    "{0} serves nothing, because {1}; the names that there are: {2}. {3}",
                    server.name(),
                    isFilter(filter) ? "no socket matches " + filter : "sockets.target = '" + filter + "' is no filter",
                    all.names(),
                    "Set FileDescriptorName= in the .socket unit, or sockets.target in dev.mooring." + server.name()
                            + "; if the socket is new, restart the service");
        }
    }

    private static boolean isFilter(String text) {
        try {
            FrameworkUtil.createFilter(text);
            return true;
        } catch (InvalidSyntaxException e) {
            return false;
        } catch (NoClassDefFoundError withoutOsgi) {
            // In OSGi the filter was checked before.
            return true;
        }
    }
}
