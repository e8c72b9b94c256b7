package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.Client.Answer;
import dev.mooring.http.HttpSettings.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@Tag("files")
class CompressedFilesTest {

    private static final String GZIP = "Accept-Encoding: gzip";

    @TempDir
    Path root;

    private TestServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(root, settings(true, true));
        client = server.client();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static HttpSettings settings(boolean gzip, boolean precompressed) {
        return HttpSettings.builder()
                .content(new Content("", true, gzip, precompressed, "", 1 << 20))
                .build();
    }

    /** Returns text that does not compress very well. */
    private static String text(int size) {
        StringBuilder text = new StringBuilder(size);
        new Random(size).ints(size, 'a', 'z').forEach(c -> text.append((char) c));
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 60_000, 70_000, 1_000_000, 5_000_000})
    void textIsCompressedForClientsThatAcceptIt(int size) throws IOException {
        String text = text(size);
        TestServer.write(root.resolve("text.txt"), text);

        for (int i = 0; i < 2; i++) {
            Answer compressed = client.get("/text.txt", GZIP);
            assertEquals("gzip", compressed.header("Content-Encoding"));
            assertEquals("text/plain;charset=utf-8", compressed.header("Content-Type"));
            assertEquals("Accept-Encoding", compressed.header("Vary"));
            assertTrue(compressed.complete());
            assertTrue(compressed.body().length < size);
            assertEquals(text, compressed.unzipped());

            Answer plain = client.get("/text.txt");
            assertEquals("", plain.header("Content-Encoding"));
            assertEquals("Accept-Encoding", plain.header("Vary"));
            assertEquals(text, plain.text());
            assertNotEquals(plain.header("ETag"), compressed.header("ETag"));
        }
    }

    @Test
    void smallFilesAndPicturesAreNotCompressed() throws IOException {
        TestServer.write(root.resolve("tiny.txt"), "tiny");
        TestServer.write(root.resolve("picture.png"), text(5000));
        for (String target : new String[] {"/tiny.txt", "/picture.png"}) {
            Answer answer = client.get(target, GZIP);

            assertEquals("", answer.header("Content-Encoding"));
            assertEquals("", answer.header("Vary"));
        }
    }

    @Test
    void nothingIsCompressedIfThatIsOff() throws IOException {
        TestServer.write(root.resolve("text.txt"), text(5000));
        try (TestServer plain = new TestServer(root, settings(false, true))) {
            assertEquals("", plain.client().get("/text.txt", GZIP).header("Content-Encoding"));
        }
    }

    @Test
    void rangeIsTakenFromTheUncompressedFile() throws IOException {
        String text = text(100_000);
        TestServer.write(root.resolve("text.txt"), text);
        TestServer.write(root.resolve("text.txt.br"), "brotli");
        client.get("/text.txt", GZIP);

        Answer answer = client.get("/text.txt", "Accept-Encoding: br, gzip", "Range: bytes=10-19");

        assertEquals(206, answer.status());
        assertEquals("", answer.header("Content-Encoding"));
        assertEquals("bytes 10-19/100000", answer.header("Content-Range"));
        assertEquals(text.substring(10, 20), answer.text());
        assertEquals(client.get("/text.txt").header("ETag"), answer.header("ETag"));
    }

    @Test
    void rangeOfTheCompressedFormIsNotTakenFromTheFile() throws IOException {
        TestServer.write(root.resolve("text.txt"), text(100_000));
        String compressed = client.get("/text.txt", GZIP).header("ETag");

        Answer answer = client.get("/text.txt", GZIP, "Range: bytes=10-19", "If-Range: " + compressed);

        assertEquals(200, answer.status());
        assertEquals("", answer.header("Content-Encoding"));
    }

    @ParameterizedTest
    @CsvSource({
        "'br, zstd, gzip', br",
        "'gzip, deflate, br, zstd', br",
        "'gzip;q=1.0, br;q=0.5', gzip",
        "'gzip, br;q=0', gzip",
        "'zstd', zstd",
        "'GZIP', gzip",
        "'x-gzip', gzip",
        "'*', br",
        "'*;q=0.5, gzip', gzip",
        "'*;q=0, zstd', zstd",
        "'identity', ''",
        "'identity, gzip;q=0.5', ''",
        "'deflate', ''",
        "'', ''",
        "'gzip;q=0', ''",
        "'*;q=0', ''",
        "'gzip;q=nonsense', ''",
    })
    void precompressedFormIsChosenByWeight(String accept, String encoding) throws IOException {
        TestServer.write(root.resolve("style.css"), "plain " + text(2000));
        TestServer.write(root.resolve("style.css.br"), "br");
        TestServer.write(root.resolve("style.css.zst"), "zstd");
        TestServer.write(root.resolve("style.css.gz"), "gzip");
        settleAlike("style.css", "style.css.br", "style.css.zst", "style.css.gz");

        for (int i = 0; i < 2; i++) {
            Answer answer = client.get("/style.css", "Accept-Encoding: " + accept);

            assertEquals(encoding, answer.header("Content-Encoding"));
            assertEquals(encoding.isEmpty() ? "plain" : encoding, answer.text().split(" ")[0]);
            assertEquals("text/css;charset=utf-8", answer.header("Content-Type"));
            assertEquals("Accept-Encoding", answer.header("Vary"));
        }
    }

    private void settleAlike(String... names) throws IOException {
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3600));
        for (String name : names) {
            Files.setLastModifiedTime(root.resolve(name), hourAgo);
        }
    }

    /** {@code brotli -k} copies the time of the original in whole seconds. */
    @Test
    void formWithTheSameSecondAsTheFileIsSent() throws IOException {
        Instant hourAgo = Instant.now().minusSeconds(3600).truncatedTo(ChronoUnit.SECONDS);
        TestServer.write(root.resolve("style.css"), "plain");
        TestServer.write(root.resolve("style.css.br"), "br");
        Files.setLastModifiedTime(root.resolve("style.css"), FileTime.from(hourAgo.plusMillis(700)));
        Files.setLastModifiedTime(root.resolve("style.css.br"), FileTime.from(hourAgo));

        assertEquals("br", client.get("/style.css", "Accept-Encoding: br").text());
    }

    @Test
    void formThatIsOlderThanTheFileIsNotSent() throws IOException {
        TestServer.write(root.resolve("style.css"), "plain");
        TestServer.write(root.resolve("style.css.gz"), "stale");
        Files.setLastModifiedTime(
                root.resolve("style.css.gz"), FileTime.from(Instant.now().minusSeconds(7200)));

        assertEquals("plain", client.get("/style.css", GZIP).text());
    }

    @Test
    void formThatBecomesStaleIsNotSentFromMemory() throws IOException {
        TestServer.write(root.resolve("style.css"), "old");
        TestServer.write(root.resolve("style.css.gz"), "old compressed");
        settleAlike("style.css", "style.css.gz");
        assertEquals("old compressed", client.get("/style.css", GZIP).text());
        assertEquals("old compressed", client.get("/style.css", GZIP).text());

        Files.writeString(root.resolve("style.css"), "new");
        assertEquals("new", client.get("/style.css", GZIP).text());

        Files.writeString(root.resolve("style.css.gz"), "new compressed");
        assertEquals("new compressed", client.get("/style.css", GZIP).text());

        Files.delete(root.resolve("style.css.gz"));
        assertEquals("new", client.get("/style.css", GZIP).text());
    }

    @Test
    void directoryThatIsNamedLikeAFormIsNotSent() throws IOException {
        TestServer.write(root.resolve("style.css"), "plain");
        Files.createDirectory(root.resolve("style.css.gz"));

        assertEquals("plain", client.get("/style.css", GZIP).text());
    }

    @Test
    void precompressedFormIsNotSentByDefault() throws IOException {
        TestServer.write(root.resolve("style.css"), "plain");
        TestServer.write(root.resolve("style.css.gz"), "compressed");
        settleAlike("style.css", "style.css.gz");
        try (TestServer plain = new TestServer(root)) {
            assertEquals("plain", plain.client().get("/style.css", GZIP).text());
        }
    }

    @Test
    void compressedFileIsSentUnchangedUnderItsOwnName() throws IOException {
        TestServer.write(root.resolve("style.css.gz"), "compressed");

        Answer answer = client.get("/style.css.gz", GZIP);

        assertEquals("application/gzip", answer.header("Content-Type"));
        assertEquals("", answer.header("Content-Encoding"));
    }

    @Test
    void largeFormIsStreamed() throws IOException {
        TestServer.write(root.resolve("large.css"), text(3_000_000));
        byte[] form = text(2_000_000).getBytes();
        Files.write(root.resolve("large.css.br"), form);
        settleAlike("large.css", "large.css.br");

        Answer answer = client.get("/large.css", "Accept-Encoding: br");

        assertEquals("br", answer.header("Content-Encoding"));
        assertArrayEquals(form, answer.body());
    }

    @Test
    void clientWithAnAcceptableFormGetsNotModified() throws IOException {
        TestServer.write(root.resolve("style.css"), text(5000));
        TestServer.write(root.resolve("style.css.br"), "brotli");
        settleAlike("style.css", "style.css.br");
        String all = "Accept-Encoding: br, gzip";
        for (String accept : new String[] {"identity", "gzip", "br"}) {
            String tag = client.get("/style.css", "Accept-Encoding: " + accept).header("ETag");

            Answer answer = client.get("/style.css", all, "If-None-Match: " + tag);

            assertEquals(304, answer.status(), accept);
            assertEquals(tag, answer.header("ETag"));
            assertEquals("Accept-Encoding", answer.header("Vary"));
        }
        String brotli = client.get("/style.css", all).header("ETag");
        assertEquals(
                200, client.get("/style.css", GZIP, "If-None-Match: " + brotli).status());
    }

    @Test
    void fileThatIsTruncatedWhileItIsCompressedAbortsTheConnection() throws IOException {
        Path file = TestServer.write(root.resolve("large.txt"), text(20_000_000));
        try (var connection = client.connect("GET /large.txt HTTP/1.1\r\nHost: test\r\n" + GZIP + "\r\n\r\n")) {
            var in = java.nio.channels.Channels.newInputStream(connection);
            assertEquals('H', in.read());
            Files.writeString(file, "short");

            Answer answer = Client.read(in, false);

            assertTrue(!answer.complete());
        }
    }
}
