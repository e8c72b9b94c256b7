package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpSettingsTest {

    private static HttpSettings settings(
            String basePath, long idleSeconds, String index, String cacheControl, long cacheSize) {
        return new HttpSettings(
                basePath, Duration.ofSeconds(idleSeconds), index, true, true, true, cacheControl, cacheSize);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "files | 60 | index.html | no-cache | 0 | base.path = 'files' does not start with '/'; write it like /files",
                "'' | 60 | index.html | no-cache | 0 | base.path = '' does not start with '/'; write it like /files",
                "/a/../b | 60 | index.html | no-cache | 0 | base.path = '/a/../b' has a name that no path can have; write it like /files",
                "/ | 0 | index.html | no-cache | 0 | idle.timeout = '0' is less than a second; write it in seconds, 1 or more",
                "/ | -5 | index.html | no-cache | 0 | idle.timeout = '-5' is less than a second; write it in seconds, 1 or more",
                "/ | 60 | a/b | no-cache | 0 | index = 'a/b' is no file name; write a plain name like index.html, or nothing for no index",
                "/ | 60 | .. | no-cache | 0 | index = '..' is no file name; write a plain name like index.html, or nothing for no index",
                "/ | 60 | '' | é | 0 | cache.control = 'é' has characters that a header cannot have; write it in ASCII, like max-age=3600",
                "/ | 60 | '' | no-cache | -1 | cache.size = '-1' is negative; write it in bytes, 0 for no cache",
            })
    void badValueIsRefusedWithItsKeyTheProblemAndTheRemedy(
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
    void basePathIsWrittenAsPeopleDo(String written, String kept) {
        assertEquals(kept, settings(written, 60, "", "", 0).basePath());
    }
}
