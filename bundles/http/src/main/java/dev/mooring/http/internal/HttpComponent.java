package dev.mooring.http.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.http.HttpConstants;
import dev.mooring.http.HttpServer;
import dev.mooring.http.HttpSettings;
import dev.mooring.share.Accounts;
import dev.mooring.share.ConfigurationKeys;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** An HTTP server for each configuration, on every socket that its filter matches, for as long as the socket is there. */
@Component(configurationPid = HttpConstants.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = HttpComponent.Config.class, factory = true)
public final class HttpComponent {

    private static final Logger LOG = System.getLogger(HttpComponent.class.getName());

    private final String name;
    private final String filter;
    private final HttpServer server;
    private int sockets;
    private boolean active;
    private boolean reported;
    private @Nullable NamedSockets all;

    /** The configuration. */
    @ObjectClassDefinition(name = "Mooring HTTP", description = "Serves a share over HTTP on the sockets named for it")
    public @interface Config {

        /**
         * Which sockets are served.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets that are served")
        String sockets_target() default "(socket.name=http)";

        /**
         * What is served.
         *
         * @return a filter over the properties of {@link Share} services
         */
        @AttributeDefinition(description = "Filter: the share that is served")
        String share_target() default "(share.name=default)";

        /**
         * Whether a name and password are asked for.
         *
         * @return {@code false} to serve everybody
         */
        @AttributeDefinition(description = "Whether a name and password are asked for")
        boolean authentication() default false;

        /**
         * Whose passwords they are.
         *
         * @return a filter over the properties of {@link Accounts} services
         */
        @AttributeDefinition(description = "Filter: the accounts that authentication asks")
        String accounts_target() default "(accounts.name=default)";

        /**
         * Where the root of the share is.
         *
         * @return an absolute path, not percent-encoded
         */
        @AttributeDefinition(description = "Path of the root of the share, such as /files")
        String base_path() default "/";

        /**
         * How long a connection may go without a byte.
         *
         * @return a time in seconds, 1 or more
         */
        @AttributeDefinition(
                description = "Seconds that a connection may be idle; a transfer that moves is not limited")
        long idle_timeout() default 60;

        /**
         * The index of a directory.
         *
         * @return a file name, empty for none
         */
        @AttributeDefinition(description = "Name of the file that is served for its directory, empty for none")
        String index() default "index.html";

        /**
         * Whether directories are listed.
         *
         * @return {@code false} to forbid it
         */
        @AttributeDefinition(description = "Whether a directory is listed and can be downloaded as a zip")
        boolean listing() default true;

        /**
         * Whether text is compressed on the fly.
         *
         * @return {@code false} for never
         */
        @AttributeDefinition(description = "Whether text is compressed on the fly for clients that accept gzip")
        boolean gzip() default true;

        /**
         * Whether compressed files beside a file are sent in its place.
         *
         * @return {@code false} for never
         */
        @AttributeDefinition(description = "Whether NAME.br, NAME.zst or NAME.gz is sent in place of NAME")
        boolean precompressed() default true;

        /**
         * How files may be cached.
         *
         * @return the value of {@code Cache-Control}, empty for none
         */
        @AttributeDefinition(description = "Cache-Control header of files, empty for none")
        String cache_control() default "no-cache";

        /**
         * The memory for small files.
         *
         * @return a size in bytes, 0 for none
         */
        @AttributeDefinition(description = "Bytes of memory that small files may take, 0 for none")
        long cache_size() default 16 << 20;
    }

    /**
     * Makes the server.
     *
     * @throws IllegalArgumentException if the configuration is no good; the message says which key, what and the remedy
     */
    @Activate
    public HttpComponent(
            @Reference(name = "share") Share share,
            @Reference(
                            name = "accounts",
                            cardinality = ReferenceCardinality.OPTIONAL,
                            policyOption = ReferencePolicyOption.GREEDY)
                    @Nullable
                    Accounts accounts,
            Config config,
            Map<String, Object> properties) {
        ConfigurationKeys.warnOfUnknown(Config.class, properties, LOG);
        name = name(properties);
        filter = config.sockets_target();
        server = new HttpServer(
                name,
                share,
                new HttpSettings(
                        config.base_path(),
                        Duration.ofSeconds(config.idle_timeout()),
                        config.index(),
                        config.listing(),
                        config.gzip(),
                        config.precompressed(),
                        config.cache_control(),
                        config.cache_size()),
                config.authentication() ? orNobody(accounts, config) : null);
    }

    /** Where the accounts are not there yet nobody is let in; this component is made anew when they come. */
    private Accounts orNobody(@Nullable Accounts accounts, Config config) {
        if (accounts != null) {
            return accounts;
        }
        LOG.log(
                Level.WARNING,
                name + " lets nobody in until there are accounts that match " + config.accounts_target()
                        + "; configure dev.mooring.accounts~NAME");
        return new NoAccounts();
    }

    /** What comes after the common part of the PID, such as {@code http~public}. */
    private static String name(Map<String, Object> properties) {
        String pid = String.valueOf(properties.getOrDefault("service.pid", HttpConstants.PID));
        return pid.substring(pid.lastIndexOf('.', pid.indexOf('~') < 0 ? pid.length() : pid.indexOf('~')) + 1);
    }

    @Reference(
            name = "sockets",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    synchronized void addSocket(NamedSocket socket) {
        sockets++;
        server.add(socket);
    }

    synchronized void removeSocket(NamedSocket socket) {
        sockets--;
        server.remove(socket);
    }

    /** Comes after all sockets, and tells that there are no more. */
    @Reference(
            name = "all",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    synchronized void setAll(NamedSockets published) {
        all = published;
        reportMissingSocket();
    }

    synchronized void unsetAll(NamedSockets published) {
        if (all == published) {
            all = null;
        }
    }

    @Activate
    synchronized void start() {
        active = true;
        server.start();
        reportMissingSocket();
    }

    @Deactivate
    synchronized void stop() {
        server.close();
    }

    private void reportMissingSocket() {
        if (active && all != null && sockets == 0 && !reported) {
            reported = true;
            LOG.log(
                    Level.WARNING,
                    "{0} serves nothing, because no socket matches {1}; the names that there are: {2}."
                            + " Set FileDescriptorName= in the .socket unit, or sockets.target in {3}",
                    name,
                    filter,
                    all.names(),
                    "dev.mooring." + name);
        }
    }
}
