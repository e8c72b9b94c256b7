package dev.mooring.http;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.HttpSettings.Content;
import dev.mooring.http.internal.handler.ShareHandler;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not in the cache, but that the system has in memory because they were read a moment ago. */
@Timeout(60)
@Tag("files")
class RecentFilesTest {

    /** The cache keeps the metadata of a file of {@link #FILE_SIZE}, but has no room for its content. */
    private static final long CACHE_SIZE = 16_000;

    private static final int FILE_SIZE = 20_000;

    /** Which thread opened a file. */
    private enum Opened {
        BY_SELECTOR,
        BY_OTHER_THREAD
    }

    @TempDir
    Path root;

    private final List<Opened> opened = new CopyOnWriteArrayList<>();
    private volatile long openNanos;
    private volatile boolean broken;
    private volatile boolean local = true;
    private TestServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public boolean isLocal(Entry entry) {
                return local;
            }

            @Override
            public OpenFile open(SharePath path) throws IOException {
                boolean selector = StackWalker.getInstance()
                        .walk(frames ->
                                frames.anyMatch(frame -> frame.getClassName().equals(ShareHandler.class.getName())
                                        && frame.getMethodName().equals("handle")));
                opened.add(selector ? Opened.BY_SELECTOR : Opened.BY_OTHER_THREAD);
                LockSupport.parkNanos(openNanos);
                if (broken) {
                    throw new IOException("the disk is broken");
                }
                return super.open(path);
            }
        };
        // Without precompressed files, what was found out about a file never has to be found out again.
        server = new TestServer(
                share,
                HttpSettings.builder()
                        .content(new Content("", true, true, false, "", CACHE_SIZE))
                        .build());
        client = server.client();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private byte[] write(String name, int seed, int size) throws IOException {
        byte[] noise = new byte[size];
        new Random(seed).nextBytes(noise);
        Path temporary = root.resolve(".new");
        Files.write(temporary, noise);
        Files.move(TestServer.settle(temporary), root.resolve(name), ATOMIC_MOVE);
        return noise;
    }

    @ParameterizedTest
    @ValueSource(ints = {FILE_SIZE, 65_536, 65_537, 131_072})
    void fileIsReadAgainWithoutAnotherThread(int size) throws IOException {
        byte[] noise = write("file", 1, size);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(noise, client.get("/file").body());
        }
        assertEquals(List.of(Opened.BY_OTHER_THREAD, Opened.BY_SELECTOR, Opened.BY_SELECTOR), opened);
    }

    @Test
    void largeFileIsNot() throws IOException {
        byte[] noise = write("file", 1, 131_073);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(noise, client.get("/file").body());
        }
        assertFalse(opened.contains(Opened.BY_SELECTOR));
    }

    /** The system need not have all of it in memory. */
    @Test
    void partOfAFileDoesNotCount() throws IOException {
        byte[] noise = write("file", 1, FILE_SIZE);
        assertEquals(200, client.send("HEAD", "/file").status());
        assertArrayEquals(
                Arrays.copyOf(noise, 10),
                client.get("/file", "Range: bytes=0-9").body());
        assertArrayEquals(noise, client.get("/file").body());
        assertFalse(opened.contains(Opened.BY_SELECTOR));
        assertArrayEquals(
                Arrays.copyOfRange(noise, 10, 20),
                client.get("/file", "Range: bytes=10-19").body());
        assertEquals(Opened.BY_SELECTOR, opened.get(3));
    }

    @Test
    void fileThatChangesIsSentAsItIs() throws IOException {
        for (int seed = 0; seed < 5; seed++) {
            byte[] noise = write("file", seed, FILE_SIZE);
            assertArrayEquals(noise, client.get("/file").body());
            assertArrayEquals(noise, client.get("/file").body());
        }
        Files.delete(root.resolve("file"));
        assertEquals(404, client.get("/file").status());
        assertTrue(opened.contains(Opened.BY_SELECTOR));
    }

    /** A network file system asks its server each time. Other clients of this selector must not wait for that. */
    @Test
    void fileOfAnotherMachineIsNot() throws IOException {
        local = false;
        write("file", 1, FILE_SIZE);
        for (int i = 0; i < 3; i++) {
            assertEquals(200, client.get("/file").status());
        }
        assertFalse(opened.contains(Opened.BY_SELECTOR));
    }

    @Test
    void slowFilesAreLeftToOtherThreads() throws IOException {
        write("file", 1, FILE_SIZE);
        openNanos = TimeUnit.MILLISECONDS.toNanos(2);
        for (int i = 0; i < 100 && opened.lastIndexOf(Opened.BY_OTHER_THREAD) <= 0; i++) {
            assertEquals(200, client.get("/file").status());
        }
        assertTrue(opened.contains(Opened.BY_SELECTOR));
        assertTrue(opened.lastIndexOf(Opened.BY_OTHER_THREAD) > 0);
    }

    /** The thread that may wait reports the error, once. */
    @Test
    void brokenFileIsReportedOnce() throws IOException {
        write("file", 1, FILE_SIZE);
        assertEquals(200, client.get("/file").status());
        broken = true;
        try (CapturedLog log = new CapturedLog()) {
            assertEquals(503, client.get("/file").status());
            assertEquals(1, log.lines().size(), () -> log.lines().toString());
        }
        assertEquals(List.of(Opened.BY_OTHER_THREAD, Opened.BY_SELECTOR, Opened.BY_OTHER_THREAD), opened);
    }
}
