package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.Client.Answer;
import dev.mooring.http.HttpSettings.Content;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
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
class ServedFilesTest {

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

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        return noise;
    }

    private byte[] noise(String name, int size) throws IOException {
        byte[] noise = noise(size);
        Files.write(root.resolve(name), noise);
        TestServer.settle(root.resolve(name));
        return noise;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1024, 65536, 65537, 131072, 1000000})
    void fileOfAnySizeArrivesUnchanged(int size) throws IOException {
        byte[] noise = noise("noise", size);

        Answer first = client.get("/noise");
        Answer second = client.get("/noise");

        assertEquals(200, first.status());
        assertArrayEquals(noise, first.body());
        assertArrayEquals(noise, second.body());
        assertEquals(String.valueOf(size), first.header("Content-Length"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain.txt",
                "with space",
                "hash#mark",
                "per%cent",
                "per%41cent",
                "a+b",
                "semi;colon=1",
                "col:on",
                "quest?ion",
                "näme — ☃ 🚢",
                "back\\slash",
                "new\nline",
                "tab\there",
                "quote\"'`",
                "<b>&amp;",
                "{curly}|^[square]",
                "..;",
                "...",
                ".hidden",
                "-dash",
                "~tilde",
                "%2F",
                "%00",
                "@at,=$!*()"
            })
    void fileWithAnyNameCanBeRequested(String name) throws IOException {
        TestServer.write(root.resolve("d").resolve(name), name);

        Answer answer = client.get(
                "/d/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"));

        assertEquals(200, answer.status());
        assertEquals(name, answer.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"semi;colon=1", "a+b", "a|b", "a[1]^{2}", "it's", "x:y@z,=$!*()"})
    void namesNeedOnlyMinimalEncoding(String name) throws IOException {
        TestServer.write(root.resolve(name), name);

        assertEquals(name, client.get("/" + name).text());
    }

    @ParameterizedTest
    @CsvSource({
        "/../secret, 400",
        "/d/../../secret, 400",
        "/d/../secret, 404",
        "/d/%2e%2e/secret, 404",
        "/%2e%2e/secret, 400",
        "/..%2fsecret, 404",
        "/%2e%2e%2fsecret, 404",
        "/d/..;/secret, 404",
        "/d%2ffile, 404",
        "/%00, 400",
        "/d/file%00.txt, 400",
        "/%, 400",
        "/%4, 400",
        "/%zz, 400",
        "/%ff, 400",
        "/%c0%ae%c0%ae/secret, 400",
        "/%u002e, 400",
        "/d/file/, 404",
        "/d/file/x, 404",
        "/nothing, 404",
        "nothing, 400",
    })
    void invalidPathsAreRejected(String target, int status) throws IOException {
        TestServer.write(root.resolve("d/file"), "content");

        Answer answer = client.get(target);

        assertEquals(status, answer.status(), answer::text);
    }

    @Test
    void headHasTheHeadersOfGet() throws IOException {
        TestServer.write(root.resolve("small.txt"), "content");
        TestServer.write(root.resolve("text.txt"), "content ".repeat(1000));
        TestServer.write(root.resolve("large.txt"), "content ".repeat(100_000));
        TestServer.write(root.resolve("d/file"), "content");
        for (String target : new String[] {
            "/small.txt", "/text.txt", "/large.txt", "/", "/d", "/nothing", "/?download=zip", "/small.txt?download"
        }) {
            for (String encoding : new String[] {"identity", "gzip"}) {
                Map<String, String> get = new TreeMap<>(
                        client.get(target, "Accept-Encoding: " + encoding).headers());
                Answer head = client.head(target, "Accept-Encoding: " + encoding);
                get.remove("Date");
                head.headers().remove("Date");

                assertEquals(get, new TreeMap<>(head.headers()), target + " " + encoding);
                assertEquals(0, head.body().length);
            }
        }
    }

    @Test
    void headOfAnUnreadableFileIsForbiddenToo() throws IOException {
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public OpenFile open(SharePath path) throws IOException {
                throw new AccessDeniedException(path.toString());
            }
        };
        TestServer.write(root.resolve("file"), "content");
        try (TestServer denying = new TestServer(share, HttpSettings.DEFAULT)) {
            assertEquals(403, denying.client().head("/file").status());
            assertEquals(403, denying.client().get("/file").status());
        }
    }

    @Test
    void diskErrorIsReportedAndLogged() throws IOException {
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public OpenFile open(SharePath path) throws IOException {
                throw new FileSystemException(path.toString(), null, "Input/output error");
            }
        };
        TestServer.write(root.resolve("file"), "content");
        try (TestServer failing = new TestServer(share, HttpSettings.DEFAULT);
                CapturedLog log = new CapturedLog()) {
            assertEquals(500, failing.client().get("/file").status());
            assertEquals("WARNING http~test: GET /file: /file: Input/output error", log.await("Input/output"));
            assertFalse(log.hasStackTrace());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FROB"})
    void otherMethodsAreNotAllowed(String method) throws IOException {
        Answer answer = client.send(method, "/", "Content-Length: 0");

        assertEquals(405, answer.status());
        assertEquals("GET, HEAD, OPTIONS", answer.header("Allow"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nothing", "*"})
    void optionsListsTheAllowedMethods(String target) throws IOException {
        Answer answer = client.send("OPTIONS", target);

        assertEquals(204, answer.status());
        assertEquals("GET, HEAD, OPTIONS", answer.header("Allow"));
    }

    @ParameterizedTest
    @CsvSource({
        "page.html, text/html",
        "feed.xml, application/xml",
        "film.webm, video/webm",
        "film.mkv, video/x-matroska",
        "song.m4a, audio/mp4",
        "song.flac, audio/flac",
        "song.opus, audio/ogg",
        "live.m3u8, application/vnd.apple.mpegurl",
        "live.ts, video/mp2t",
        "subtitles.vtt, text/vtt;charset=utf-8",
        "app.webmanifest, application/manifest+json",
        "app.mjs, text/javascript;charset=utf-8",
        "READ.md, text/markdown;charset=utf-8",
        "server.log, text/plain;charset=utf-8",
        "playbook.yaml, application/yaml",
        "news.rss, application/rss+xml",
        "backup.7z, application/x-7z-compressed",
        "txt, application/octet-stream",
        "notes.txt, text/plain;charset=utf-8",
        "STYLE.CSS, text/css;charset=utf-8",
        "data.json, application/json",
        "picture.png, image/png",
        "drawing.svg, image/svg+xml",
        "archive.tar.gz, application/gzip",
        "unknown.qqq, application/octet-stream",
        "README, application/octet-stream",
    })
    void typeFollowsTheNameAndForbidsSniffing(String name, String type) throws IOException {
        TestServer.write(root.resolve(name), "content");

        Answer answer = client.get("/" + name);

        assertEquals(type, answer.header("Content-Type"));
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertEquals("", answer.header("Content-Encoding"));
    }

    @Test
    void changedFileIsSeenAtOnce() throws IOException {
        Path file = TestServer.write(root.resolve("file.txt"), "old");
        assertEquals("old", client.get("/file.txt").text());
        assertEquals("old", client.get("/file.txt").text());

        Files.writeString(file, "new");
        assertEquals("new", client.get("/file.txt").text());

        Files.delete(file);
        assertEquals(404, client.get("/file.txt").status());
    }

    @Test
    void contentIsTakenFromMemoryWhileTheFileIsUnchanged() throws IOException {
        TestServer.write(root.resolve("old.txt"), "content");
        Files.writeString(root.resolve("young.txt"), "content");
        AtomicInteger opened = new AtomicInteger();
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public OpenFile open(SharePath path) throws IOException {
                opened.incrementAndGet();
                return super.open(path);
            }
        };
        HttpSettings onlyPlain = HttpSettings.builder()
                .content(new Content("", true, true, false, "", 1 << 20))
                .build();
        try (TestServer counting = new TestServer(share, onlyPlain)) {
            for (int i = 0; i < 10; i++) {
                assertEquals("content", counting.client().get("/old.txt").text());
            }
            assertEquals(1, opened.get());

            for (int i = 0; i < 10; i++) {
                assertEquals("content", counting.client().get("/young.txt").text());
            }
            assertEquals(11, opened.get());
        }
    }

    @Test
    void fileThatIsReplacedBeforeItIsOpenedIsLookedUpAgain() throws IOException {
        Path file = TestServer.write(root.resolve("file.txt"), "old");
        DirectoryShare share = new DirectoryShare(root) {
            private boolean replaced;

            @Override
            public OpenFile open(SharePath path) throws IOException {
                if (!replaced) {
                    replaced = true;
                    TestServer.write(file, "replacement");
                }
                return super.open(path);
            }
        };
        try (TestServer racing = new TestServer(share, HttpSettings.DEFAULT)) {
            Answer answer = racing.client().get("/file.txt");

            assertEquals("replacement", answer.text());
            assertTrue(answer.complete());
        }
    }

    @Test
    void everythingIsUnderTheBasePath() throws IOException {
        TestServer.write(root.resolve("file.txt"), "content");
        TestServer.write(root.resolve("d/file.txt"), "deeper");
        HttpSettings mounted = HttpSettings.builder().basePath("/my files/x").build();
        try (TestServer running = new TestServer(root, mounted)) {
            Client there = running.client();

            assertEquals("content", there.get("/my%20files/x/file.txt").text());
            assertEquals("/my%20files/x/", there.get("/my%20files/x").header("Location"));
            assertEquals("/my%20files/x/d/", there.get("/my%20files/x/d").header("Location"));
            assertEquals(200, there.get("/my%20files/x/").status());
            assertEquals(404, there.get("/").status());
            assertEquals(404, there.get("/my%20files/").status());
            assertEquals(404, there.get("/file.txt").status());
            assertEquals(404, there.get("/my%20files/xfile.txt").status());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/d, /d/",
        "/d?sort=size&order=desc, /d/?sort=size&order=desc",
        "//d, /d/",
        "//evil.example/, 404",
        "//evil.example, 404",
        "///d//, /d/",
        "/./d/., /d/",
        "/d//file.txt, /d/file.txt",
        "/d/./file.txt?x, /d/file.txt?x",
        "/n%c3%a4me%20%3f, /n%C3%A4me%20%3F/",
    })
    void nonCanonicalPathIsRedirectedOnTheSameHost(String target, String location) throws IOException {
        TestServer.write(root.resolve("d/file.txt"), "content");
        Files.createDirectory(root.resolve("näme ?"));

        Answer answer = client.get(target);

        if (location.equals("404")) {
            assertEquals(404, answer.status());
        } else {
            assertEquals(301, answer.status());
            assertEquals(location, answer.header("Location"));
        }
    }

    /** Without a content encoding, browsers would take the compressed bytes for the drawing. */
    @Test
    void compressedDrawingHasAContentEncoding() throws IOException {
        TestServer.write(root.resolve("drawing.svgz"), "content");

        Answer answer = client.get("/drawing.svgz", "Accept-Encoding: gzip");

        assertEquals("image/svg+xml", answer.header("Content-Type"));
        assertEquals("gzip", answer.header("Content-Encoding"));
        assertEquals("content", answer.text());
    }

    /** RFC 9110 section 8.8.2.1: Last-Modified may not be later than Date. */
    @Test
    void fileFromTheFutureIsResumedByItsTag() throws IOException {
        Path file = TestServer.write(root.resolve("future.bin"), "content");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(86_400)));

        Answer answer = client.get("/future.bin");

        assertEquals("", answer.header("Last-Modified"));
        String tag = answer.header("ETag");
        assertEquals(
                206,
                client.get("/future.bin", "Range: bytes=3-", "If-Range: " + tag).status());
        assertEquals(304, client.get("/future.bin", "If-None-Match: " + tag).status());
    }

    /** RFC 9112 section 3.2.2. */
    @Test
    void hostOfTheTargetOverridesTheHeader() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");

        assertEquals("hello", client.get("http://other/hello.txt").text());
    }

    @Test
    void plainNameOfAnAttachmentIsUnambiguous() throws IOException {
        TestServer.write(root.resolve("a\"b\\c%d.txt"), "content");

        assertEquals(
                "attachment; filename=\"a_b_c_d.txt\"; filename*=UTF-8''a%22b%5Cc%25d.txt",
                client.get("/a%22b%5Cc%25d.txt?download").header("Content-Disposition"));
    }

    @Test
    void downloadIsAnAttachment() throws IOException {
        TestServer.write(root.resolve("näme.txt"), "content");

        Answer answer = client.get("/n%c3%a4me.txt?download");

        assertEquals("content", answer.text());
        assertEquals(
                "attachment; filename=\"n_me.txt\"; filename*=UTF-8''n%C3%A4me.txt",
                answer.header("Content-Disposition"));
        assertEquals("", client.get("/n%c3%a4me.txt").header("Content-Disposition"));
    }

    @Test
    void tagIsStrongForASettledFileAndDiffersBetweenVersions() throws IOException {
        Path file = root.resolve("file.txt");
        Files.writeString(file, "one");
        String young = client.get("/file.txt").header("ETag");
        TestServer.settle(file);
        String settled = client.get("/file.txt").header("ETag");
        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(1800)));
        String changed = client.get("/file.txt").header("ETag");

        assertTrue(young.matches("W/\"[^\"]+\""), young);
        assertTrue(settled.matches("\"[^\"]+\""), settled);
        assertNotEquals(settled, changed);
        assertEquals(changed, client.get("/file.txt").header("ETag"));
    }

    @Test
    void notModifiedHasOnlyTheRequiredHeaders() throws IOException {
        TestServer.write(root.resolve("file.css"), "content ".repeat(500));
        TestServer.write(root.resolve("large.css"), "content ".repeat(50_000));
        for (String target : new String[] {"/file.css", "/large.css"}) {
            Answer full = client.get(target);
            for (String condition : new String[] {
                "If-None-Match: " + full.header("ETag"),
                "If-None-Match: W/" + full.header("ETag"),
                "If-None-Match: \"other\", " + full.header("ETag"),
                "If-None-Match: *",
                "If-Modified-Since: " + full.header("Last-Modified")
            }) {
                Answer answer = client.get(target, condition);

                assertEquals(304, answer.status(), condition);
                for (String header : new String[] {"ETag", "Last-Modified", "Cache-Control", "Vary"}) {
                    assertEquals(full.header(header), answer.header(header), header);
                    assertNotEquals("", answer.header(header), header);
                }
                assertEquals("", answer.header("Content-Length"));
                assertEquals("", answer.header("Transfer-Encoding"));
                assertEquals("", answer.header("Content-Type"));
                assertEquals(304, client.head(target, condition).status(), condition);
            }
        }
    }

    @Test
    void connectionCanBeUsedAfterNotModified() throws IOException {
        TestServer.write(root.resolve("file.txt"), "content");
        String conditional = "GET /file.txt HTTP/1.1\r\nHost: test\r\nIf-None-Match: *\r\n\r\n";
        try (var connection = client.connect(conditional + "GET /file.txt HTTP/1.1\r\nHost: test\r\n\r\n")) {
            var in = java.nio.channels.Channels.newInputStream(connection);

            assertEquals(304, Client.read(in, false).status());
            assertEquals("content", Client.read(in, false).text());
        }
    }

    @Test
    void failedPreconditionIsReported() throws IOException {
        TestServer.write(root.resolve("file.txt"), "content");
        String tag = client.get("/file.txt").header("ETag");

        assertEquals(412, client.get("/file.txt", "If-Match: \"other\"").status());
        assertEquals(412, client.get("/file.txt", "If-Match: W/" + tag).status());
        assertEquals(200, client.get("/file.txt", "If-Match: \"other\", " + tag).status());
        assertEquals(200, client.get("/file.txt", "If-Match: *").status());
        assertEquals(
                412,
                client.get("/file.txt", "If-Unmodified-Since: Thu, 01 Jan 2015 00:00:00 GMT")
                        .status());
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=0-99, 0, 100",
        "bytes=900-, 900, 100000",
        "bytes=-5, 99995, 100000",
        "bytes=-1000000, 0, 100000",
        "bytes=99999-200000, 99999, 100000",
        "'bytes=0-9,5-20', 0, 21",
        "'bytes=0-9, 20-29', 0, 30",
        "BYTES=1-2, 1, 3",
    })
    void rangeIsPartial(String range, int from, int to) throws IOException {
        byte[] noise = noise("noise", 100_000);

        Answer answer = client.get("/noise", "Range: " + range);

        assertEquals(206, answer.status());
        assertEquals("bytes " + from + "-" + (to - 1) + "/100000", answer.header("Content-Range"));
        assertArrayEquals(Arrays.copyOfRange(noise, from, to), answer.body());
        assertEquals("bytes", answer.header("Accept-Ranges"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"bytes=5-2", "bytes=x-2", "bytes=", "bytes=-", "lines=1-2", "bytes=1", "bytes=0-1,x", "bytes 0-1"
            })
    void malformedRangeIsIgnored(String range) throws IOException {
        byte[] noise = noise("noise", 1000);

        Answer answer = client.get("/noise", "Range: " + range);

        assertEquals(200, answer.status());
        assertArrayEquals(noise, answer.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1000-", "bytes=5000-6000", "bytes=-0", "bytes=1000-1001,2000-"})
    void rangeBeyondTheEndCannotBeSatisfied(String range) throws IOException {
        noise("noise", 1000);

        Answer answer = client.get("/noise", "Range: " + range);

        assertEquals(416, answer.status());
        assertEquals("bytes */1000", answer.header("Content-Range"));
    }

    @Test
    void onlyASuffixOfAnEmptyFileIsSatisfiable() throws IOException {
        noise("nothing", 0);

        assertEquals(416, client.get("/nothing", "Range: bytes=0-").status());
        assertEquals(200, client.get("/nothing", "Range: bytes=-5").status());
    }

    @Test
    void severalRangesAreSentAsParts() throws IOException {
        byte[] noise = noise("noise", 100_000);

        Answer answer = client.get("/noise", "Range: bytes=90000-90001, 0-1, -2");

        assertEquals(206, answer.status());
        assertEquals("", answer.header("Content-Range"));
        assertEquals(String.valueOf(answer.body().length), answer.header("Content-Length"));
        String type = answer.header("Content-Type");
        assertTrue(type.startsWith("multipart/byteranges; boundary="), type);
        String boundary = type.substring(type.indexOf('=') + 1);
        String expected = "";
        for (int from : new int[] {0, 90_000, 99_998}) {
            expected += (from == 0 ? "" : "\r\n") + "--" + boundary + "\r\n"
                    + "Content-Type: application/octet-stream\r\nContent-Range: bytes " + from + "-" + (from + 1)
                    + "/100000\r\n\r\n"
                    + new String(noise, from, 2, StandardCharsets.ISO_8859_1);
        }
        assertEquals(expected + "\r\n--" + boundary + "--\r\n", new String(answer.body(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void tooManyRangesAreIgnored() throws IOException {
        noise("noise", 100_000);
        StringBuilder ranges = new StringBuilder("Range: bytes=0-0");
        for (int i = 1; i < 200; i++) {
            ranges.append(',').append(i * 400).append('-').append(i * 400);
        }

        assertEquals(200, client.get("/noise", ranges.toString()).status());
    }

    @Test
    void rangeIsIgnoredIfTheClientHasAnotherVersion() throws IOException {
        noise("noise", 1000);
        Answer full = client.get("/noise");
        String range = "Range: bytes=0-9";

        assertEquals(
                206,
                client.get("/noise", range, "If-Range: " + full.header("ETag")).status());
        assertEquals(
                200,
                client.get("/noise", range, "If-Range: W/" + full.header("ETag"))
                        .status());
        assertEquals(200, client.get("/noise", range, "If-Range: \"other\"").status());
        assertEquals(
                206,
                client.get("/noise", range, "If-Range: " + full.header("Last-Modified"))
                        .status());
        assertEquals(
                200,
                client.get("/noise", range, "If-Range: Thu, 01 Jan 2015 00:00:00 GMT")
                        .status());
        assertEquals(200, client.get("/noise", range, "If-Range: yesterday").status());
        assertEquals(304, client.get("/noise", range, "If-None-Match: *").status());

        Files.setLastModifiedTime(root.resolve("noise"), FileTime.from(Instant.now()));
        Answer young = client.get("/noise");
        assertEquals(
                200,
                client.get("/noise", range, "If-Range: " + young.header("ETag")).status());
        assertEquals(
                200,
                client.get("/noise", range, "If-Range: " + young.header("Last-Modified"))
                        .status());
    }

    @Test
    void rangeIsForGetOnly() throws IOException {
        noise("noise", 1000);

        Answer answer = client.head("/noise", "Range: bytes=0-9");

        assertEquals(200, answer.status());
        assertEquals("1000", answer.header("Content-Length"));
    }

    @Test
    void rangesOfAFileOverFourGibibytesAreServed() throws IOException {
        long size = (5L << 30) + 3;
        try (RandomAccessFile sparse = new RandomAccessFile(root.resolve("huge").toFile(), "rw")) {
            sparse.setLength(size);
            sparse.seek(size - 3);
            sparse.write("end".getBytes(StandardCharsets.US_ASCII));
        }
        TestServer.settle(root.resolve("huge"));

        assertEquals(String.valueOf(size), client.head("/huge").header("Content-Length"));
        Answer end = client.get("/huge", "Range: bytes=" + (size - 3) + "-");
        assertEquals("end", end.text());
        assertEquals("bytes " + (size - 3) + "-" + (size - 1) + "/" + size, end.header("Content-Range"));
        Answer parts = client.get("/huge", "Range: bytes=0-0,-3");
        assertTrue(parts.text().contains("\r\n\r\nend\r\n--"), parts.text());
    }

    @Test
    void deviceIsForbidden() throws IOException {
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public Entry entry(SharePath path) throws IOException {
                return path.isRoot()
                        ? super.entry(path)
                        : new Entry(path, Entry.Kind.OTHER, 0, FileTime.fromMillis(0), null);
            }
        };
        try (TestServer running = new TestServer(share, HttpSettings.DEFAULT)) {
            assertEquals(403, running.client().get("/device").status());
        }
    }

    @Test
    void errorIsShortAndDoesNotQuoteTheRequest() throws IOException {
        Answer page = client.get("/%3Cscript%3Ealert(1)%3C/script%3E");
        assertEquals(404, page.status());
        assertTrue(page.text().contains("404 Not Found"), page.text());
        assertFalse(page.text().contains("script"), page.text());
        assertTrue(page.body().length < 300);
        assertEquals("text/html;charset=utf-8", page.header("Content-Type"));

        Answer json = client.get("/nothing", "Accept: application/json");
        assertEquals("{\"status\":404,\"error\":\"Not Found\"}\n", json.text());
        assertEquals("application/json", json.header("Content-Type"));
    }

    @Test
    void malformedRequestIsRejectedWithoutLogging() throws IOException {
        try (CapturedLog log = new CapturedLog()) {
            assertEquals(400, client.sendRaw("GET / HTTP/1.1\r\n\r\n", false).status());
            assertEquals(400, client.get("/", "no header").status());
            assertEquals(
                    400, client.sendRaw("\u0016\u0003\u0001\r\n\r\n", false).status());
            assertEquals(431, client.get("/", "X: " + "x".repeat(20_000)).status());
            assertEquals(414, client.get("/" + "x".repeat(20_000)).status());
            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void malformedHeadersCauseNoServerError() throws IOException {
        TestServer.write(root.resolve("file.css"), "content ".repeat(500));
        try (CapturedLog log = new CapturedLog()) {
            for (String header : new String[] {
                "Accept",
                "Accept-Encoding",
                "If-Match",
                "If-None-Match",
                "If-Range",
                "If-Modified-Since",
                "If-Unmodified-Since",
                "Range"
            }) {
                for (String value : new String[] {"", "\"", "a\"b", ";", ",", "q=", "gzip;q=x", "W/", "=", "\\"}) {
                    for (String target : new String[] {"/file.css", "/", "/nothing", "/?sort=%zz"}) {
                        int status = client.get(target, header + ": " + value).status();

                        assertTrue(status < 500, header + ": " + value + " is " + status + " at " + target);
                    }
                }
            }
            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void unexpectedFailureOfTheShareIsLoggedWithItsCause() throws IOException {
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public Entry entry(SharePath path) {
                throw new IllegalStateException("unexpected");
            }
        };
        try (TestServer failing = new TestServer(share, HttpSettings.DEFAULT);
                CapturedLog log = new CapturedLog()) {
            assertEquals(500, failing.client().get("/file").status());
            log.await("http~test: GET /file failed");
            assertTrue(log.hasStackTrace());
        }
    }

    @Test
    void cacheControlIsAsConfigured() throws IOException {
        TestServer.write(root.resolve("file.txt"), "content");
        assertEquals("no-cache", client.get("/file.txt").header("Cache-Control"));
        HttpSettings settings = HttpSettings.builder()
                .content(new Content("", true, true, true, "max-age=60, immutable", 0))
                .build();
        try (TestServer running = new TestServer(root, settings)) {
            assertEquals(
                    "max-age=60, immutable", running.client().get("/file.txt").header("Cache-Control"));
        }
    }
}
