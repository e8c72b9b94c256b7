package dev.mooring.http.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.eclipse.jetty.http.HttpException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {

    @ParameterizedTest
    @CsvSource({
        "/, /, true, true",
        "/a, /a, false, true",
        "/a/, /a, true, true",
        "/a/b%20c, /a/b c, false, true",
        "/%61, /a, false, true",
        "/a%3Bb;c, /a;b;c, false, true",
        "/%E2%98%83, /☃, false, true",
        "/☃, /☃, false, true",
        "/☃%25, /☃%, false, true",
        "//, /, true, false",
        "//a, /a, false, false",
        "/a//, /a, true, false",
        "/./a, /a, false, false",
        "/a/., /a, true, false",
        "/a/%2E/b, /a/b, false, false",
        "/..., /..., false, true",
    })
    void pathIsDecodedNameByName(String raw, String path, boolean directory, boolean canonical) throws IOException {
        RequestPath read = RequestPath.of(raw);

        assertEquals(path, read.path().toString());
        assertEquals(directory, read.directory());
        assertEquals(canonical, read.canonical());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/../a", "/a/..", "/%2e%2e/a", "/.%2E", "/a%2Fb", "/%2F", "/a%00"})
    void impossibleNameIsNotFound(String raw) {
        assertThrows(NoSuchFileException.class, () -> RequestPath.of(raw));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "*", "/%", "/%a", "/%zz", "/%-1", "/%+1", "/%ff", "/%c0%af", "/%ed%a0%80", "/%e2%98"})
    void malformedPathIsABadRequest(String raw) {
        assertEquals(
                400,
                assertThrows(HttpException.RuntimeException.class, () -> RequestPath.of(raw))
                        .getCode());
    }

    @Test
    void encodedPathIsDecodedUnchanged() throws IOException {
        SharePath path = SharePath.ROOT
                .resolve("a b%20/".replace("/", ""))
                .resolve("ü?#\n;\\+")
                .resolve("~-_.x");

        String encoded = new RequestPath(path, true, true).encode(true);

        assertEquals("/a%20b%2520/%C3%BC%3F%23%0A%3B%5C%2B/~-_.x/", encoded);
        assertEquals(path, RequestPath.of(encoded).path());
        assertEquals("/", new RequestPath(SharePath.ROOT, true, true).encode(true));
    }

    @Test
    void basePathIsRemoved() throws IOException {
        SharePath base = SharePath.of("/a/b");

        assertEquals(List.of("c"), RequestPath.of("/a/b/c").below(base).names());
        assertEquals(SharePath.ROOT, RequestPath.of("/a/b").below(base));
        assertThrows(NoSuchFileException.class, () -> RequestPath.of("/a").below(base));
        assertThrows(NoSuchFileException.class, () -> RequestPath.of("/a/bc").below(base));
    }
}
