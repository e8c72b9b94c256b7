package dev.mooring.http;

import dev.mooring.protocol.TrustedProxies;
import dev.mooring.share.SharePath;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an {@link HttpServer}. The messages of the constructors name the configuration keys.
 *
 * <pre>{@code
 * HttpSettings.builder().basePath("/files").tls(new Tls(certificate, key, null)).build()
 * }</pre>
 *
 * @param basePath {@code base.path}: the URL path of the root of the share. It is absolute and not percent-encoded. A slash at its end is removed;
 *     {@code /} is the root of the server
 * @param idleTimeout {@code idle.timeout}: the time without a byte in either direction after which a connection is closed, one second or more. The
 *     total time of a transfer is not limited
 * @param content how files are sent
 * @param authentication {@code authentication}: whether clients must log in to {@linkplain HttpServer#setAccounts an account}, by Basic
 *     authentication (RFC 7617)
 * @param tls the certificate for HTTPS; {@code null} for plain HTTP
 * @param crossOrigin the other sites whose scripts may read the share; {@code null} for none
 * @param responseHeaders {@code response.headers}: headers of every response. They replace the server's headers of the same names
 * @param maxConnections {@code max.connections}: the limit of all connections
 * @param maxConnectionsPerAddress {@code max.connections.per.address}: the limit of connections from one address
 * @param forwarded the HTTP proxies that name their clients; {@code null} for none
 */
public record HttpSettings(
        String basePath,
        Duration idleTimeout,
        Content content,
        boolean authentication,
        @Nullable Tls tls,
        @Nullable CrossOrigin crossOrigin,
        List<Header> responseHeaders,
        int maxConnections,
        int maxConnectionsPerAddress,
        @Nullable Forwarded forwarded) {

    /** The default settings. */
    public static final HttpSettings DEFAULT = new HttpSettings(
            "/", Duration.ofSeconds(60), Content.DEFAULT, false, null, null, List.of(), 10_000, 2_500, null);

    private static final Pattern SHARED = Pattern.compile("(?i).*\\b(public|s-maxage)\\b.*");

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if a setting is invalid; the message names the key, the problem and the remedy
     */
    public HttpSettings {
        check(basePath.startsWith("/"), "base.path", basePath, "does not start with '/'; write it like /files");
        basePath = canonical(basePath);
        check(
                idleTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
                "idle.timeout",
                idleTimeout.toSeconds(),
                "is less than a second; write it in seconds, 1 or more");
        check(
                !authentication || !SHARED.matcher(content.cacheControl()).matches(),
                "cache.control",
                content.cacheControl(),
                "lets proxies share what authentication protects; remove public and s-maxage");
        responseHeaders = List.copyOf(responseHeaders);
        check(maxConnections >= 1, "max.connections", maxConnections, "lets nobody in; write 1 or more");
        check(
                maxConnectionsPerAddress >= 1,
                "max.connections.per.address",
                maxConnectionsPerAddress,
                "lets nobody in; write 1 or more");
    }

    /**
     * How files are sent.
     *
     * @param index {@code index}: the name of the file that is sent for its directory; empty for none
     * @param listing {@code listing}: whether a directory without an index is listed and can be downloaded as a zip; if not, the response is 403
     * @param gzip {@code gzip}: whether text is compressed on the fly for clients that accept it
     * @param precompressed {@code precompressed}: whether {@code NAME.br}, {@code NAME.zst} or {@code NAME.gz} is sent instead of {@code NAME} to
     *     clients that accept it, unless it is older than {@code NAME}
     * @param cacheControl {@code cache.control}: the value of {@code Cache-Control} for files (RFC 9111 section 5.2); empty for none. Authentication
     *     adds {@code private}
     * @param cacheSize {@code cache.size}: the memory for the content of small files of a share, in bytes; 0 for none
     */
    public record Content(
            String index, boolean listing, boolean gzip, boolean precompressed, String cacheControl, long cacheSize) {

        /** The default settings. */
        public static final Content DEFAULT = new Content("index.html", true, true, false, "no-cache", 16L << 20);

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if a setting is invalid; the message names the key, the problem and the remedy
         */
        public Content {
            check(
                    index.indexOf('/') < 0 && index.indexOf('\0') < 0 && !index.equals(".") && !index.equals(".."),
                    "index",
                    index,
                    "is not a file name; write a plain name like index.html, or leave it empty for no index");
            check(
                    isHeaderValue(cacheControl),
                    "cache.control",
                    cacheControl,
                    "contains characters that are not allowed in a header; write it in ASCII, like max-age=3600");
            check(cacheSize >= 0, "cache.size", cacheSize, "is negative; write it in bytes, 0 for no cache");
        }
    }

    /**
     * The PEM files for TLS. They are read soon after the start, and again when they change.
     *
     * @param certificate {@code tls.certificate}: the certificate and its chain
     * @param key {@code tls.key}: its private key, not encrypted
     * @param clientCa {@code tls.client.ca}: the authorities that must have signed the certificates of clients; {@code null} if clients need none
     */
    public record Tls(Path certificate, Path key, @Nullable Path clientCa) {}

    /**
     * The other sites whose scripts may read the share (the CORS protocol of the Fetch standard).
     *
     * @param origins {@code access.control.allow.origin}: origins such as {@code https://example.com}; {@code *} for all
     * @param credentials {@code access.control.allow.credentials}: whether a browser may send a password that it has stored
     * @param maxAge {@code access.control.max.age}: the time for which a browser may cache these permissions, up to a week
     */
    public record CrossOrigin(Set<String> origins, boolean credentials, Duration maxAge) {

        private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#\\s*]+");

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if a setting is invalid; the message names the key, the problem and the remedy
         */
        public CrossOrigin {
            origins = Set.copyOf(origins);
            for (String origin : origins) {
                check(
                        origin.equals("*") || ORIGIN.matcher(origin).matches(),
                        "access.control.allow.origin",
                        origin,
                        "is not an origin; write it like https://example.com, without a path, or * for all");
            }
            check(
                    !credentials || !origins.contains("*"),
                    "access.control.allow.credentials",
                    true,
                    "would let every site read with its visitors' passwords;"
                            + " list the sites in access.control.allow.origin instead of *");
            check(
                    !maxAge.isNegative() && maxAge.compareTo(Duration.ofDays(7)) <= 0,
                    "access.control.max.age",
                    maxAge.toSeconds(),
                    "is out of range; write it in seconds, 0 to 604800");
        }
    }

    /**
     * The HTTP proxies that name their clients in a header.
     *
     * @param trusted {@code forwarded.trusted}: the proxies. The header of another peer has no effect
     * @param header {@code forwarded.header}: {@code X-Forwarded-For} or {@code Forwarded} (RFC 7239), to whose end each proxy adds its own peer
     */
    public record Forwarded(TrustedProxies trusted, String header) {

        /** The default of {@code forwarded.header}. */
        public static final String X_FORWARDED_FOR = "X-Forwarded-For";

        private static final String STANDARD = "Forwarded";

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if a setting is invalid; the message names the key, the problem and the remedy
         */
        public Forwarded {
            check(
                    header.equalsIgnoreCase(X_FORWARDED_FOR) || header.equalsIgnoreCase(STANDARD),
                    "forwarded.header",
                    header,
                    "is neither X-Forwarded-For nor Forwarded; write the one that the proxy sets");
        }
    }

    /**
     * A header of every response.
     *
     * @param name its name, a token (RFC 9110 section 5.1). Headers that frame the message or depend on the file are not allowed
     * @param value its value, in printable ASCII
     */
    public record Header(String name, String value) {

        private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
        private static final Set<String> OWN = Set.of(
                "accept-ranges",
                "allow",
                "connection",
                "content-encoding",
                "content-length",
                "content-range",
                "content-type",
                "date",
                "etag",
                "keep-alive",
                "last-modified",
                "location",
                "trailer",
                "transfer-encoding",
                "upgrade",
                "vary",
                "www-authenticate");

        /**
         * Checks the header.
         *
         * @throws IllegalArgumentException if the header is invalid; the message names the problem and the remedy
         */
        public Header {
            String lower = name.toLowerCase(Locale.ROOT);
            String line = name + ": " + value;
            check(
                    NAME.matcher(name).matches() && isHeaderValue(value),
                    "response.headers",
                    line,
                    "is not a valid header; write it in ASCII, like X-Frame-Options: DENY");
            check(!OWN.contains(lower), "response.headers", line, "is set by the server; remove it");
            check(!lower.equals("cache-control"), "response.headers", line, "has its own key; set cache.control");
            check(
                    !lower.startsWith("access-control-"),
                    "response.headers",
                    line,
                    "has its own key; set access.control.allow.origin");
        }

        /**
         * Parses a header.
         *
         * @param line a line such as {@code X-Frame-Options: DENY}
         * @return the header
         * @throws IllegalArgumentException if the line is invalid; the message names the problem and the remedy
         */
        public static Header of(String line) {
            int colon = line.indexOf(':');
            check(
                    colon > 0,
                    "response.headers",
                    line,
                    "does not start with a name and a colon; write it like X-Frame-Options: DENY");
            return new Header(
                    line.substring(0, colon), line.substring(colon + 1).strip());
        }
    }

    /**
     * Starts with the default settings.
     *
     * @return a builder
     */
    public static HttpSettingsBuilder builder() {
        return new HttpSettingsBuilder();
    }

    private static String canonical(String basePath) {
        try {
            return SharePath.of(basePath).toString();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "base.path = '" + basePath
                            + "' contains a name that is not allowed in a path; write it like /files",
                    e);
        }
    }

    private static boolean isHeaderValue(String value) {
        return value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }

    private static void check(boolean good, String key, Object value, String problem) {
        if (!good) {
            throw new IllegalArgumentException(key + " = '" + value + "' " + problem);
        }
    }
}
