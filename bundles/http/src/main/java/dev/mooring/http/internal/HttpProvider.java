package dev.mooring.http.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.http.HttpConstants;
import dev.mooring.http.HttpServer;
import dev.mooring.http.HttpSettings;
import dev.mooring.http.HttpSettings.Content;
import dev.mooring.http.HttpSettings.CrossOrigin;
import dev.mooring.http.HttpSettings.Header;
import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.protocol.FixedServiceLoader;
import dev.mooring.protocol.ServerMetrics;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.SocketServer;
import dev.mooring.share.Accounts;
import dev.mooring.share.Configuration;
import dev.mooring.share.Share;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Makes the HTTP server of a configuration. */
public final class HttpProvider implements ServerProvider {

    /** What takes long to initialise on the way to the first answer, in the order in which it is needed. */
    private static final List<String> WARM = List.of(
            "org.eclipse.jetty.http.PreEncodedHttpField",
            "org.eclipse.jetty.http.MimeTypes",
            "dev.mooring.http.internal.ContentTypes",
            "org.eclipse.jetty.http.HttpParser",
            "org.eclipse.jetty.http.HttpGenerator",
            "org.eclipse.jetty.server.internal.HttpConnection",
            "org.eclipse.jetty.server.internal.HttpChannelState");

    static final String SOCKETS = "(socket.name=http)";

    /** What can be configured. */
    @ObjectClassDefinition(name = "Mooring HTTP", description = "Serves a share over HTTP on the sockets named for it")
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
        String accounts_target() default DEFAULT_ACCOUNTS;

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
        @AttributeDefinition(description = "Bytes of memory that small files of a share may take, 0 for none")
        long cache_size() default 16 << 20;

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
         * The certificate.
         *
         * @return the path of a PEM file, empty for plain HTTP
         */
        @AttributeDefinition(description = "PEM file of the certificate and its chain, for HTTPS")
        String tls_certificate() default "";

        /**
         * The key of the certificate.
         *
         * @return the path of a PEM file, empty for plain HTTP
         */
        @AttributeDefinition(description = "PEM file of the key, not encrypted")
        String tls_key() default "";

        /**
         * Who signs the certificates of clients.
         *
         * @return the path of a PEM file, empty to ask for no certificate
         */
        @AttributeDefinition(description = "PEM file of the authorities whose certificates clients must have")
        String tls_client_ca() default "";

        /**
         * Which other sites' scripts may read what is served.
         *
         * @return origins, {@code *} for all
         */
        @AttributeDefinition(
                description = "Origins, separated by commas, whose scripts may read what is served; * for all",
                required = false)
        String[] access_control_allow_origin() default {};

        /**
         * Whether they may use the password that the browser knows.
         *
         * @return {@code false} if not
         */
        @AttributeDefinition(description = "Whether those scripts may use a password that the browser knows")
        boolean access_control_allow_credentials() default false;

        /**
         * How long browsers may go by this.
         *
         * @return a time in seconds
         */
        @AttributeDefinition(description = "Seconds for which a browser need not ask again what those scripts may do")
        long access_control_max_age() default 86400;

        /**
         * What is sent with every response.
         *
         * @return headers
         */
        @AttributeDefinition(
                description = "Headers of every response, NAME: VALUE, separated by commas",
                required = false)
        String[] response_headers() default {};

        /**
         * How many connections there may be.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Number of connections at once, all clients together")
        int max_connections() default 10_000;

        /**
         * How many connections one address may have.
         *
         * @return a number, 1 or more
         */
        @AttributeDefinition(description = "Number of connections at once from one address, or from one /64 of IPv6")
        int max_connections_per_address() default 2_500;
    }

    @Override
    public String pid() {
        return HttpConstants.PID;
    }

    @Override
    public Class<? extends Annotation> keys() {
        return Keys.class;
    }

    @Override
    public SocketServer make(String name, Share share, Configuration configuration, Path directory) {
        return new HttpServer(name, share, settings(configuration));
    }

    private static HttpSettings settings(Configuration configuration) {
        return new HttpSettings(
                configuration.text("base.path"),
                configuration.seconds("idle.timeout"),
                new Content(
                        configuration.text("index"),
                        configuration.flag("listing"),
                        configuration.flag("gzip"),
                        configuration.flag("precompressed"),
                        configuration.text("cache.control"),
                        configuration.number("cache.size")),
                configuration.flag("authentication"),
                tls(configuration),
                crossOrigin(configuration),
                headers(configuration.list("response.headers")),
                configuration.integer("max.connections"),
                configuration.integer("max.connections.per.address"));
    }

    private static @Nullable Tls tls(Configuration configuration) {
        Path certificate = configuration.path("tls.certificate");
        Path key = configuration.path("tls.key");
        Path clientCa = configuration.path("tls.client.ca");
        if (certificate == null && (key != null || clientCa != null)) {
            throw new IllegalArgumentException((key != null ? "tls.key = '" + key : "tls.client.ca = '" + clientCa)
                    + "' has no certificate; set tls.certificate to the PEM file of it");
        }
        if (certificate != null && key == null) {
            throw new IllegalArgumentException("tls.certificate = '" + certificate
                    + "' has no key; set tls.key to the PEM file of its private key");
        }
        return certificate == null || key == null ? null : new Tls(certificate, key, clientCa);
    }

    private static @Nullable CrossOrigin crossOrigin(Configuration configuration) {
        Set<String> origins = Set.copyOf(configuration.commaSeparated("access.control.allow.origin"));
        boolean credentials = configuration.flag("access.control.allow.credentials");
        Duration maxAge = configuration.seconds("access.control.max.age");
        return origins.isEmpty() ? null : new CrossOrigin(origins, credentials, maxAge);
    }

    /** A list in a properties file is one string, in which a value may have commas: the next header is told by its name and colon. */
    private static List<Header> headers(List<String> lists) {
        List<Header> headers = new ArrayList<>();
        for (String list : lists) {
            if (!list.isBlank()) {
                for (String header : Pattern.compile(",(?=\\s*[\\w-]+:\\s)").split(list)) {
                    if (!header.isBlank()) {
                        headers.add(Header.of(header.strip()));
                    }
                }
            }
        }
        return List.copyOf(headers);
    }

    @Override
    public void warmUp(NamedSocket queued) throws Exception {
        FixedServiceLoader.call(HttpProvider.class, JettyEngine.SERVICES, () -> {
            for (String each : WARM) {
                Class.forName(each);
            }
            return WARM;
        });
    }
}
