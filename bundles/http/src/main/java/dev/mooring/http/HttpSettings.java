package dev.mooring.http;

import dev.mooring.share.SharePath;
import java.nio.file.InvalidPathException;
import java.time.Duration;

/**
 * What can be set about an {@link HttpServer}. The names in the messages of the constructor are those of the
 * configuration keys.
 *
 * @param basePath {@code base.path}: where the root of the share is, an absolute path as people write it, without
 *     percent-encoding, kept without a slash at its end; {@code /} for the root of the server
 * @param idleTimeout {@code idle.timeout}: how long a connection may go without a byte in either direction before it is
 *     closed, one second or more; a transfer that moves may take as long as it likes
 * @param index {@code index}: the name of the file that is served for the directory it is in, empty for none
 * @param listing {@code listing}: whether a directory without an index is listed and can be downloaded as a zip; if
 *     not, it is forbidden
 * @param gzip {@code gzip}: whether text is compressed on the fly for clients that accept it
 * @param precompressed {@code precompressed}: whether {@code NAME.br}, {@code NAME.zst} or {@code NAME.gz}, where not
 *     older than {@code NAME}, is sent in its place to clients that accept it
 * @param cacheControl {@code cache.control}: the value of {@code Cache-Control} for files (RFC 9111 section 5.2), empty
 *     for none
 * @param cacheSize {@code cache.size}: how many bytes of memory the content of small files may take, 0 for none
 */
public record HttpSettings(
        String basePath,
        Duration idleTimeout,
        String index,
        boolean listing,
        boolean gzip,
        boolean precompressed,
        String cacheControl,
        long cacheSize) {

    /** What is set where nothing is said. */
    public static final HttpSettings DEFAULT =
            new HttpSettings("/", Duration.ofSeconds(60), "index.html", true, true, true, "no-cache", 16L << 20);

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
                index.indexOf('/') < 0 && index.indexOf('\0') < 0 && !index.equals(".") && !index.equals(".."),
                "index",
                index,
                "is no file name; write a plain name like index.html, or nothing for no index");
        check(
                cacheControl.chars().allMatch(c -> c >= ' ' && c < 0x7f),
                "cache.control",
                cacheControl,
                "has characters that a header cannot have; write it in ASCII, like max-age=3600");
        check(cacheSize >= 0, "cache.size", cacheSize, "is negative; write it in bytes, 0 for no cache");
    }

    private static String canonical(String basePath) {
        try {
            return SharePath.of(basePath).toString();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "base.path = '" + basePath + "' has a name that no path can have; write it like /files", e);
        }
    }

    private static void check(boolean good, String key, Object value, String problem) {
        if (!good) {
            throw new IllegalArgumentException(key + " = '" + value + "' " + problem);
        }
    }
}
