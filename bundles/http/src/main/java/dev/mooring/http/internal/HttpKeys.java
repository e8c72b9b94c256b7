package dev.mooring.http.internal;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.http.HttpSettings;
import dev.mooring.protocol.ServerMetrics;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.share.Share;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration keys of an HTTP server. */
@ObjectClassDefinition(name = "Mooring HTTP", description = "Serves a share over HTTP on activated sockets")
public @interface HttpKeys {

    /** The default of {@link #sockets_target}. */
    String SOCKETS = "(socket.name=http)";

    /**
     * The sockets that are served.
     *
     * @return a filter over the properties of {@link NamedSocket} services
     */
    @AttributeDefinition(description = "Filter: the sockets that are served")
    String sockets_target() default SOCKETS;

    /**
     * The share that is served.
     *
     * @return a filter over the properties of {@link Share} services
     */
    @AttributeDefinition(description = "Filter: the share that is served")
    String share_target() default ServerProvider.DEFAULT_SHARE;

    /**
     * Whether clients must log in.
     *
     * @return {@code false} to serve everyone
     */
    @AttributeDefinition(description = "Whether clients must log in with a name and a password")
    boolean authentication() default false;

    /**
     * The accounts that may log in.
     *
     * @return a filter over the properties of {@link Accounts} services
     */
    @AttributeDefinition(description = "Filter: the accounts that may log in")
    String accounts_target() default ServerProvider.DEFAULT_ACCOUNTS;

    /**
     * The URL path of the root of the share.
     *
     * @return an absolute path, not percent-encoded
     */
    @AttributeDefinition(description = "URL path of the root of the share, such as /files")
    String base_path() default "/";

    /**
     * The time without a byte after which a connection is closed.
     *
     * @return a time in seconds, 1 or more
     */
    @AttributeDefinition(
            description = "Seconds that a connection may be idle; a transfer that makes progress is not idle")
    long idle_timeout() default 60;

    /**
     * The name of index files.
     *
     * @return a file name; empty for none
     */
    @AttributeDefinition(description = "Name of the file that is sent for its directory; empty for none")
    String index() default "index.html";

    /**
     * Whether directories are listed.
     *
     * @return {@code false} to answer with 403
     */
    @AttributeDefinition(description = "Whether directories are listed and can be downloaded as a zip")
    boolean listing() default true;

    /**
     * Whether text is compressed on the fly.
     *
     * @return {@code false} for never
     */
    @AttributeDefinition(description = "Whether text is compressed on the fly for clients that accept gzip")
    boolean gzip() default true;

    /**
     * Whether precompressed files are sent instead of the original. Off by default, because files with such names need not have the same content.
     *
     * @return {@code false} for never
     */
    @AttributeDefinition(description = "Whether NAME.br, NAME.zst or NAME.gz is sent instead of NAME")
    boolean precompressed() default false;

    /**
     * How files may be cached.
     *
     * @return the value of {@code Cache-Control}; empty for none
     */
    @AttributeDefinition(description = "Cache-Control header of files; empty for none")
    String cache_control() default "no-cache";

    /**
     * The memory for small files.
     *
     * @return a size in bytes; 0 for none
     */
    @AttributeDefinition(description = "Bytes of memory that small files of a share may take; 0 for none")
    long cache_size() default 16 << 20;

    /**
     * The time limit for transfers after the server has stopped accepting.
     *
     * @return a time in seconds; 0 to abort them at once
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
     * @return {@code true} for a line for each request, in the format of {@link ServerMetrics}
     */
    @AttributeDefinition(description = "Whether each request is logged by the logger dev.mooring.access")
    boolean access_log() default false;

    /**
     * The certificate for HTTPS.
     *
     * @return the path of a PEM file; empty for plain HTTP
     */
    @AttributeDefinition(description = "PEM file of the certificate and its chain, for HTTPS")
    String tls_certificate() default "";

    /**
     * The private key of the certificate.
     *
     * @return the path of a PEM file; empty for plain HTTP
     */
    @AttributeDefinition(description = "PEM file of the private key, not encrypted")
    String tls_key() default "";

    /**
     * The authorities that must have signed the certificates of clients.
     *
     * @return the path of a PEM file; empty if clients need no certificate
     */
    @AttributeDefinition(description = "PEM file of the authorities that must have signed the certificates of clients")
    String tls_client_ca() default "";

    /**
     * The other sites whose scripts may read the share.
     *
     * @return origins; {@code *} for all
     */
    @AttributeDefinition(
            description = "Origins, separated by commas, whose scripts may read the share; * for all",
            required = false)
    String[] access_control_allow_origin() default {};

    /**
     * Whether the scripts of these sites may use a password that the browser has stored.
     *
     * @return {@code false} to forbid it
     */
    @AttributeDefinition(description = "Whether these scripts may use a password that the browser has stored")
    boolean access_control_allow_credentials() default false;

    /**
     * The time for which browsers may cache these permissions.
     *
     * @return a time in seconds, up to a week
     */
    @AttributeDefinition(description = "Seconds for which a browser may cache the permissions of these scripts")
    long access_control_max_age() default 86400;

    /**
     * The headers of every response.
     *
     * @return headers such as {@code X-Frame-Options: DENY}
     */
    @AttributeDefinition(
            description = "Headers of every response, as NAME: VALUE, separated by commas",
            required = false)
    String[] response_headers() default {};

    /**
     * The limit of all connections.
     *
     * @return a number, 1 or more
     */
    @AttributeDefinition(description = "Limit of simultaneous connections, of all clients together")
    int max_connections() default 10_000;

    /**
     * The limit of connections from one address.
     *
     * @return a number, 1 or more
     */
    @AttributeDefinition(description = "Limit of simultaneous connections from one address, or from one /64 of IPv6")
    int max_connections_per_address() default 2_500;

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

    /**
     * The HTTP proxies whose header tells the address of the client.
     *
     * @return addresses, networks, and {@code unix} for clients of unix sockets; empty to ignore the header
     */
    @AttributeDefinition(
            description = "Addresses and networks of the HTTP proxies whose header forwarded.header is believed,"
                    + " separated by commas; unix for clients of unix sockets; empty for none",
            required = false)
    String[] forwarded_trusted() default {};

    /**
     * The header in which these proxies name the client.
     *
     * @return {@code X-Forwarded-For} or {@code Forwarded}
     */
    @AttributeDefinition(description = "Header in which these proxies name the client: X-Forwarded-For or Forwarded")
    String forwarded_header() default HttpSettings.Forwarded.X_FORWARDED_FOR;
}
