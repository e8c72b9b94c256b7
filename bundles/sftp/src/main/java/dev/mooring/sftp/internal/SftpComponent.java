package dev.mooring.sftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.sftp.SftpConstants;
import dev.mooring.sftp.SftpServer;
import dev.mooring.sftp.SftpSettings;
import dev.mooring.share.Accounts;
import dev.mooring.share.ConfigurationKeys;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
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

/** An SFTP server for each configuration, on every socket that its filter matches, for as long as the socket is there. */
@Component(configurationPid = SftpConstants.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SftpComponent.Config.class, factory = true)
public final class SftpComponent {

    private static final Logger LOG = System.getLogger(SftpComponent.class.getName());

    private final String name;
    private final String filter;
    private final SftpServer server;
    private int sockets;
    private boolean active;
    private boolean reported;
    private @Nullable NamedSockets all;

    /** The configuration. */
    @ObjectClassDefinition(
            name = "Mooring SFTP",
            description = "Serves a share over SFTP and scp on the sockets named for it")
    public @interface Config {

        /**
         * Which sockets are served.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets that are served")
        String sockets_target() default "(socket.name=sftp)";

        /**
         * What is served.
         *
         * @return a filter over the properties of {@link Share} services
         */
        @AttributeDefinition(description = "Filter: the share that is served")
        String share_target() default "(share.name=default)";

        /**
         * Who may log in.
         *
         * @return a filter over the properties of {@link Accounts} services
         */
        @AttributeDefinition(description = "Filter: the accounts that may log in")
        String accounts_target() default "(accounts.name=default)";

        /**
         * The host keys that are used.
         *
         * @return files of private keys, empty for the server's own
         */
        @AttributeDefinition(description = "Files of private keys, empty to have keys made")
        String[] host_keys() default {};

        /**
         * Where the server's own host keys are.
         *
         * @return a directory, empty for the state directory of the process or, without one, the bundle's data area
         */
        @AttributeDefinition(description = "Directory of the host keys that are made, empty for $STATE_DIRECTORY")
        String host_key_directory() default "";

        /**
         * What it takes to log in.
         *
         * @return lists of methods, as of {@link SftpSettings#authentication()}
         */
        @AttributeDefinition(
                description = "What it takes to log in: 'publickey password' one of them, 'publickey,password' both")
        String authentication() default "publickey password";

        /**
         * How many connections there may be.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "How many connections there may be")
        int max_sessions() default 1000;

        /**
         * How many connections there may be without a login.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "How many connections may be without a login")
        int max_unauthenticated() default 100;

        /**
         * How many channels a connection may have.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "How many transfers and commands a connection may have open")
        int max_channels() default 10;

        /**
         * How long a login may take.
         *
         * @return a time in seconds, 1 or more
         */
        @AttributeDefinition(description = "Seconds that a connection may take to log in")
        long login_timeout() default 60;

        /**
         * How long a connection may go without a request.
         *
         * @return a time in seconds, 0 for no limit
         */
        @AttributeDefinition(description = "Seconds that a connection may go without asking for something, 0 for ever")
        long idle_timeout() default 600;

        /**
         * How often something is sent to a silent client.
         *
         * @return a time in seconds, 0 for never
         */
        @AttributeDefinition(description = "Seconds after which something is sent to a silent client, 0 for never")
        long keep_alive() default 60;
    }

    /**
     * Makes the server.
     *
     * @throws IllegalArgumentException if the configuration is no good; the message says which key, what and the remedy
     */
    @Activate
    public SftpComponent(
            @Reference(name = "share") Share share,
            @Reference(name = "accounts", policyOption = ReferencePolicyOption.GREEDY) Accounts accounts,
            Config config,
            Map<String, Object> properties,
            BundleContext context) {
        ConfigurationKeys.warnOfUnknown(Config.class, properties, LOG);
        name = name(properties);
        filter = config.sockets_target();
        server = new SftpServer(
                name,
                share,
                accounts,
                new SftpSettings(
                        directory(config.host_key_directory(), System.getenv("STATE_DIRECTORY"), context),
                        Stream.of(config.host_keys())
                                .flatMap(files -> Stream.of(files.split(",")))
                                .map(String::trim)
                                .filter(file -> !file.isEmpty())
                                .map(Path::of)
                                .toList(),
                        config.authentication(),
                        config.max_sessions(),
                        config.max_unauthenticated(),
                        config.max_channels(),
                        Duration.ofSeconds(config.login_timeout()),
                        Duration.ofSeconds(config.idle_timeout()),
                        Duration.ofSeconds(config.keep_alive())));
    }

    /** systemd.exec(5): several state directories are separated by colons. */
    private static Path directory(String configured, @Nullable String state, BundleContext context) {
        if (!configured.isBlank()) {
            return Path.of(configured);
        }
        if (state != null && !state.isBlank()) {
            return Path.of(state.split(":")[0]);
        }
        return context.getDataFile("").toPath();
    }

    /** What comes after the common part of the PID, such as {@code sftp~public}. */
    private static String name(Map<String, Object> properties) {
        String pid = String.valueOf(properties.getOrDefault("service.pid", SftpConstants.PID));
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

    /** Shares that an account may name. */
    @Reference(
            name = "shares",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addShare(Share other) {
        server.addShare(other);
    }

    void removeShare(Share other) {
        server.removeShare(other);
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
