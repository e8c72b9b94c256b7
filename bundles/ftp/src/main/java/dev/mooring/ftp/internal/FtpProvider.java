package dev.mooring.ftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.ftp.FtpConstants;
import dev.mooring.ftp.FtpFileServer;
import dev.mooring.ftp.FtpSettings;
import dev.mooring.protocol.ServerMetrics;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.SocketServer;
import dev.mooring.share.Accounts;
import dev.mooring.share.Configuration;
import dev.mooring.share.Share;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.util.Locale;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Makes the FTP server of a configuration. */
public final class FtpProvider implements ServerProvider {

    static final String SOCKETS = "(socket.name=ftp)";
    static final String DATA = "(socket.name=ftp-data)";

    /** What can be configured. */
    @ObjectClassDefinition(name = "Mooring FTP", description = "Serves a share over FTP on the sockets named for it")
    public @interface Keys {

        /**
         * Which sockets are served.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets that are served")
        String sockets_target() default SOCKETS;

        /**
         * Which sockets are lent to sessions for passive mode.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(
                description = "Filter: the sockets for passive mode; where there are none, ports are bound")
        String data_target() default DATA;

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
         * Whether connections are encrypted.
         *
         * @return {@code off}, {@code allowed}, {@code required} or {@code implicit}; empty for {@code allowed} if there is
         *     a certificate
         */
        @AttributeDefinition(
                description = "off, allowed, required or implicit; if empty, allowed where there is a certificate")
        String tls() default "";

        /**
         * The certificate.
         *
         * @return the path of a PEM file, empty for none
         */
        @AttributeDefinition(description = "PEM file of the certificate and its chain, read again when it changes")
        String tls_certificate() default "";

        /**
         * The key of the certificate.
         *
         * @return the path of a PEM file, empty for none
         */
        @AttributeDefinition(description = "PEM file of the key, not encrypted")
        String tls_key() default "";

        /**
         * Whether anybody may read.
         *
         * @return {@code true} to let in anonymous and ftp with any password
         */
        @AttributeDefinition(description = "Whether anonymous may log in, to read")
        boolean anonymous() default false;

        /**
         * The address that clients are told for passive mode.
         *
         * @return an IPv4 address, empty for that of the control connection
         */
        @AttributeDefinition(description = "IPv4 address that PASV tells, where a translator stands before the server")
        String passive_address() default "";

        /**
         * The ports that are bound for passive mode where there are no sockets for it.
         *
         * @return a range, empty for any free port
         */
        @AttributeDefinition(description = "FIRST-LAST: ports bound for passive mode where there are no sockets for it")
        String passive_ports() default "";

        /**
         * How long a session may be idle.
         *
         * @return a time in seconds, 1 or more
         */
        @AttributeDefinition(description = "Seconds that a session may be without a command and a transfer")
        long idle_timeout() default 300;

        /**
         * How long a transfer may stand still.
         *
         * @return a time in seconds, 1 or more
         */
        @AttributeDefinition(description = "Seconds that a transfer may wait for its connection, and stand still")
        long data_timeout() default 60;

        /**
         * How many sessions there may be.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "How many sessions there may be at once")
        int sessions() default 500;

        /**
         * How many sessions one address may have.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "How many sessions there may be at once from one address")
        int sessions_per_address() default 100;

        /**
         * How many passwords may be wrong.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "After how many refused passwords a connection is closed")
        int login_attempts() default 3;

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
    }

    @Override
    public String pid() {
        return FtpConstants.PID;
    }

    @Override
    public Class<? extends Annotation> keys() {
        return Keys.class;
    }

    @Override
    public SocketServer make(String name, Share share, Configuration configuration, Path directory) {
        return new FtpFileServer(name, share, settings(configuration));
    }

    private static FtpSettings settings(Configuration configuration) {
        return new FtpSettings(
                tls(configuration),
                configuration.path("tls.certificate"),
                configuration.path("tls.key"),
                configuration.flag("anonymous"),
                configuration.text("passive.address"),
                configuration.text("passive.ports"),
                configuration.seconds("idle.timeout"),
                configuration.seconds("data.timeout"),
                configuration.integer("sessions"),
                configuration.integer("sessions.per.address"),
                configuration.integer("login.attempts"));
    }

    private static FtpSettings.Tls tls(Configuration configuration) {
        String tls = configuration.text("tls");
        if (tls.isEmpty()) {
            return configuration.path("tls.certificate") == null ? FtpSettings.Tls.OFF : FtpSettings.Tls.ALLOWED;
        }
        for (FtpSettings.Tls each : FtpSettings.Tls.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(tls)) {
                return each;
            }
        }
        throw new IllegalArgumentException("tls = '" + tls + "' is none of off, allowed, required, implicit");
    }
}
