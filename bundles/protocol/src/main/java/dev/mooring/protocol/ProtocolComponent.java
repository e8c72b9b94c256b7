package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.share.Accounts;
import dev.mooring.share.ConfigurationKeys;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.annotation.Annotation;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * The part of a server's component that is the same for every protocol: the server's name, its sockets as they come and go,
 * its start and its end. A component inherits the references and the life cycle from here (bnd's option
 * {@code -dsannotations-options: inherit}).
 *
 * @param <S> the server
 */
public abstract class ProtocolComponent<S extends SocketServer> {

    private static final String ACCESS_LOG = "access.log";
    private static final String DRAIN_TIMEOUT = "drain.timeout";
    private static final long DEFAULT_DRAIN_TIMEOUT = 60;

    private final Logger log = System.getLogger(getClass().getName());
    private final @Nullable S server;
    private final String filter;
    private final Duration drainTimeout;
    private @Nullable Publication published;
    private int sockets;
    private boolean active;
    private boolean reported;
    private @Nullable NamedSockets all;

    /**
     * Makes the server, with an access log where {@code access.log} says so. If the configuration is no good that is said in the
     * log, and nothing is served until it is corrected: the sockets queue.
     *
     * @param config the component property type, for a warning about keys that it does not have
     * @param properties the properties that the component was activated with
     * @param filter which sockets are served, for the log
     * @param server makes the server of a name, or throws an {@link IllegalArgumentException} if the configuration is no good,
     *     whose message says which key, what and the remedy
     */
    protected ProtocolComponent(
            Class<? extends Annotation> config,
            Map<String, Object> properties,
            String filter,
            Function<String, S> server) {
        ConfigurationKeys.warnOfUnknown(config, properties, log);
        this.filter = filter;
        String name = name(properties);
        Duration patience = Duration.ZERO;
        S made = null;
        try {
            ConfigurationKeys.check(config, properties);
            patience = seconds(properties);
            made = server.apply(name);
            made.setAccessLog(Boolean.parseBoolean(String.valueOf(properties.get(ACCESS_LOG))));
        } catch (IllegalArgumentException e) {
            // Thrown on it would come to the log with a stack trace, and no word of which configuration it is.
            log.log(Level.ERROR, "{0} serves nothing: {1}; correct dev.mooring.{0}", name, e.getMessage());
        }
        drainTimeout = patience;
        this.server = made;
    }

    private static Duration seconds(Map<String, Object> properties) {
        long seconds = Long.parseLong(String.valueOf(properties.getOrDefault(DRAIN_TIMEOUT, DEFAULT_DRAIN_TIMEOUT)));
        if (seconds < 0) {
            throw new IllegalArgumentException(
                    DRAIN_TIMEOUT + " = '" + seconds + "' is negative; write it in seconds, 0 or more");
        }
        return Duration.ofSeconds(seconds);
    }

    /** What comes after the common part of the PID, such as {@code http~public}. */
    private static String name(Map<String, Object> properties) {
        String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        int instance = pid.indexOf('~');
        return pid.substring(pid.lastIndexOf('.', instance < 0 ? pid.length() : instance) + 1);
    }

    /**
     * Does something with the server, if there is one: there is none where the configuration is no good.
     *
     * @param action what is done
     */
    protected final void withServer(Consumer<? super S> action) {
        if (server != null) {
            action.accept(server);
        }
    }

    /**
     * Reads a path of the configuration.
     *
     * @param key its key, for the message
     * @param value what it is set to
     * @return the path, {@code null} if it is empty
     * @throws IllegalArgumentException if it is none
     */
    protected static @Nullable Path path(String key, String value) {
        try {
            return value.isEmpty() ? null : Path.of(value);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    key + " = '" + value + "' is no path; write it like /etc/mooring/a.pem", e);
        }
    }

    /**
     * Serves on a socket.
     *
     * @param socket one that the filter matches
     */
    @Reference(
            name = "sockets",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final synchronized void addSocket(NamedSocket socket) {
        sockets++;
        withServer(each -> each.add(socket));
    }

    /**
     * Serves on a socket no more.
     *
     * @param socket one that was added
     */
    public final synchronized void removeSocket(NamedSocket socket) {
        sockets--;
        withServer(each -> each.remove(socket));
    }

    /**
     * Says who may log in.
     *
     * @param accounts who
     */
    @Reference(
            name = "accounts",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final void setAccounts(Accounts accounts) {
        withServer(each -> each.setAccounts(accounts));
    }

    /**
     * Lets nobody log in, unless others have taken their place.
     *
     * @param accounts what was set
     */
    public final void unsetAccounts(Accounts accounts) {
        withServer(each -> each.unsetAccounts(accounts));
    }

    /**
     * Lets accounts name a share.
     *
     * @param share any share that there is
     */
    @Reference(
            name = "shares",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final void addShare(Share share) {
        withServer(each -> each.shares().add(share));
    }

    /**
     * Keeps accounts from naming a share.
     *
     * @param share one that was added
     */
    public final void removeShare(Share share) {
        withServer(each -> each.shares().remove(share));
    }

    /**
     * Comes after all sockets, and tells that there are no more.
     *
     * @param published all sockets
     */
    @Reference(
            name = "all",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final synchronized void setAll(NamedSockets published) {
        all = published;
        reportMissingSocket();
    }

    /**
     * Goes before the sockets.
     *
     * @param published what was set
     */
    public final synchronized void unsetAll(NamedSockets published) {
        if (all == published) {
            all = null;
        }
    }

    /** Begins to serve. */
    @Activate
    public final synchronized void start() {
        active = true;
        if (server != null) {
            server.start();
            published = Publication.of(server);
        }
        reportMissingSocket();
    }

    /** Stops accepting at once, and lets what is in transfer come to its end, whatever becomes of this bundle meanwhile. */
    @Deactivate
    public final synchronized void stop() {
        if (server == null) {
            return;
        }
        Publication publication = published;
        if (server.connections() > 0 && !drainTimeout.isZero()) {
            Publication.loadClasses(getClass());
        }
        server.drain(drainTimeout, publication == null ? () -> {} : publication::end);
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
