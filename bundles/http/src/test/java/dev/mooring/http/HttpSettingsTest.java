package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mooring.http.HttpSettings.Content;
import dev.mooring.http.HttpSettings.CrossOrigin;
import dev.mooring.http.HttpSettings.Header;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {

    private static HttpSettings settings(
            String basePath, long idleSeconds, String index, String cacheControl, long cacheSize) {
        return builder(basePath, idleSeconds, index, cacheControl, cacheSize).build();
    }

    private static HttpSettingsBuilder builder(
            String basePath, long idleSeconds, String index, String cacheControl, long cacheSize) {
        return HttpSettings.builder()
                .basePath(basePath)
                .idleTimeout(Duration.ofSeconds(idleSeconds))
                .content(new Content(index, true, true, true, cacheControl, cacheSize));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "files | 60 | index.html | no-cache | 0 | base.path = 'files' does not start with '/'; write it like /files",
                "'' | 60 | index.html | no-cache | 0 | base.path = '' does not start with '/'; write it like /files",
                "/a/../b | 60 | index.html | no-cache | 0 | base.path = '/a/../b' contains a name that is not allowed in a path; write it like /files",
                "/ | 0 | index.html | no-cache | 0 | idle.timeout = '0' is less than a second; write it in seconds, 1 or more",
                "/ | -5 | index.html | no-cache | 0 | idle.timeout = '-5' is less than a second; write it in seconds, 1 or more",
                "/ | 60 | a/b | no-cache | 0 | index = 'a/b' is not a file name; write a plain name like index.html, or leave it empty for no index",
                "/ | 60 | .. | no-cache | 0 | index = '..' is not a file name; write a plain name like index.html, or leave it empty for no index",
                "/ | 60 | '' | é | 0 | cache.control = 'é' contains characters that are not allowed in a header; write it in ASCII, like max-age=3600",
                "/ | 60 | '' | no-cache | -1 | cache.size = '-1' is negative; write it in bytes, 0 for no cache",
            })
    void invalidValueIsRejectedWithKeyProblemAndRemedy(
            String basePath, long idleSeconds, String index, String cacheControl, long cacheSize, String message) {
        Exception refusal = assertThrows(
                IllegalArgumentException.class, () -> settings(basePath, idleSeconds, index, cacheControl, cacheSize));

        assertEquals(message, refusal.getMessage());
    }

    @Test
    void headerCannotBeSplit() {
        assertThrows(IllegalArgumentException.class, () -> settings("/", 60, "", "a\r\nSet-Cookie: b", 0));
    }

    @ParameterizedTest
    @CsvSource({"/, /", "/files, /files", "/files/, /files", "//a//b/, /a/b", "/my files/ü, /my files/ü"})
    void basePathIsNormalized(String written, String kept) {
        assertEquals(kept, settings(written, 60, "", "", 0).basePath());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Length: 5 | is set by the server; remove it",
                "transfer-encoding: chunked | is set by the server; remove it",
                "Vary: Cookie | is set by the server; remove it",
                "Cache-Control: public | has its own key; set cache.control",
                "Access-Control-Allow-Origin: * | has its own key; set access.control.allow.origin",
                "X-Frame-Options | does not start with a name and a colon; write it like X-Frame-Options: DENY",
                "': DENY' | does not start with a name and a colon; write it like X-Frame-Options: DENY",
                "A b: c | is not a valid header; write it in ASCII, like X-Frame-Options: DENY",
                "A: ü | is not a valid header; write it in ASCII, like X-Frame-Options: DENY",
            })
    void invalidHeaderIsRejected(String line, String problem) {
        Exception refusal = assertThrows(IllegalArgumentException.class, () -> Header.of(line));

        assertEquals("response.headers = '" + line + "' " + problem, refusal.getMessage());
    }

    @Test
    void extraHeaderCannotBeSplit() {
        assertThrows(IllegalArgumentException.class, () -> new Header("A", "b\r\nSet-Cookie: c"));
        assertThrows(IllegalArgumentException.class, () -> new Header("A\r\nB", "c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example.com | false | 1 | access.control.allow.origin = 'example.com' is not an origin; write it like https://example.com, without a path, or * for all",
                "https://example.com/ | false | 1 | access.control.allow.origin = 'https://example.com/' is not an origin; write it like https://example.com, without a path, or * for all",
                "* | true | 1 | access.control.allow.credentials = 'true' would let every site read with its visitors' passwords; list the sites in access.control.allow.origin instead of *",
                "* | false | -1 | access.control.max.age = '-1' is out of range; write it in seconds, 0 to 604800",
            })
    void invalidCrossOriginSettingsAreRejected(String origin, boolean credentials, long seconds, String message) {
        Exception refusal = assertThrows(
                IllegalArgumentException.class,
                () -> new CrossOrigin(Set.of(origin), credentials, Duration.ofSeconds(seconds)));

        assertEquals(message, refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"public", "max-age=9, Public", "s-maxage=9"})
    void sharedCachesAreRejectedWithAuthentication(String cacheControl) {
        HttpSettingsBuilder settings = builder("/", 60, "", cacheControl, 0);
        settings.build();
        settings.authentication(true);

        Exception refusal = assertThrows(IllegalArgumentException.class, settings::build);

        assertEquals(
                "cache.control = '" + cacheControl
                        + "' lets proxies share what authentication protects; remove public and s-maxage",
                refusal.getMessage());
    }
}
