package dev.mooring.sftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ProtocolComponent;
import dev.mooring.protocol.Traffic;
import dev.mooring.sftp.SftpConstants;
import dev.mooring.sftp.SftpServer;
import dev.mooring.sftp.SftpSettings;
import dev.mooring.share.Accounts;
import dev.mooring.share.Share;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** An SFTP server for each configuration, on every socket that its filter matches, for as long as the socket is there. */
@Component(
        configurationPid = SftpConstants.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        // Nobody is accepted before there are accounts to ask.
        property = "accounts.cardinality.minimum:Integer=1")
@Designate(ocd = SftpComponent.Config.class, factory = true)
public final class SftpComponent extends ProtocolComponent<SftpServer> {

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

        /**
         * How long connections may take to end after the server has stopped to accept.
         *
         * @return a time in seconds, 0 to break them off
         */
        @AttributeDefinition(
                description = "Seconds that transfers may take to end when the server is stopped or replaced")
        long drain_timeout() default 60;

        /**
         * Whether there is an access log.
         *
         * @return {@code true} for a line for each request, as of {@link Traffic}
         */
        @AttributeDefinition(description = "Whether each request is logged, as a line of the logger dev.mooring.access")
        boolean access_log() default false;

        /**
         * Where uploads are written.
         *
         * @return whether they are written where they will be, and so seen before they are complete
         */
        @AttributeDefinition(description = "Whether uploads are seen, and can be resumed, before they are complete")
        boolean uploads_in_place() default false;
    }

    /**
     * Makes the server.
     *
     * @throws IllegalArgumentException if the configuration is no good; the message says which key, what and the remedy
     */
    @Activate
    public SftpComponent(
            @Reference(name = "share") Share share,
            Config config,
            Map<String, Object> properties,
            BundleContext context) {
        super(
                Config.class,
                properties,
                config.sockets_target(),
                name -> new SftpServer(name, share, settings(config, context)));
    }

    private static SftpSettings settings(Config config, BundleContext context) {
        return new SftpSettings(
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
                Duration.ofSeconds(config.keep_alive()),
                config.uploads_in_place());
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
}
