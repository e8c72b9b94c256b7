package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.OwnedShare;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests directories that may be searched but not read. Root may read every directory, so these are readable. */
@Tag("files")
class SearchedDirectoryTest {

    private static final int ROUNDS = 5_000;
    private static final AccessDeniedException DENIED = new AccessDeniedException("dir");

    @TempDir
    Path tmp;

    private Path root;
    private Path outside;

    @BeforeEach
    void makeATreeAndASecret() throws IOException {
        root = Files.createDirectories(tmp.resolve("root"));
        outside = Files.createDirectories(tmp.resolve("outside"));
        Files.writeString(outside.resolve("file"), "secret");
        Files.createDirectories(root.resolve("dir"));
        Files.writeString(root.resolve("dir/file"), "public");
    }

    private Directory hold(Path path) throws IOException {
        return Directory.openSearchOnly(path, DENIED);
    }

    private static String read(Directory directory) throws IOException {
        try (SeekableByteChannel channel = directory.read(directory.name("file"))) {
            ByteBuffer buffer = ByteBuffer.allocate(100);
            channel.read(buffer);
            return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
        }
    }

    @Test
    void directoryStaysTheSameWhenItsNameChanges() throws Exception {
        try (Directory directory = hold(root.resolve("dir"))) {
            Files.move(root.resolve("dir"), root.resolve("moved"));
            Files.createSymbolicLink(root.resolve("dir"), outside);
            assertEquals("public", read(directory));
            assertTrue(directory.readAttributes(directory.name("file")).isRegularFile());
            directory
                    .create(directory.name("new"), Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS))
                    .close();
            directory.move(directory.name("new"), directory, directory.name("newer"));
            assertTrue(Files.exists(root.resolve("moved/newer")));
            directory.deleteFile(directory.name("newer"));
            assertThrows(AccessDeniedException.class, directory::paths);
        }
        assertEquals(List.of("file"), names(outside));
    }

    /** The kernel gives the number of a closed descriptor to the next file, which may be that of another client. */
    @Test
    void closedDirectoryNeitherClosesNorReachesTheNextOne() throws Exception {
        Directory first = hold(outside);
        first.close();
        try (Directory next = hold(root.resolve("dir"))) {
            first.close();
            assertEquals("public", read(next));
            assertThrows(ClosedDirectoryStreamException.class, () -> read(first));
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    @Test
    void linkIsNeverOpenedNorEntered() throws Exception {
        Files.createSymbolicLink(root.resolve("link"), outside);
        Files.createSymbolicLink(root.resolve("dir/link"), outside);
        Files.createSymbolicLink(root.resolve("dir/flink"), outside.resolve("file"));
        assertThrows(AccessDeniedException.class, () -> hold(root.resolve("link")));
        assertThrows(AccessDeniedException.class, () -> hold(root.resolve("dir/file")));
        try (Directory directory = hold(root.resolve("dir"))) {
            assertThrows(FileSystemException.class, () -> directory.enter(directory.name("link")));
            assertThrows(LinkException.class, () -> directory.read(directory.name("flink")));
        }
    }

    @Test
    void enteringADirectorySwappedForALinkStaysInside() throws Exception {
        Path link = Files.createSymbolicLink(tmp.resolve("link"), outside);
        Path away = tmp.resolve("away");
        Path dir = root.resolve("dir");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        AtomicBoolean done = new AtomicBoolean();
        int entered = 0;
        try (Directory held = hold(root)) {
            Future<?> swapper = thread.submit(() -> {
                while (!done.get()) {
                    Files.move(dir, away, ATOMIC_MOVE);
                    Files.move(link, dir, ATOMIC_MOVE);
                    Files.move(dir, link, ATOMIC_MOVE);
                    Files.move(away, dir, ATOMIC_MOVE);
                }
                return null;
            });
            try {
                for (int i = 0; i < ROUNDS; i++) {
                    // The first is the way for a readable directory, the second for one that may only be searched.
                    try (Directory directory = i % 2 == 0 ? held.enter(held.name("dir")) : hold(dir)) {
                        assertEquals("public", read(directory));
                        entered++;
                    } catch (FileSystemException e) {
                        // The name was a link or missing at this moment.
                    }
                }
            } finally {
                done.set(true);
            }
            swapper.get();
        } finally {
            thread.shutdownNow();
        }
        assertTrue(entered > 0 && entered < ROUNDS, entered + " of " + ROUNDS);
    }

    /** Uses the modes themselves. Root ignores them, so as root this only shows that nothing else fails. */
    @Test
    void unreadableDirectoriesArePassedThroughAndUnreadableFilesChanged() throws Exception {
        Path dir = root.resolve("dir");
        Path file = dir.resolve("file");
        try (OwnedShare share = Shares.open("test", root.toString(), false, List.of())) {
            ShareFileSystem files = share.fileSystem(SharePath.ROOT, false);
            Files.setAttribute(files.getPath("/dir/file"), "unix:mode", 0111);
            Files.setLastModifiedTime(files.getPath("/dir/file"), FileTime.from(5, TimeUnit.SECONDS));
            assertEquals(0111, (Integer) Files.getAttribute(file, "unix:mode") & 07777);
            assertEquals(5, Files.getLastModifiedTime(file).to(TimeUnit.SECONDS));
            Files.setAttribute(files.getPath("/dir/file"), "unix:mode", 02644);
            assertEquals(02644, (Integer) Files.getAttribute(file, "unix:mode") & 07777);

            Files.setAttribute(files.getPath("/dir"), "unix:mode", 0311);
            assertEquals("public", Files.readString(files.getPath("/dir/file")));
            Files.createDirectories(files.getPath("/dir/deep/er"));
            Files.writeString(files.getPath("/dir/deep/er/file"), "inner");
            Files.setAttribute(files.getPath("/dir/deep"), "unix:mode", 0111);
            assertEquals("inner", Files.readString(files.getPath("/dir/deep/er/file")));
            assertEquals(6, share.entry(SharePath.of("/dir/file")).size());
            try (Upload upload = files.upload(files.getPath("/dir/file"))) {
                upload.channel().write(ByteBuffer.wrap(new byte[3]));
                upload.commit();
            }
            assertEquals(3, Files.size(file));
            Files.move(files.getPath("/dir/file"), files.getPath("/moved"));
            Files.move(files.getPath("/moved"), files.getPath("/dir/file"));
            assertTrue(Files.getFileStore(files.getPath("/dir/deep")).getTotalSpace() > 0);
            if (!Files.isReadable(dir)) {
                assertThrows(AccessDeniedException.class, () -> share.list(SharePath.of("/dir")));
                assertThrows(AccessDeniedException.class, () -> Files.newDirectoryStream(files.getPath("/dir"))
                        .close());
            }
            Files.setAttribute(files.getPath("/dir/deep"), "unix:mode", 0755);
            Files.setAttribute(files.getPath("/dir"), "unix:mode", 0755);
            assertEquals(2, share.list(SharePath.of("/dir")).size());
        }
    }
}
