package dev.mooring.share.internal.filesystem;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.OwnedShare;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Swaps a directory for a link to the outside as fast as possible, while clients change its content. */
@Tag("files")
class WriteRaceTest {

    private static final int TRIES = 4_000;

    /** The maximum number of attempts to meet both the directory and the link. */
    private static final int PATIENCE = 20 * TRIES;

    @TempDir
    Path tmp;

    Path root;
    Path outside;
    Map<String, Object> before;
    OwnedShare share;
    ShareFileSystem files;
    ExecutorService swapper;

    @BeforeEach
    void makeATreeAndASecret() throws IOException {
        root = Files.createDirectories(tmp.resolve("root"));
        outside = Files.createDirectories(tmp.resolve("outside"));
        Files.createDirectories(root.resolve("dir"));
        Files.createDirectories(outside.resolve("sub"));
        Files.writeString(outside.resolve("file"), "secret");
        Files.createSymbolicLink(outside.resolve("link"), Path.of("secret"));
        Files.setLastModifiedTime(outside.resolve("file"), FileTime.fromMillis(0));
        before = secret();
        Files.writeString(root.resolve("source"), "public");
        Files.writeString(root.resolve("dir/file"), "public");
        share = Shares.open("race", root.toString(), false, List.of());
        files = share.fileSystem(SharePath.ROOT, false);
        swapper = Executors.newSingleThreadExecutor();
    }

    @AfterEach
    void stop() throws IOException {
        swapper.shutdownNow();
        share.close();
    }

    private interface Change {
        void make(Path directory, int number) throws IOException;
    }

    @Test
    void filesAreWrittenInside() throws Exception {
        race((dir, i) -> Files.writeString(dir.resolve(i % 2 == 0 ? "file" : "new" + i), "changed"));
    }

    @Test
    void uploadsEndInside() throws Exception {
        race((dir, i) -> {
            try (Upload upload = files.upload(dir.resolve("file"))) {
                upload.channel().write(ByteBuffer.wrap("changed".getBytes()));
                upload.commit();
            }
        });
    }

    @Test
    void filesAndDirectoriesAreRemovedInside() throws Exception {
        race((dir, i) -> {
            try {
                Files.createDirectory(dir.resolve("sub"));
            } catch (FileAlreadyExistsException e) {
                // The link prevented the removal of the last one.
            }
            Files.delete(dir.resolve("sub"));
            Files.writeString(dir.resolve("file"), "x");
            Files.delete(dir.resolve("file"));
        });
    }

    @Test
    void directoriesAreMadeInside() throws Exception {
        race((dir, i) -> Files.createDirectory(dir.resolve("made" + i)));
    }

    @Test
    void linksAreMadeAndReadInside() throws Exception {
        race((dir, i) -> {
            Files.createSymbolicLink(dir.resolve("link" + i), files.getPath("file"));
            Files.createLink(dir.resolve("hard" + i), files.getPath("/source"));
            assertEquals("file", Files.readSymbolicLink(dir.resolve("link" + i)).toString());
        });
    }

    @Test
    void noHardLinkIsMadeToTheOutside() throws Exception {
        race((dir, i) -> {
            Path hard = files.getPath("/hard");
            try {
                Files.createLink(hard, dir.resolve("file"));
                assertFalse(Files.readString(hard).contains("secret"));
            } finally {
                Files.deleteIfExists(hard);
            }
        });
    }

    @Test
    void movesBeginAndEndInside() throws Exception {
        race((dir, i) -> {
            Path mine = Files.writeString(files.getPath("/mine"), "public");
            Path got = files.getPath("/got");
            Files.move(mine, dir.resolve("file"), ATOMIC_MOVE);
            Files.move(dir.resolve("file"), got, ATOMIC_MOVE);
            assertEquals("public", Files.readString(got));
        });
    }

    @Test
    void attributesAreSetInside() throws Exception {
        race((dir, i) -> {
            Path file = dir.resolve("file");
            Files.setLastModifiedTime(file, FileTime.fromMillis(i * 1000L));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.setAttribute(file, "unix:mode", 0700);
            Files.setAttribute(file, "unix:gid", Files.getAttribute(file, "unix:gid"), NOFOLLOW_LINKS);
            assertTrue((long) Files.readAttributes(file, "unix:*").get("size") != 999);
        });
    }

    private void race(Change change) throws Exception {
        Path dir = root.resolve("dir");
        Path link = Files.createSymbolicLink(tmp.resolve("link"), outside);
        Path away = tmp.resolve("away");
        AtomicBoolean done = new AtomicBoolean();
        Future<?> swaps = swapper.submit(() -> {
            while (!done.get()) {
                Files.move(dir, away, ATOMIC_MOVE);
                Files.move(link, dir, ATOMIC_MOVE);
                Files.move(dir, link, ATOMIC_MOVE);
                Files.move(away, dir, ATOMIC_MOVE);
            }
            return null;
        });
        int made = 0;
        int tried = 0;
        for (; tried < TRIES || (made == 0 || made == tried) && tried < PATIENCE; tried++) {
            try {
                change.make(files.getPath("/dir"), tried);
                made++;
            } catch (IOException e) {
                assertFalse(String.valueOf(e.getMessage()).contains(tmp.toString()), e::getMessage);
            }
        }
        done.set(true);
        swaps.get();
        assertEquals(before, secret());
        assertTrue(made > 0, "no change succeeded");
        assertTrue(made < tried, "no change met the link");
    }

    /** All files outside the root with their attributes, including the time of the last change. */
    private Map<String, Object> secret() throws IOException {
        Map<String, Object> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(outside)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Map<String, Object> attributes = new TreeMap<>(Files.readAttributes(
                        path, "unix:mode,uid,gid,nlink,ino,ctime,lastModifiedTime,size", NOFOLLOW_LINKS));
                all.put(outside.relativize(path).toString(), attributes.toString());
            }
        }
        return all;
    }
}
