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

    /** What can be configured. */
    @ObjectClassDefinition(
            name = "Mooring SFTP",
            description = "Serves a share over SFTP and scp on the sockets named for it")
    public @interface Keys {

        /**
         * Which sockets are served.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets that are served")
        String sockets_target() default SOCKETS;

        /**
         * What is served.
         *
         * @return a filter over the properties of {@link Share} services
         */
        @AttributeDefinition(description = "Filter: the share that is served")
        String share_target() default DEFAULT_SHARE;

        /**
         * Who may log in.
         *
         * @return a filter over the properties of {@link Accounts} services
         */
        @AttributeDefinition(description = "Filter: the accounts that may log in")
        String accounts_target() default DEFAULT_ACCOUNTS;

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
         * @return a directory, empty for the state directory of the process or, without one, a directory of the runtime's
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
         * How many connections one address may have.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "How many connections one address, or one /64 of IPv6, may have")
        int max_sessions_per_address() default 200;

        /**
         * How many connections there may be without a login.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "How many connections may be without a login, half of them from one address")
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
         * @return {@code true} for a line for each request, as of {@link ServerMetrics}
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

    @Override
    public String pid() {
        return SftpConstants.PID;
    }

    @Override
    public Class<? extends Annotation> keys() {
        return Keys.class;
    }

    /** Nobody is accepted before there are accounts to ask. */
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

    private static SftpSettings settings(Configuration configuration, Path directory) {
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
     * Where host keys last: what is configured; else the state directory of the unit, of which there may be several, separated by colons
     * (systemd.exec(5)); else the user's (XDG Base Directory Specification). The cache of a framework is the last resort: it is cleaned
     * now and then, and clients refuse a server whose keys have changed.
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

    /** Whether the directory, or the closest one above it that there is, may be written to. */
    private static boolean canBeMade(Path directory) {
        Path closest = directory.toAbsolutePath();
        while (closest.getParent() != null && !Files.exists(closest)) {
            closest = closest.getParent();
        }
        return Files.isDirectory(closest) && Files.isWritable(closest);
    }
}
