package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.Client.Answer;
import dev.mooring.http.HttpSettings.Content;
import dev.mooring.http.internal.body.BodyMemory;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.share.OpenFile;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
@Tag("files")
class DirectoriesTest {

    @TempDir
    Path root;

    private TestServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(root);
        client = server.client();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static HttpSettings settings(String index, boolean listing) {
        return HttpSettings.builder()
                .content(new Content(index, listing, true, true, "", 1 << 20))
                .build();
    }

    @Test
    void directoryIsServedAsAPageOfItsEntries() throws IOException {
        TestServer.write(root.resolve("d/file.txt"), "content");

        Answer answer = client.get("/d/");

        assertEquals(200, answer.status());
        assertEquals("text/html;charset=utf-8", answer.header("Content-Type"));
        assertTrue(answer.text().contains("file.txt"), answer.text());
        assertEquals("Accept", answer.header("Vary"));
        assertEquals("no-referrer", answer.header("Referrer-Policy"));
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertTrue(answer.header("Content-Security-Policy").contains("default-src 'none'"));
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, true",
        "'application/json, text/html', true",
        "'text/html, application/json', false",
        "'text/html;q=0.5, application/json', true",
        "'application/json;q=0.5, */*', false",
        "*/*, false",
        "text/plain, false",
        "'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false",
    })
    void directoryIsJsonForClientsThatPreferIt(String accept, boolean json) throws IOException {
        TestServer.write(root.resolve("file.txt"), "content");

        Answer answer = client.get("/", "Accept: " + accept);

        assertEquals(json ? "application/json" : "text/html;charset=utf-8", answer.header("Content-Type"));
        assertTrue(answer.text().contains("file.txt"));
        assertEquals("Accept", answer.header("Vary"));
    }

    @Test
    void newFileIsListedAtOnce() throws IOException {
        assertFalse(client.get("/").text().contains("new.txt"));
        TestServer.write(root.resolve("new.txt"), "content");

        assertTrue(client.get("/").text().contains("new.txt"));
    }

    @Test
    void indexIsServedForItsDirectory() throws IOException {
        Path index = TestServer.write(root.resolve("d/index.html"), "index");

        for (int i = 0; i < 2; i++) {
            Answer answer = client.get("/d/");
            assertEquals("index", answer.text());
            assertEquals("text/html", answer.header("Content-Type"));
            assertEquals(
                    304,
                    client.get("/d/", "If-None-Match: " + answer.header("ETag")).status());
        }

        Files.delete(index);
        assertTrue(client.get("/d/").text().contains("<title>"));
    }

    @Test
    void directoryThatIsNamedLikeTheIndexIsNotAnIndex() throws IOException {
        Files.createDirectories(root.resolve("d/index.html"));

        assertTrue(client.get("/d/").text().contains("index.html"));
    }

    @Test
    void nameOfTheIndexIsConfigurable() throws IOException {
        TestServer.write(root.resolve("index.html"), "index");
        TestServer.write(root.resolve("default.htm"), "default");
        try (TestServer other = new TestServer(root, settings("default.htm", true));
                TestServer none = new TestServer(root, settings("", true))) {
            assertEquals("default", other.client().get("/").text());
            assertTrue(none.client().get("/").text().contains("default.htm"));
        }
    }

    @Test
    void directoryIsForbiddenIfListingIsOff() throws IOException {
        TestServer.write(root.resolve("d/file.txt"), "content");
        TestServer.write(root.resolve("i/index.html"), "index");
        try (TestServer closed = new TestServer(root, settings("index.html", false))) {
            assertEquals(403, closed.client().get("/d/").status());
            assertEquals(403, closed.client().get("/d/?download=zip").status());
            assertEquals(403, closed.client().get("/i/?download=zip").status());
            assertEquals("content", closed.client().get("/d/file.txt").text());
            assertEquals("index", closed.client().get("/i/").text());
        }
    }

    /** The members of a zip by name, with their content. */
    private static Map<String, String> unzip(byte[] zip) throws IOException {
        Map<String, String> members = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry member = in.getNextEntry(); member != null; member = in.getNextEntry()) {
                assertNull(members.put(member.getName(), new String(in.readAllBytes())), member.getName());
            }
        }
        return members;
    }

    @Test
    void directoryCanBeDownloadedAsAZip() throws IOException {
        TestServer.write(root.resolve("däs/a.txt"), "a");
        TestServer.write(root.resolve("däs/index.html"), "index");
        TestServer.write(root.resolve("däs/sub/ü — ☃\n.txt"), "snow".repeat(100_000));
        Files.createDirectory(root.resolve("däs/empty"));

        Answer answer = client.get("/d%C3%A4s/?download=zip");

        assertEquals(200, answer.status());
        assertEquals("application/zip", answer.header("Content-Type"));
        assertEquals(
                "attachment; filename=\"d_s.zip\"; filename*=UTF-8''d%C3%A4s.zip",
                answer.header("Content-Disposition"));
        assertEquals(
                Map.of(
                        "a.txt", "a",
                        "index.html", "index",
                        "empty/", "",
                        "sub/", "",
                        "sub/ü — ☃_.txt", "snow".repeat(100_000)),
                unzip(answer.body()));
    }

    @Test
    void zipOfTheRootIsNamedForTheShare() throws IOException {
        assertEquals(
                "attachment; filename=\"default.zip\"; filename*=UTF-8''default.zip",
                client.get("/?download=zip").header("Content-Disposition"));
        assertEquals(Map.of(), unzip(client.get("/?download=zip").body()));
    }

    @Test
    void zipKeepsTheTimes() throws IOException {
        Path file = TestServer.write(root.resolve("file.txt"), "content");
        try (ZipInputStream in = new ZipInputStream(
                new ByteArrayInputStream(client.get("/?download=zip").body()))) {
            assertEquals(
                    Files.getLastModifiedTime(file).toMillis() / 1000,
                    in.getNextEntry().getLastModifiedTime().toMillis() / 1000);
        }
    }

    /** The names in the zip of a directory. The share is a real one, which supports links. */
    private Set<String> zipOfShare(String path) throws IOException {
        Share share = Shares.open(Map.of("name", "real", "root", root.toString()));
        try (TestServer running = new TestServer(share, HttpSettings.DEFAULT)) {
            return unzip(running.client().get(path + "?download=zip").body()).keySet();
        }
    }

    @Test
    void zipFollowsLinksButNotInCircles() throws IOException {
        TestServer.write(root.resolve("outside/other.txt"), "content");
        TestServer.write(root.resolve("d/sub/file.txt"), "content");
        Files.createSymbolicLink(root.resolve("d/sub/up"), root.resolve("d"));
        Files.createSymbolicLink(root.resolve("d/sub/self"), root.resolve("d/sub"));
        Files.createSymbolicLink(root.resolve("d/again"), root.resolve("d/sub"));
        Files.createSymbolicLink(root.resolve("d/link.txt"), root.resolve("d/sub/file.txt"));
        Files.createSymbolicLink(root.resolve("d/other"), root.resolve("outside"));

        assertEquals(Set.of("link.txt", "other/", "other/other.txt", "sub/", "sub/file.txt"), zipOfShare("/d/"));
    }

    /** Each level has two links to the next, so 2^20 paths lead to 20 directories. */
    @Test
    void zipDoesNotGrowWithTheNumberOfPathsThroughLinks() throws IOException {
        int levels = 20;
        for (int i = 0; i <= levels; i++) {
            TestServer.write(root.resolve("d" + i + "/file.txt"), "content");
        }
        for (int i = 0; i < levels; i++) {
            Files.createSymbolicLink(root.resolve("d" + i + "/a"), root.resolve("d" + (i + 1)));
            Files.createSymbolicLink(root.resolve("d" + i + "/b"), root.resolve("d" + (i + 1)));
        }

        assertEquals(1 + 2 * levels, zipOfShare("/d0/").size());
        assertEquals(2 * (levels + 1), zipOfShare("/").size());
    }

    @Test
    void namesInAZipAreSafeOnEverySystem() throws IOException {
        for (String name : List.of("..\\..\\x", "C:x", "a?b", "a*b", "nul.txt", "end.", "Upper", "upper")) {
            TestServer.write(root.resolve("d").resolve(name), "content");
        }

        assertEquals(Set.of(".._.._x", "C_x", "a_b", "a_b_", "_nul.txt", "end_", "Upper", "upper_"), zipOfShare("/d/"));
    }

    @Test
    void zipOmitsDeletedFilesAndNamesUnreadableOnes() throws IOException {
        for (String name : new String[] {"a", "denied", "vanished", "z"}) {
            TestServer.write(root.resolve(name), name);
        }
        TestServer.write(root.resolve("not-in-this-zip.txt"), "own");
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public OpenFile open(SharePath path) throws IOException {
                switch (path.name()) {
                    case "denied" -> throw new AccessDeniedException(path.toString());
                    case "vanished" -> throw new NoSuchFileException(path.toString());
                    default -> {
                        return super.open(path);
                    }
                }
            }
        };
        try (TestServer running = new TestServer(share, HttpSettings.DEFAULT);
                CapturedLog log = new CapturedLog()) {
            assertEquals(
                    Map.of(
                            "a", "a",
                            "z", "z",
                            "not-in-this-zip.txt", "own",
                            "not-in-this-zip.txt_", "This zip is incomplete. The server may not read:\n/denied\n"),
                    unzip(running.client().get("/?download=zip").body()));
            assertEquals("WARNING /denied is not in the zip, because the server may not read it", log.await("denied"));
        }
    }

    /** Makes a file of so many GiB, which takes no space. */
    private Path makeSparse(long size) throws IOException {
        Path file = root.resolve("big");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size << 30);
        }
        return file;
    }

    @Test
    void zipOfAFileThatIsTruncatedAbortsTheConnection() throws IOException {
        Path file = makeSparse(8);
        try (CapturedLog log = new CapturedLog();
                var connection = client.connect("GET /?download=zip HTTP/1.1\r\nHost: test\r\n\r\n")) {
            var in = Channels.newInputStream(connection);
            assertEquals('H', in.read());
            Files.write(file, new byte[10]);

            assertFalse(Client.read(in, false).complete());
            log.await("GET /?download=zip: connection aborted: /big was truncated while it was sent");
        }
    }

    /** Over HTTP/1.0 the end of the connection is the end of the zip, so the end of an incomplete one must be a reset. */
    @Test
    void incompleteZipOverHttp10EndsWithAReset() throws Exception {
        Path file = makeSparse(8);
        try (CapturedLog log = new CapturedLog();
                var connection = client.connect("GET /?download=zip HTTP/1.0\r\n\r\n")) {
            var in = Channels.newInputStream(connection);
            assertEquals('H', in.read());
            Files.write(file, new byte[10]);

            assertThrows(IOException.class, in::readAllBytes);
            log.await("GET /?download=zip: connection aborted: /big was truncated while it was sent");
        }
        Files.delete(file);
        TestServer.write(root.resolve("a"), "a");
        try (var connection = client.connect("GET /?download=zip HTTP/1.0\r\n\r\n")) {
            String response =
                    new String(Channels.newInputStream(connection).readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(response.startsWith("HTTP/1.1 200 "), response);
        }
    }

    @Test
    void pageAndZipOfALargeDirectoryNeedMemory() throws IOException {
        for (int i = 0; i < 1000; i++) {
            Files.createFile(root.resolve("f" + i));
        }
        long rest = 400_000;
        long taken = Runtime.getRuntime().maxMemory() / 4 - rest;
        assertTrue(BodyMemory.reserve(taken));
        try {
            assertEquals(503, client.get("/").status());
            assertEquals(503, client.get("/?download=zip").status());
        } finally {
            BodyMemory.release(taken);
        }
        assertEquals(200, client.get("/").status());
        assertEquals(1000, unzip(client.get("/?download=zip").body()).size());
        // Everything was released.
        assertTrue(BodyMemory.reserve(taken + rest));
        BodyMemory.release(taken + rest);
    }

    @Test
    void zipIsAbandonedWhenTheClientDisconnects() throws Exception {
        makeSparse(64);
        var closed = new java.util.concurrent.CountDownLatch(1);
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public OpenFile open(SharePath path) throws IOException {
                return ClosedFile.watch(super.open(path), closed);
            }
        };
        try (TestServer running = new TestServer(share, HttpSettings.DEFAULT)) {
            try (var connection = running.client().connect("GET /?download=zip HTTP/1.1\r\nHost: test\r\n\r\n")) {
                assertEquals('H', Channels.newInputStream(connection).read());
            }

            assertTrue(closed.await(20, java.util.concurrent.TimeUnit.SECONDS));
        }
    }
}
