package dev.mooring.ftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.ftp.FtpConstants;
import dev.mooring.ftp.FtpFileServer;
import dev.mooring.ftp.FtpSettings;
import dev.mooring.share.Accounts;
import dev.mooring.share.ConfigurationKeys;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

/** An FTP server for each configuration, on every socket that its filter matches, for as long as the socket is there. */
@Component(configurationPid = FtpConstants.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = FtpComponent.Config.class, factory = true)
public final class FtpComponent {

    private static final Logger LOG = System.getLogger(FtpComponent.class.getName());

    private final String name;
    private final String filter;
    private final FtpFileServer server;
    private final Map<String, Share> shares = new ConcurrentHashMap<>();
    private int sockets;
    private boolean active;
    private boolean reported;
    private @Nullable NamedSockets all;

    /** The configuration. */
    @ObjectClassDefinition(name = "Mooring FTP", description = "Serves a share over FTP on the sockets named for it")
    public @interface Config {

        /**
         * Which sockets are served.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(description = "Filter: the sockets that are served")
        String sockets_target() default "(socket.name=ftp)";

        /**
         * Which sockets are lent to sessions for passive mode.
         *
         * @return a filter over the properties of {@link NamedSocket} services
         */
        @AttributeDefinition(
                description = "Filter: the sockets for passive mode; where there are none, ports are bound")
        String data_target() default "(socket.name=ftp-data)";

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
    }

    /**
     * Makes the server.
     *
     * @throws IllegalArgumentException if the configuration is no good; the message says which key, what and the remedy
     */
    @Activate
    public FtpComponent(@Reference(name = "share") Share share, Config config, Map<String, Object> properties) {
        ConfigurationKeys.warnOfUnknown(Config.class, properties, LOG);
        name = name(properties);
        filter = config.sockets_target();
        server = new FtpFileServer(
                name,
                share,
                new FtpSettings(
                        tls(config),
                        path("tls.certificate", config.tls_certificate()),
                        path("tls.key", config.tls_key()),
                        config.anonymous(),
                        config.passive_address(),
                        config.passive_ports(),
                        Duration.ofSeconds(config.idle_timeout()),
                        Duration.ofSeconds(config.data_timeout()),
                        config.sessions(),
                        config.sessions_per_address(),
                        config.login_attempts()));
        server.setOtherShares(shares::get);
    }

    private static FtpSettings.Tls tls(Config config) {
        if (config.tls().isEmpty()) {
            return config.tls_certificate().isEmpty() ? FtpSettings.Tls.OFF : FtpSettings.Tls.ALLOWED;
        }
        return Arrays.stream(FtpSettings.Tls.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(config.tls()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "tls = '" + config.tls() + "' is none of off, allowed, required, implicit"));
    }

    private static @Nullable Path path(String key, String value) {
        try {
            return value.isEmpty() ? null : Path.of(value);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    key + " = '" + value + "' is no path; write it like /etc/mooring/a.pem", e);
        }
    }

    /** What comes after the common part of the PID, such as {@code ftp~public}. */
    private static String name(Map<String, Object> properties) {
        String pid = String.valueOf(properties.getOrDefault("service.pid", FtpConstants.PID));
        return pid.substring(pid.lastIndexOf('.', pid.indexOf('~') < 0 ? pid.length() : pid.indexOf('~')) + 1);
    }

    @Reference(
            name = "accounts",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void setAccounts(Accounts accounts) {
        server.setAccounts(accounts);
    }

    void unsetAccounts(Accounts accounts) {
        if (server.accounts() == accounts) {
            server.setAccounts(null);
        }
    }

    /** For accounts that have a share of their own. */
    @Reference(
            name = "shares",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addShare(Share share) {
        shares.put(share.name(), share);
    }

    void removeShare(Share share) {
        shares.remove(share.name(), share);
    }

    @Reference(
            name = "data",
            service = NamedSocket.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addDataSocket(NamedSocket socket) {
        server.addData(socket);
    }

    void removeDataSocket(NamedSocket socket) {
        server.removeData(socket);
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
