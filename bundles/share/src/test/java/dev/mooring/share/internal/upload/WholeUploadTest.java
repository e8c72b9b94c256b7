package dev.mooring.share.internal.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.mooring.share.OpenFile;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import dev.mooring.share.Upload;
import dev.mooring.share.internal.lookup.HiddenNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class WholeUploadTest {

    @TempDir
    Path root;

    OwnedShare share;
    ShareFileSystem files;

    @BeforeEach
    void share() throws IOException {
        Files.createDirectory(root.resolve("dir"));
        Files.writeString(root.resolve("dir/file"), "old");
        share = Shares.open("test", root.toString(), false, List.of());
        files = share.fileSystem(SharePath.ROOT, false);
    }

    @AfterEach
    void close() throws IOException {
        share.close();
    }

    @Test
    void uploadIsInvisibleBeforeTheCommitAndCompleteAfterIt() throws IOException {
        for (String name : List.of("new", "file")) {
            try (Upload upload = begin("/dir/" + name, "first ")) {
                assertInstanceOf(FileChannel.class, upload.channel());
                assertEquals(1, share.list(SharePath.of("dir")).size());
                assertEquals(List.of("file"), listed());
                upload.channel().write(ByteBuffer.wrap("second".getBytes()));
                assertEquals("old", Files.readString(root.resolve("dir/file")));
                upload.commit();
            }
            assertEquals("first second", Files.readString(root.resolve("dir").resolve(name)));
            Files.deleteIfExists(root.resolve("dir/new"));
        }
        assertEquals(Set.of("file"), onDisk("dir"));
    }

    @Test
    void discardedUploadLeavesTheOldFile() throws IOException {
        Object key = share.entry(SharePath.of("dir/file")).key();
        begin("/dir/file", "half").close();
        begin("/dir/new", "half").close();
        Upload closed = begin("/dir/file", "half");
        Channels.newOutputStream(closed.channel()).close();
        assertThrows(ClosedChannelException.class, closed::commit);
        closed.close();
        assertThrows(IOException.class, closed::commit);
        assertEquals("old", Files.readString(root.resolve("dir/file")));
        assertEquals(key, share.entry(SharePath.of("dir/file")).key());
        assertEquals(Set.of("file"), onDisk("dir"));
    }

    @Test
    void openOldFileStaysReadable() throws IOException {
        try (OpenFile open = share.open(SharePath.of("dir/file"))) {
            commit("/dir/file", "something new");
            ByteBuffer content = ByteBuffer.allocate(100);
            open.channel().read(content);
            assertEquals("old", new String(content.array(), 0, content.position()));
        }
        assertEquals("something new", Files.readString(root.resolve("dir/file")));
    }

    @Test
    void permissionsAndOwnerOfTheReplacedFileAreKept() throws IOException {
        Path real = root.resolve("dir/file");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwxr-x-w-"));
        boolean mayGive = System.getProperty("user.name").equals("root");
        if (mayGive) {
            Files.setAttribute(real, "unix:uid", 1234);
            Files.setAttribute(real, "unix:gid", 4321);
        }
        Upload upload = begin("/dir/file", "new");
        String temporary = onDisk("dir").stream()
                .filter(name -> !name.equals("file"))
                .findAny()
                .orElseThrow();
        assertEquals("rwxr-x-w-", mode("dir/" + temporary));
        upload.commit();
        assertEquals("new", Files.readString(real));
        assertEquals("rwxr-x-w-", mode("dir/file"));
        if (mayGive) {
            assertEquals(1234, Files.getAttribute(real, "unix:uid"));
            assertEquals(4321, Files.getAttribute(real, "unix:gid"));
        }
    }

    @Test
    void newFileHasTheGivenOrDefaultPermissions() throws IOException {
        Files.createFile(root.resolve("plain"));
        commit("/new", "new");
        assertEquals(mode("plain"), mode("new"));
        try (Upload upload = files.upload(
                files.getPath("/asked"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--------")))) {
            upload.commit();
        }
        assertEquals("r--------", mode("asked"));
    }

    @Test
    void attributesOfAnUploadAreReadAndSetByItsPath() throws IOException {
        Path path = files.getPath("/dir/file");
        try (Upload upload = begin("/dir/file", "longer")) {
            assertEquals(path, upload.path());
            assertEquals(6, Files.size(upload.path()));
            assertEquals(3, Files.size(path));
            assertEquals("longer", Files.readString(upload.path()));
            Files.setPosixFilePermissions(upload.path(), PosixFilePermissions.fromString("rw-r-----"));
            Files.setLastModifiedTime(upload.path(), FileTime.fromMillis(5000));
            assertNotEquals(FileTime.fromMillis(5000), Files.getLastModifiedTime(path));
            upload.commit();
        }
        assertEquals("rw-r-----", mode("dir/file"));
        assertEquals(FileTime.fromMillis(5000), Files.getLastModifiedTime(path));
    }

    @Test
    void newNameIsReservedAtOnceAndReleasedAfterADiscard() throws IOException {
        Path path = files.getPath("/dir/new");
        assertThrows(FileAlreadyExistsException.class, () -> files.uploadNew(files.getPath("/dir/file")));
        Upload first = files.uploadNew(path);
        assertThrows(FileAlreadyExistsException.class, () -> files.uploadNew(path));
        assertEquals(0, Files.size(path));
        first.close();
        assertEquals(Set.of("file"), onDisk("dir"));
        try (Upload second = files.uploadNew(
                path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--------")))) {
            second.channel().write(ByteBuffer.wrap("new".getBytes()));
            second.commit();
        }
        assertEquals("new", Files.readString(root.resolve("dir/new")));
        assertEquals("r--------", mode("dir/new"));
        Upload third = files.uploadNew(files.getPath("/dir/third"));
        Files.writeString(root.resolve("dir/third"), "somebody else's");
        third.close();
        assertEquals(Set.of("file", "new", "third"), onDisk("dir"));
    }

    @Test
    void exposedUploadIsVisibleAtOnceAndStays() throws IOException {
        try (Upload upload = begin("/dir/file", "half")) {
            upload.expose();
            assertEquals("half", Files.readString(root.resolve("dir/file")));
            assertEquals(4, Files.size(upload.path()));
            upload.channel().write(ByteBuffer.wrap(" more".getBytes()));
            assertEquals("half more", Files.readString(root.resolve("dir/file")));
        }
        assertEquals("half more", Files.readString(root.resolve("dir/file")));
        assertEquals(Set.of("file"), onDisk("dir"));
    }

    @Test
    void uploadThroughALinkReplacesItsTarget() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), Path.of("dir/file"));
        commit("/link", "new");
        assertTrue(Files.isSymbolicLink(root.resolve("link")));
        assertEquals("new", Files.readString(root.resolve("dir/file")));
        assertEquals(Set.of("file"), onDisk("dir"));
    }

    @Test
    void otherHardLinksKeepTheOldContent() throws IOException {
        Files.createLink(root.resolve("hard"), root.resolve("dir/file"));
        commit("/dir/file", "new");
        assertEquals("old", Files.readString(root.resolve("hard")));
    }

    @Test
    void lastOfConcurrentUploadsIsComplete() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> uploads = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            char letter = (char) ('a' + i % 26);
            uploads.add(threads.submit(() -> {
                char[] content = new char[10_000];
                Arrays.fill(content, letter);
                commit("/dir/file", new String(content));
                return null;
            }));
            String seen = Files.readString(files.getPath("/dir/file"));
            assertTrue(seen.equals("old")
                    || seen.length() == 10_000 && seen.chars().distinct().count() == 1);
        }
        for (Future<?> upload : uploads) {
            upload.get();
        }
        threads.shutdown();
        assertEquals(10_000, Files.size(root.resolve("dir/file")));
        assertEquals(Set.of("file"), onDisk("dir"));
    }

    @Test
    void uploadFollowsItsMovedDirectory() throws IOException {
        try (Upload upload = begin("/dir/new", "new")) {
            Files.move(root.resolve("dir"), root.resolve("moved"));
            upload.commit();
        }
        assertEquals("new", Files.readString(root.resolve("moved/new")));
    }

    @Test
    void impossibleUploadIsRefusedAndLeavesNothing() throws IOException {
        assertThrows(FileSystemException.class, () -> files.upload(files.getPath("/dir")));
        assertThrows(NoSuchFileException.class, () -> files.upload(files.getPath("/none/x")));
        Upload upload = begin("/late", "new");
        Files.createDirectories(root.resolve("late/full"));
        FileSystemException refused = assertThrows(FileSystemException.class, upload::commit);
        assertEquals("/late", refused.getFile());
        assertEquals(Set.of("dir", "late"), onDisk(""));
    }

    /** In memory, because nobody can set the ctime of a real file. */
    @Test
    void abandonedUploadsAreRemovedAfterADay() throws IOException {
        String name = HiddenNames.UPLOAD_PREFIX + new UploadProcess("0", "1", "1").prefix();
        try (FileSystem memory = Jimfs.newFileSystem("memory", Configuration.unix())) {
            Path dir = Files.createDirectories(memory.getPath("/srv/dir"));
            Path old = Files.writeString(dir.resolve(name + "old"), "half");
            Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
            Path recent = Files.writeString(dir.resolve(name + "recent"), "half");
            try (OwnedShare inMemory = Shares.open("memory", "jimfs://memory/srv", false, List.of())) {
                Path directory = inMemory.fileSystem(SharePath.ROOT, false).getPath("/dir");
                try (Stream<Path> list = Files.list(directory)) {
                    assertEquals(0, list.count());
                }
                assertFalse(Files.exists(old));
                assertTrue(Files.exists(recent));
                assertThrows(FileSystemException.class, () -> Files.delete(directory));
                Files.setLastModifiedTime(recent, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
                Files.delete(directory);
                assertFalse(Files.exists(dir));
            }
        }
    }

    /** A client may give an upload any modification time, and a user may have files with such names. */
    @Test
    void uploadsOfOthersAndOtherFilesAreNotRemoved() throws IOException {
        Path own = left(UploadProcess.SELF);
        Path elsewhere = left(new UploadProcess("0", "1", "1"));
        Path notes = Files.writeString(root.resolve("dir/.mooring-notes.txt"), "notes");
        for (Path each : List.of(own, elsewhere, notes)) {
            Files.setLastModifiedTime(each, FileTime.fromMillis(0));
        }
        assertEquals(List.of("file"), listed());
        for (Path each : List.of(own, elsewhere, notes)) {
            assertTrue(Files.exists(each), each::toString);
        }
    }

    @Test
    void reservedNameThatAnotherClientHasTakenIsNotReplaced() throws IOException {
        try (Upload upload = files.uploadNew(files.getPath("/dir/lock"))) {
            upload.channel().write(ByteBuffer.wrap("first".getBytes()));
            Files.delete(root.resolve("dir/lock"));
            Files.writeString(root.resolve("dir/lock"), "second");
            assertThrows(FileSystemException.class, upload::commit);
        }
        assertEquals("second", Files.readString(root.resolve("dir/lock")));
        assertEquals(Set.of("file", "lock"), onDisk("dir"));
    }

    /** A rename that must not replace a file, and an upload of that name: one of them fails, or the upload replaces what was renamed. */
    @Test
    void renameDoesNotReplaceAnUploadThatIsCommittedMeanwhile() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        for (int i = 0; i < 500; i++) {
            Files.writeString(root.resolve("dir/source"), "source");
            Files.deleteIfExists(root.resolve("dir/target"));
            CyclicBarrier both = new CyclicBarrier(2);
            Future<Void> uploaded = thread.submit(() -> {
                try (Upload upload = begin("/dir/target", "upload")) {
                    both.await();
                    upload.commit();
                }
                return null;
            });
            both.await();
            try {
                Files.move(files.getPath("/dir/source"), files.getPath("/dir/target"));
            } catch (FileAlreadyExistsException e) {
                // The upload was first.
            }
            uploaded.get();
            assertEquals("upload", Files.readString(root.resolve("dir/target")));
        }
        thread.shutdown();
    }

    @Test
    void fileIsTruncatedAndExtendedWithoutWriting() throws IOException {
        Path file = files.getPath("/dir/file");
        for (Set<StandardOpenOption> options :
                List.of(Set.of(StandardOpenOption.WRITE), Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE))) {
            try (SeekableByteChannel channel = Files.newByteChannel(file, options)) {
                files.resize(channel, 2);
                assertEquals("ol", Files.readString(root.resolve("dir/file")));
                files.resize(channel, 3);
                assertEquals("ol\0", Files.readString(root.resolve("dir/file")));
                files.resize(channel, 3L << 32);
                assertEquals(3L << 32, Files.size(root.resolve("dir/file")));
                channel.position(0).write(ByteBuffer.wrap("old".getBytes()));
                files.resize(channel, 3);
                assertEquals("old", Files.readString(root.resolve("dir/file")));
            }
        }
    }

    @Test
    void uploadsOfEndedProcessesAreRemovedAndOthersStay() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Process running = new ProcessBuilder("cat").start();
        try {
            String pid = Long.toString(running.pid());
            String place = UploadProcess.SELF.scope();
            Path left = left(new UploadProcess(place, Long.toString(ended.pid()), "1"));
            Path numberUsedAgain = left(new UploadProcess(place, pid, "1"));
            Path live = left(new UploadProcess(place, pid, UploadProcess.start(pid)));
            Path elsewhere = left(new UploadProcess("0" + place, Long.toString(ended.pid()), "1"));
            Path own = left(UploadProcess.SELF); // like that of an old bundle that drains
            Upload upload = begin("/dir/new", "half");
            assertEquals(List.of("file"), listed());
            assertFalse(Files.exists(left));
            assertFalse(Files.exists(numberUsedAgain));
            for (Path each : List.of(live, elsewhere, own)) {
                assertTrue(Files.exists(each), each::toString);
            }
            upload.commit();
            assertEquals("half", Files.readString(root.resolve("dir/new")));
        } finally {
            running.destroy();
        }
    }

    private Path left(UploadProcess writer) throws IOException {
        return Files.writeString(root.resolve("dir/" + HiddenNames.UPLOAD_PREFIX + writer.prefix() + "x"), "half");
    }

    private Upload begin(String path, String content) throws IOException {
        Upload upload = files.upload(files.getPath(path));
        upload.channel().write(ByteBuffer.wrap(content.getBytes()));
        return upload;
    }

    private void commit(String path, String content) throws IOException {
        try (Upload upload = begin(path, content)) {
            upload.commit();
        }
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
    }

    private List<String> listed() throws IOException {
        try (Stream<Path> list = Files.list(files.getPath("/dir"))) {
            return list.map(each -> each.getFileName().toString()).toList();
        }
    }

    private Set<String> onDisk(String directory) throws IOException {
        try (Stream<Path> list = Files.list(root.resolve(directory))) {
            return list.map(each -> each.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
