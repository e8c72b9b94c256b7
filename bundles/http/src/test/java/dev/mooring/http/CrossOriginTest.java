package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.Client.Answer;
import dev.mooring.http.HttpSettings.CrossOrigin;
import dev.mooring.http.HttpSettings.Header;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossOriginTest {

    private static final String SITE = "https://site.example";
    private static final String[] PREFLIGHT = {
        "Origin: " + SITE,
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: authorization,if-none-match,range"
    };

    @TempDir
    Path root;

    @BeforeEach
    void fill() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");
    }

    private TestServer serve(boolean credentials, String... origins) throws IOException {
        return new TestServer(
                root,
                HttpSettings.builder()
                        .authentication(credentials)
                        .crossOrigin(new CrossOrigin(Set.of(origins), credentials, Duration.ofHours(1)))
                        .responseHeaders(List.of(new Header("X-Extra", "x")))
                        .build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", SITE})
    void rangeCanBeReadByAnotherSite(String origin) throws IOException {
        try (TestServer server = serve(false, origin)) {
            for (int i = 0; i < 2; i++) { // first from the disk, then from memory
                Answer answer = server.client().get("/hello.txt", "Origin: " + SITE);
                assertEquals("hello", answer.text());
                assertEquals(SITE, answer.header("Access-Control-Allow-Origin"));
                assertTrue(answer.header("Vary").contains("Origin"));
                assertEquals("", answer.header("Access-Control-Allow-Credentials"));
            }
            Answer part = server.client().get("/hello.txt", "Origin: " + SITE, "Range: bytes=1-2");
            assertEquals(206, part.status());
            List<String> exposed =
                    List.of(part.header("Access-Control-Expose-Headers").split(", *"));
            assertTrue(
                    exposed.containsAll(List.of("Content-Length", "Content-Range", "ETag", "Accept-Ranges", "X-Extra")),
                    exposed::toString);
        }
    }

    @Test
    void errorCanBeReadByAnotherSite() throws IOException {
        try (TestServer server = serve(false, SITE)) {
            for (String range : new String[] {"/none", "/hello.txt"}) {
                Answer answer = server.client().get(range, "Origin: " + SITE, "Range: bytes=9-");
                assertTrue(answer.status() == 404 || answer.status() == 416);
                assertEquals(SITE, answer.header("Access-Control-Allow-Origin"));
                assertTrue(answer.header("Vary").contains("Origin"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://other.example", "http://site.example", "https://site.example:8443", "null"})
    void siteThatIsNotListedIsNotAllowed(String origin) throws IOException {
        try (TestServer server = serve(true, SITE, "https://third.example")) {
            Answer answer = server.client().get("/hello.txt", "Origin: " + origin);
            assertEquals("", answer.header("Access-Control-Allow-Origin"));
            Answer preflight = server.client()
                    .send("OPTIONS", "/hello.txt", "Origin: " + origin, "Access-Control-Request-Method: GET");
            assertEquals("", preflight.header("Access-Control-Allow-Origin"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void preflightIsAnsweredWithoutAPassword(boolean authentication) throws IOException {
        try (TestServer server = serve(authentication, SITE)) {
            Answer answer = server.client().send("OPTIONS", "/hello.txt", PREFLIGHT);
            assertEquals(204, answer.status());
            assertEquals(SITE, answer.header("Access-Control-Allow-Origin"));
            assertEquals(authentication ? "true" : "", answer.header("Access-Control-Allow-Credentials"));
            assertEquals("3600", answer.header("Access-Control-Max-Age"));
            assertTrue(answer.header("Access-Control-Allow-Methods").contains("GET"));
            String headers = answer.header("Access-Control-Allow-Headers").toLowerCase();
            for (String wanted : List.of("authorization", "if-none-match", "range")) {
                assertTrue(headers.contains(wanted), headers);
            }
            assertEquals(
                    authentication ? 401 : 200,
                    server.client().get("/hello.txt", "Origin: " + SITE).status());
            assertEquals(
                    authentication ? 401 : 204,
                    server.client().send("OPTIONS", "/hello.txt").status());
        }
    }

    @Test
    void withoutTheSettingNoSuchHeadersAreSent() throws IOException {
        try (TestServer server = new TestServer(root)) {
            Answer answer = server.client().send("OPTIONS", "/hello.txt", PREFLIGHT);
            assertTrue(
                    answer.headers().keySet().stream()
                            .noneMatch(name -> name.toLowerCase().startsWith("access-control")),
                    () -> answer.headers().toString());
        }
    }
}
