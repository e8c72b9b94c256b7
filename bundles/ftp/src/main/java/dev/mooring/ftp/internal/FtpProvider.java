package dev.mooring.ftp.internal;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.common.Configuration;
import dev.mooring.ftp.FtpConstants;
import dev.mooring.ftp.FtpFileServer;
import dev.mooring.ftp.FtpSettings;
import dev.mooring.protocol.ServerMetrics;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.SocketServer;
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

    /** The configuration keys. */
    @ObjectClassDefinition(name = "Mooring FTP", description = "Serves a share over FTP on the sockets named for it")
    public @interface Keys {

        /**
         * The sockets that the server serves.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets that the server serves")
        String sockets_target() default SOCKETS;

        /**
         * The sockets for passive mode.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets for passive mode; without any the server binds ports")
        String data_target() default DATA;

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
         * Whether connections are encrypted.
         *
         * @return {@code off}, {@code allowed}, {@code required} or {@code implicit}; if empty, {@code allowed} with a certificate and {@code off}
         *     without
         */
        @AttributeDefinition(
                description = "off, allowed, required or implicit; if empty, allowed with a certificate, else off")
        String tls() default "";

        /**
         * The certificate.
         *
         * @return the path of a PEM file; empty for none
         */
        @AttributeDefinition(description = "PEM file of the certificate and its chain, read again when it changes")
        String tls_certificate() default "";

        /**
         * The private key of the certificate.
         *
         * @return the path of a PEM file; empty for none
         */
        @AttributeDefinition(description = "PEM file of the private key, not encrypted")
        String tls_key() default "";

        /**
         * Whether encrypted data connections must resume the TLS session of their control connection.
         *
         * @return {@code required} or {@code off}
         */
        @AttributeDefinition(
                description = "required: an encrypted data connection must resume the TLS session of its control"
                        + " connection; off: it need not")
        String tls_reuse() default "off";

        /**
         * Whether anonymous login is allowed.
         *
         * @return {@code true} if {@code anonymous} and {@code ftp} may log in with any password; they may only read
         */
        @AttributeDefinition(description = "Whether anonymous may log in; it may only read")
        boolean anonymous() default false;

        /**
         * The address in replies to {@code PASV}.
         *
         * @return an IPv4 address; empty for the address of the control connection
         */
        @AttributeDefinition(
                description = "IPv4 address in replies to PASV, for a server behind NAT; empty for the server's own")
        String passive_address() default "";

        /**
         * The ports to bind for passive mode without data sockets.
         *
         * @return a range; empty for any free port
         */
        @AttributeDefinition(
                description = "FIRST-LAST: ports to bind for passive mode without data sockets; empty for any")
        String passive_ports() default "";

        /**
         * The time after which an idle session is closed.
         *
         * @return a time in seconds, 1 or more
         */
        @AttributeDefinition(description = "Seconds after which a session without a command or transfer is closed")
        long idle_timeout() default 300;

        /**
         * The time after which a stalled transfer is aborted.
         *
         * @return a time in seconds, 1 or more
         */
        @AttributeDefinition(description = "Seconds that a transfer may wait for its connection, and that it may stall")
        long data_timeout() default 60;

        /**
         * The maximum number of sessions.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Maximum number of sessions")
        int sessions() default 500;

        /**
         * The maximum number of sessions from one address.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Maximum number of sessions from one address")
        int sessions_per_address() default 100;

        /**
         * The number of refused passwords after which a connection is closed.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Number of refused passwords after which a connection is closed")
        int login_attempts() default 3;

        /**
         * The time limit for transfers after the server has stopped accepting.
         *
         * @return a time in seconds; 0 to close all connections at once
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
         * Whether the access log is on.
         *
         * @return {@code true} to log a line for each request, as described in {@link ServerMetrics}
         */
        @AttributeDefinition(description = "Whether the logger dev.mooring.access logs a line for each request")
        boolean access_log() default false;

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

    static FtpSettings settings(Configuration configuration) {
        return new FtpSettings(
                tls(configuration),
                configuration.path("tls.certificate"),
                configuration.path("tls.key"),
                configuration.required("tls.reuse"),
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
