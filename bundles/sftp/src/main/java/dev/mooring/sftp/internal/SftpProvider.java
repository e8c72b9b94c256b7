package dev.mooring.sftp.internal;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.common.Configuration;
import dev.mooring.protocol.ServerMetrics;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.SocketServer;
import dev.mooring.protocol.startup.WarmUp;
import dev.mooring.sftp.SftpConstants;
import dev.mooring.sftp.SftpServer;
import dev.mooring.sftp.SftpSettings;
import dev.mooring.sftp.internal.engine.SshEngine;
import dev.mooring.share.Share;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Makes the SFTP server of a configuration. */
public final class SftpProvider implements ServerProvider, WarmUp.OfProtocol {

    static final String SOCKETS = "(socket.name=sftp)";

    /** The configuration keys. */
    @ObjectClassDefinition(
            name = "Mooring SFTP",
            description = "Serves a share over SFTP and scp on the sockets named for it")
    public @interface Keys {

        /**
         * The sockets that the server serves.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets that the server serves")
        String sockets_target() default SOCKETS;

        /**
         * The tree that the server serves.
         *
         * @return a filter over the properties of {@link Share} services
         */
        @AttributeDefinition(description = "Filter: the share that the server serves")
        String share_target() default DEFAULT_SHARE;

        /**
         * The accounts that may log in.
         *
         * @return a filter over the properties of {@link Accounts} services
         */
        @AttributeDefinition(description = "Filter: the accounts that may log in")
        String accounts_target() default DEFAULT_ACCOUNTS;

        /**
         * The host keys.
         *
         * @return files of private keys; empty for generated keys
         */
        @AttributeDefinition(description = "Files of private keys; if empty, the server generates keys")
        String[] host_keys() default {};

        /**
         * The directory of generated host keys.
         *
         * @return a directory; empty for the state directory of the process or, without one, a directory of the runtime
         */
        @AttributeDefinition(description = "Directory of generated host keys; if empty, $STATE_DIRECTORY")
        String host_key_directory() default "";

        /**
         * The methods that a login takes.
         *
         * @return lists of methods, see {@link SftpSettings#authentication()}
         */
        @AttributeDefinition(
                description =
                        "Methods of a login: 'publickey password' for either of them, 'publickey,password' for both")
        String authentication() default "publickey password";

        /**
         * The maximum number of connections.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Maximum number of connections")
        int max_sessions() default 1000;

        /**
         * The maximum number of connections from one address.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Maximum number of connections from one address, or from one /64 of IPv6")
        int max_sessions_per_address() default 200;

        /**
         * The maximum number of connections without a login.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(
                description = "Maximum number of connections without a login, half of them from one address")
        int max_unauthenticated() default 100;

        /**
         * The maximum number of channels of a connection.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Maximum number of transfers and commands of a connection")
        int max_channels() default 10;

        /**
         * How long a login may take.
         *
         * @return a time in seconds, 1 or more
         */
        @AttributeDefinition(description = "Seconds that a login may take")
        long login_timeout() default 60;

        /**
         * How long a connection may be without a request.
         *
         * @return a time in seconds, 0 for no limit
         */
        @AttributeDefinition(description = "Seconds after which a connection without a request is closed; 0 for never")
        long idle_timeout() default 600;

        /**
         * The interval between keep-alives.
         *
         * @return a time in seconds, 0 for none
         */
        @AttributeDefinition(description = "Seconds between keep-alives; 0 for none")
        long keep_alive() default 60;

        /**
         * How long transfers may take to finish after the server has stopped accepting connections.
         *
         * @return a time in seconds, 0 to interrupt them
         */
        @AttributeDefinition(
                description =
                        "Seconds that transfers may take to finish when the server is stopped or its configuration changes")
        long drain_timeout() default 60;

        /**
         * The time limit for sessions and transfers after a new jar has replaced the server.
         *
         * @return a time in seconds; 0 for none
         */
        @AttributeDefinition(
                description =
                        "Seconds that sessions and transfers may continue after a new jar has replaced the server; 0 for no limit")
        long replaced_timeout() default 0;

        /**
         * Whether there is an access log.
         *
         * @return {@code true} for a line for each request, see {@link ServerMetrics}
         */
        @AttributeDefinition(description = "Whether the logger dev.mooring.access logs a line for each request")
        boolean access_log() default false;

        /**
         * Whether uploads are written in place.
         *
         * @return {@code true} if others see a file while it is uploaded, and an interrupted upload can be resumed
         */
        @AttributeDefinition(
                description =
                        "Whether others see a file while it is uploaded, and an interrupted upload can be resumed")
        boolean uploads_in_place() default false;

        /**
         * Whether connections must begin with a header of the PROXY protocol.
         *
         * @return {@code required} or {@code off}
         */
        @AttributeDefinition(
                description = "required: connections come from proxies and begin with a PROXY header, version 1 or 2;"
                        + " off: none does")
        String proxy_protocol() default "off";

        /**
         * The proxies that may connect if the PROXY protocol is required.
         *
         * @return addresses, networks, and {@code unix} for clients of unix sockets
         */
        @AttributeDefinition(
                description = "Addresses and networks of these proxies, separated by commas;"
                        + " unix for clients of unix sockets",
                required = false)
        String[] proxy_trusted() default {};
    }

    @Override
    public String pid() {
        return SftpConstants.PID;
    }

    @Override
    public Class<? extends Annotation> keys() {
        return Keys.class;
    }

    @Override
    public boolean needsAccounts() {
        return true;
    }

    @Override
    public SocketServer make(String name, Share share, Configuration configuration, Path directory) {
        return new SftpServer(name, share, settings(configuration, directory));
    }

    @Override
    public void warmUp() {
        SshEngine.warmUp();
    }

    static SftpSettings settings(Configuration configuration, Path directory) {
        return new SftpSettings(
                directory(configuration.path("host.key.directory"), directory),
                hostKeys(configuration.commaSeparated("host.keys")),
                configuration.text("authentication"),
                configuration.integer("max.sessions"),
                configuration.integer("max.sessions.per.address"),
                configuration.integer("max.unauthenticated"),
                configuration.integer("max.channels"),
                configuration.seconds("login.timeout"),
                configuration.seconds("idle.timeout"),
                configuration.seconds("keep.alive"),
                configuration.flag("uploads.in.place"));
    }

    private static List<Path> hostKeys(List<String> files) {
        List<Path> paths = new ArrayList<>();
        for (String file : files) {
            paths.add(Path.of(file));
        }
        return List.copyOf(paths);
    }

    /**
     * The directory of generated host keys: the configured one; else the state directory of the unit, of which there may be several,
     * separated by colons (systemd.exec(5)); else that of the user (XDG Base Directory Specification). The cache of the framework is the
     * last resort, because it is cleaned now and then, and clients refuse a server whose keys have changed.
     */
    private static Path directory(@Nullable Path configured, Path cache) {
        if (configured != null) {
            return configured;
        }
        String unit = System.getenv("STATE_DIRECTORY");
        if (unit != null && !unit.isBlank()) {
            return Path.of(unit.split(":")[0]);
        }
        String user = System.getenv()
                .getOrDefault(
                        "XDG_STATE_HOME",
                        Path.of(System.getProperty("user.home"), ".local", "state")
                                .toString());
        Path last = Path.of(user, "mooring");
        return canBeMade(last) ? last : cache;
    }

    /** Whether the directory, or its closest ancestor that exists, is writable. */
    private static boolean canBeMade(Path directory) {
        Path closest = directory.toAbsolutePath();
        while (closest.getParent() != null && !Files.exists(closest)) {
            closest = closest.getParent();
        }
        return Files.isDirectory(closest) && Files.isWritable(closest);
    }
}
