package dev.mooring.share.internal.directory;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.OpenFile;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class KeptDirectoriesTest {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @TempDir
    Path tmp;

    private Path root;
    private OwnedShare share;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectories(tmp.resolve("root"));
        write(root.resolve("a/b/file"), "first");
        share = Shares.open("test", root.toString(), false, List.of());
        assertEquals("first", read("a/b/file"));
    }

    @AfterEach
    void close() throws IOException {
        share.close();
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private String read(String path) throws IOException {
        try (OpenFile file = share.open(SharePath.of(path))) {
            return new String(Channels.newInputStream(file.channel()).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** How many descriptors of this process lead into the directory of the test. */
    private long descriptors() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path each : all) {
                try {
                    count += Files.readSymbolicLink(each).startsWith(tmp) ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // It was closed meanwhile.
                }
            }
        }
        return count;
    }

    @Test
    void replacedDirectoryIsNoticedAtOnce() throws IOException {
        Files.move(root.resolve("a"), tmp.resolve("moved"), ATOMIC_MOVE);
        assertThrows(NoSuchFileException.class, () -> read("a/b/file"));
        write(root.resolve("a/b/file"), "second");
        assertEquals("second", read("a/b/file"));

        Files.move(root.resolve("a/b"), tmp.resolve("also moved"), ATOMIC_MOVE);
        write(root.resolve("a/b/file"), "third");
        assertEquals("third", read("a/b/file"));
    }

    @Test
    void linkInPlaceOfADirectoryIsNotFollowedOut() throws IOException {
        write(tmp.resolve("outside/file"), "secret");
        Files.move(root.resolve("a/b"), tmp.resolve("moved"), ATOMIC_MOVE);
        Files.createSymbolicLink(root.resolve("a/b"), tmp.resolve("outside"));
        assertThrows(NoSuchFileException.class, () -> read("a/b/file"));
        Files.delete(root.resolve("a/b"));
        Files.createSymbolicLink(root.resolve("a/b"), tmp.resolve("moved"));
        assertThrows(NoSuchFileException.class, () -> read("a/b/file"), "a link to the directory that was kept");
    }

    @Test
    void replacedRootIsNoticedAtOnce() throws IOException {
        Files.move(root, tmp.resolve("old"), ATOMIC_MOVE);
        assertThrows(IOException.class, () -> read("a/b/file"));
        write(root.resolve("a/b/file"), "second");
        assertEquals("second", read("a/b/file"));
    }

    @Test
    void descriptorsAreClosedAfterASecond() throws IOException {
        assertTrue(descriptors() > 0);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (descriptors() > 0) {
            assertTrue(System.nanoTime() < deadline, "directories stay open");
            Thread.onSpinWait();
        }
        assertEquals("first", read("a/b/file"));
    }

    @Test
    void numberOfDescriptorsIsLimited() throws IOException {
        for (int i = 0; i < 500; i++) {
            write(root.resolve("many/" + i + "/file"), "content");
            assertEquals("content", read("many/" + i + "/file"));
        }
        // Two of each.
        assertTrue(descriptors() <= 2 * 64 + 2, () -> "directories stay open");
    }

    @Test
    @SuppressWarnings("try") // closed explicitly
    void openDirectoryStaysUsableAfterTheShareIsClosed() throws IOException {
        try (KeptDirectories kept = new KeptDirectories();
                Directory first = kept.openRoot(root);
                Directory second = kept.openRoot(root)) {
            kept.close();
            second.close();
            second.close();
            assertTrue(first.readAttributes(Path.of("a")).isDirectory());
        }
    }
}
