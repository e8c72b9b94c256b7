package dev.mooring.http;

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
 * What can be set about an {@link HttpServer}. The names in the messages of the constructors are those of the
 * configuration keys.
 *
 * <pre>{@code
 * HttpSettings.DEFAULT.withBasePath("/files").withTls(new Tls(certificate, key, null))
 * }</pre>
 *
 * @param basePath {@code base.path}: where the root of the share is, an absolute path as people write it, without
 *     percent-encoding, kept without a slash at its end; {@code /} for the root of the server
 * @param idleTimeout {@code idle.timeout}: how long a connection may go without a byte in either direction before it is
 *     closed, one second or more; a transfer that moves may take as long as it likes
 * @param content how files are sent
 * @param authentication {@code authentication}: whether only those are served who
 *     {@linkplain HttpServer#setAccounts have an account}, by Basic authentication (RFC 7617)
 * @param tls the certificate for HTTPS, {@code null} for plain HTTP
 * @param crossOrigin which other sites' scripts may read what is served, {@code null} for none
 * @param responseHeaders {@code response.headers}: sent with every response, in place of what the server would send by that
 *     name
 * @param maxConnections {@code max.connections}: how many connections there may be
 * @param maxConnectionsPerAddress {@code max.connections.per.address}: how many of them from one address
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
        int maxConnectionsPerAddress) {

    /** What is set where nothing is said. */
    public static final HttpSettings DEFAULT =
            new HttpSettings("/", Duration.ofSeconds(60), Content.DEFAULT, false, null, null, List.of(), 10_000, 2_500);

    private static final Pattern SHARED = Pattern.compile("(?i).*\\b(public|s-maxage)\\b.*");

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if one of them is no good; the message says which, what is wrong, and the remedy
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
                "lets proxies hand out what authentication protects; leave out public and s-maxage");
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
     * @param index {@code index}: the name of the file that is served for the directory it is in, empty for none
     * @param listing {@code listing}: whether a directory without an index is listed and can be downloaded as a zip; if
     *     not, it is forbidden
     * @param gzip {@code gzip}: whether text is compressed on the fly for clients that accept it
     * @param precompressed {@code precompressed}: whether {@code NAME.br}, {@code NAME.zst} or {@code NAME.gz}, where not
     *     older than {@code NAME}, is sent in its place to clients that accept it
     * @param cacheControl {@code cache.control}: the value of {@code Cache-Control} for files (RFC 9111 section 5.2), empty
     *     for none; with authentication, {@code private} is added
     * @param cacheSize {@code cache.size}: how many bytes of memory the content of small files of a share may take, 0 for
     *     none
     */
    public record Content(
            String index, boolean listing, boolean gzip, boolean precompressed, String cacheControl, long cacheSize) {

        /** What is set where nothing is said. */
        public static final Content DEFAULT = new Content("index.html", true, true, true, "no-cache", 16L << 20);

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if one of them is no good; the message says which, what is wrong, and the remedy
         */
        public Content {
            check(
                    index.indexOf('/') < 0 && index.indexOf('\0') < 0 && !index.equals(".") && !index.equals(".."),
                    "index",
                    index,
                    "is no file name; write a plain name like index.html, or nothing for no index");
            check(
                    isHeaderValue(cacheControl),
                    "cache.control",
                    cacheControl,
                    "has characters that a header cannot have; write it in ASCII, like max-age=3600");
            check(cacheSize >= 0, "cache.size", cacheSize, "is negative; write it in bytes, 0 for no cache");
        }
    }

    /**
     * What TLS takes: PEM files, which are read soon after the start, and again when they change.
     *
     * @param certificate {@code tls.certificate}: the certificate and what it is chained to
     * @param key {@code tls.key}: its private key, not encrypted
     * @param clientCa {@code tls.client.ca}: the authorities whose certificates clients must have, {@code null} to ask for
     *     none
     */
    public record Tls(Path certificate, Path key, @Nullable Path clientCa) {}

    /**
     * Which other sites' scripts may read what is served (the CORS protocol of the Fetch standard).
     *
     * @param origins {@code access.control.allow.origin}: such as {@code https://example.com}; {@code *} for all
     * @param credentials {@code access.control.allow.credentials}: whether the browser may use a password that it knows
     * @param maxAge {@code access.control.max.age}: how long the browser may go by what it was told, up to a week
     */
    public record CrossOrigin(Set<String> origins, boolean credentials, Duration maxAge) {

        private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#\\s*]+");

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if one of them is no good; the message says which, what is wrong, and the remedy
         */
        public CrossOrigin {
            origins = Set.copyOf(origins);
            for (String origin : origins) {
                check(
                        origin.equals("*") || ORIGIN.matcher(origin).matches(),
                        "access.control.allow.origin",
                        origin,
                        "is no origin; write it like https://example.com, without a path, or * for all");
            }
            check(
                    !credentials || !origins.contains("*"),
                    "access.control.allow.credentials",
                    true,
                    "would let every site read with its visitors' passwords;"
                            + " list the sites in access.control.allow.origin in place of *");
            check(
                    !maxAge.isNegative() && maxAge.compareTo(Duration.ofDays(7)) <= 0,
                    "access.control.max.age",
                    maxAge.toSeconds(),
                    "is no time that browsers keep; write it in seconds, 0 to 604800");
        }
    }

    /**
     * A header that is sent with every response.
     *
     * @param name its name, a token (RFC 9110 section 5.1); none that frames the message, or that follows from the file
     * @param value its value
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
         * @throws IllegalArgumentException if it is no good; the message says what is wrong, and the remedy
         */
        public Header {
            String lower = name.toLowerCase(Locale.ROOT);
            String line = name + ": " + value;
            check(
                    NAME.matcher(name).matches() && isHeaderValue(value),
                    "response.headers",
                    line,
                    "is no header; write it in ASCII, like X-Frame-Options: DENY");
            check(!OWN.contains(lower), "response.headers", line, "is for the server to say; leave it out");
            check(!lower.equals("cache-control"), "response.headers", line, "has a key of its own; set cache.control");
            check(
                    !lower.startsWith("access-control-"),
                    "response.headers",
                    line,
                    "has a key of its own; set access.control.allow.origin");
        }

        /**
         * Reads a header.
         *
         * @param line such as {@code X-Frame-Options: DENY}
         * @return the header
         * @throws IllegalArgumentException if it is no good; the message says what is wrong, and the remedy
         */
        public static Header of(String line) {
            int colon = line.indexOf(':');
            check(colon > 0, "response.headers", line, "has no name and colon; write it like X-Frame-Options: DENY");
            return new Header(
                    line.substring(0, colon), line.substring(colon + 1).strip());
        }
    }

    /**
     * The same with another.
     *
     * @param other {@link #basePath}
     * @return other settings
     */
    public HttpSettings withBasePath(String other) {
        return new HttpSettings(
                other,
                idleTimeout,
                content,
                authentication,
                tls,
                crossOrigin,
                responseHeaders,
                maxConnections,
                maxConnectionsPerAddress);
    }

    /**
     * The same with another.
     *
     * @param other {@link #idleTimeout}
     * @return other settings
     */
    public HttpSettings withIdleTimeout(Duration other) {
        return new HttpSettings(
                basePath,
                other,
                content,
                authentication,
                tls,
                crossOrigin,
                responseHeaders,
                maxConnections,
                maxConnectionsPerAddress);
    }

    /**
     * The same with another.
     *
     * @param other {@link #content}
     * @return other settings
     */
    public HttpSettings withContent(Content other) {
        return new HttpSettings(
                basePath,
                idleTimeout,
                other,
                authentication,
                tls,
                crossOrigin,
                responseHeaders,
                maxConnections,
                maxConnectionsPerAddress);
    }

    /**
     * The same with another.
     *
     * @param other {@link #authentication}
     * @return other settings
     */
    public HttpSettings withAuthentication(boolean other) {
        return new HttpSettings(
                basePath,
                idleTimeout,
                content,
                other,
                tls,
                crossOrigin,
                responseHeaders,
                maxConnections,
                maxConnectionsPerAddress);
    }

    /**
     * The same with another.
     *
     * @param other {@link #tls}
     * @return other settings
     */
    public HttpSettings withTls(@Nullable Tls other) {
        return new HttpSettings(
                basePath,
                idleTimeout,
                content,
                authentication,
                other,
                crossOrigin,
                responseHeaders,
                maxConnections,
                maxConnectionsPerAddress);
    }

    /**
     * The same with another.
     *
     * @param other {@link #crossOrigin}
     * @return other settings
     */
    public HttpSettings withCrossOrigin(@Nullable CrossOrigin other) {
        return new HttpSettings(
                basePath,
                idleTimeout,
                content,
                authentication,
                tls,
                other,
                responseHeaders,
                maxConnections,
                maxConnectionsPerAddress);
    }

    /**
     * The same with others.
     *
     * @param others {@link #responseHeaders}
     * @return other settings
     */
    public HttpSettings withResponseHeaders(List<Header> others) {
        return new HttpSettings(
                basePath,
                idleTimeout,
                content,
                authentication,
                tls,
                crossOrigin,
                others,
                maxConnections,
                maxConnectionsPerAddress);
    }

    /**
     * The same with other limits.
     *
     * @param most {@link #maxConnections}
     * @param mostPerAddress {@link #maxConnectionsPerAddress}
     * @return other settings
     */
    public HttpSettings withMaxConnections(int most, int mostPerAddress) {
        return new HttpSettings(
                basePath,
                idleTimeout,
                content,
                authentication,
                tls,
                crossOrigin,
                responseHeaders,
                most,
                mostPerAddress);
    }

    private static String canonical(String basePath) {
        try {
            return SharePath.of(basePath).toString();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "base.path = '" + basePath + "' has a name that no path can have; write it like /files", e);
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
