package dev.mooring.share.internal.filesystem;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Feature;
import com.google.common.jimfs.Jimfs;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.DosFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("files")
class TreeFileSystemTest {

    @TempDir
    Path tmp;

    Path root;
    Path outside;
    OwnedShare share;
    ShareFileSystem files;

    @BeforeEach
    void makeATree() throws IOException {
        root = Files.createDirectories(tmp.resolve("root"));
        outside = Files.createDirectories(tmp.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createDirectories(root.resolve("dir/sub"));
        Files.writeString(root.resolve("dir/file"), "content");
        share = Shares.open("test", root.toString(), false, List.of("*.bak"));
        files = share.fileSystem(SharePath.ROOT, false);
    }

    @AfterEach
    void nothingOutsideHasChanged() throws IOException {
        share.close();
        assertEquals("secret", Files.readString(outside.resolve("secret")));
        assertEquals(Set.of("secret"), names(outside));
        assertEquals(Set.of("outside", "root"), names(tmp));
    }

    @Test
    void linkTargetThatIsNotUtf8IsNotReturnedAsAnotherOne() throws Exception {
        Process ln = new ProcessBuilder("sh", "-c", "ln -s \"$(printf 'a\\376')\" odd")
                .directory(root.toFile())
                .start();
        assertEquals(0, ln.waitFor());
        FileSystemException refused =
                assertThrows(FileSystemException.class, () -> Files.readSymbolicLink(files.getPath("/odd")));
        assertTrue(String.valueOf(refused.getReason()).contains("encoding"), refused::toString);
        Files.delete(files.getPath("/odd"));
    }

    @Test
    void filesAreCreatedTruncatedAndAppendedTo() throws IOException {
        Files.writeString(path("/new"), "one");
        Files.writeString(path("/new"), "two", APPEND);
        assertEquals("onetwo", Files.readString(root.resolve("new")));
        Files.writeString(path("/new"), "x");
        assertEquals("x", Files.readString(path("new")));
        assertThrows(FileAlreadyExistsException.class, () -> Files.writeString(path("/new"), "y", CREATE_NEW));
        assertThrows(NoSuchFileException.class, () -> Files.writeString(path("/none"), "y", WRITE));
        assertThrows(NoSuchFileException.class, () -> Files.writeString(path("/none/none"), "y"));
        assertThrows(FileSystemException.class, () -> Files.writeString(path("/dir"), "y"));
        assertThrows(NoSuchFileException.class, () -> Files.writeString(path("/new/below"), "y"));
        assertThrows(UnsupportedOperationException.class, () -> Files.writeString(path("/new"), "y", DELETE_ON_CLOSE));
        try (FileChannel channel = FileChannel.open(path("/ranged"), Set.of(WRITE, CREATE))) {
            channel.write(ByteBuffer.wrap("end".getBytes()), 5);
            channel.force(true);
            channel.truncate(7);
        }
        assertEquals("\0\0\0\0\0en", Files.readString(root.resolve("ranged")));
    }

    @Test
    void newFilesAndDirectoriesHaveTheGivenPermissions() throws IOException {
        Files.createFile(path("/f"), permissions("rw-r-----"));
        Files.createDirectory(path("/d"), permissions("rwx------"));
        assertEquals("rw-r-----", mode(root.resolve("f")));
        assertEquals("rwx------", mode(root.resolve("d")));
    }

    @Test
    void directoriesAreCreatedAndRemoved() throws IOException {
        Files.createDirectories(path("/x/y/z"));
        assertTrue(Files.isDirectory(root.resolve("x/y/z")));
        assertThrows(FileAlreadyExistsException.class, () -> Files.createDirectory(path("/x")));
        assertThrows(FileAlreadyExistsException.class, () -> Files.createDirectory(path("/dir/file")));
        assertThrows(FileAlreadyExistsException.class, () -> Files.createDirectory(path("/")));
        assertThrows(NoSuchFileException.class, () -> Files.createDirectory(path("/none/x")));
        assertEquals(
                "/x",
                assertThrows(DirectoryNotEmptyException.class, () -> Files.delete(path("/x")))
                        .getFile());
        Files.delete(path("/x/y/z"));
        assertFalse(Files.exists(root.resolve("x/y/z")));
        Files.delete(path("/dir/file"));
        assertThrows(NoSuchFileException.class, () -> Files.delete(path("/dir/file")));
        assertThrows(AccessDeniedException.class, () -> Files.delete(path("/")));
    }

    @Test
    void movesAreRenames() throws IOException {
        Object key = Files.readAttributes(root.resolve("dir/file"), BasicFileAttributes.class)
                .fileKey();
        Files.move(path("/dir/file"), path("/dir/sub/moved"));
        assertEquals(
                key,
                Files.readAttributes(root.resolve("dir/sub/moved"), BasicFileAttributes.class)
                        .fileKey());
        Files.writeString(path("/other"), "other");
        assertEquals(
                "/other",
                assertThrows(FileAlreadyExistsException.class, () -> Files.move(path("/dir/sub/moved"), path("/other")))
                        .getFile());
        assertEquals("other", Files.readString(path("/other")));
        Files.move(path("/dir/sub/moved"), path("/other"), REPLACE_EXISTING);
        assertEquals("content", Files.readString(path("/other")));
        Files.move(path("/dir"), path("/renamed"), ATOMIC_MOVE);
        assertEquals(Set.of("other", "renamed"), names(root));
        assertEquals(
                "/none",
                assertThrows(NoSuchFileException.class, () -> Files.move(path("/none"), path("/x")))
                        .getFile());
        assertThrows(NoSuchFileException.class, () -> Files.move(path("/other"), path("/none/x")));
        assertThrows(FileSystemException.class, () -> Files.move(path("/renamed"), path("/renamed/sub/x")));
        assertThrows(AccessDeniedException.class, () -> Files.move(path("/"), path("/x")));
        Files.createDirectories(path("/full/of"));
        assertThrows(
                DirectoryNotEmptyException.class, () -> Files.move(path("/renamed"), path("/full"), REPLACE_EXISTING));
        Files.move(path("/other"), path("/other"));
    }

    @Test
    void directoryOfTheShareCanBeTheRoot() throws IOException {
        Files.writeString(root.resolve("above"), "above");
        Files.createSymbolicLink(root.resolve("dir/up"), Path.of("../above"));
        Files.createSymbolicLink(root.resolve("dir/in"), Path.of("../dir/file"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("dir"));
        for (String home : List.of("/dir", "/link")) {
            FileSystem view = share.fileSystem(SharePath.of(home), false);
            assertEquals("content", Files.readString(view.getPath("/../file")));
            assertEquals("content", Files.readString(view.getPath("/in")));
            assertThrows(NoSuchFileException.class, () -> Files.readString(view.getPath("/up")));
            assertThrows(NoSuchFileException.class, () -> Files.writeString(view.getPath("/up"), "changed"));
            assertThrows(AccessDeniedException.class, () -> Files.readSymbolicLink(view.getPath("/up")));
            assertTrue(Files.isDirectory(view.getPath("/"), NOFOLLOW_LINKS));
            assertEquals(view.getPath("/file"), view.getPath("/in").toRealPath());
            Files.createSymbolicLink(view.getPath("/sub/abs"), view.getPath("/file"));
            assertEquals(
                    "/file", Files.readSymbolicLink(view.getPath("/sub/abs")).toString());
            assertEquals("content", Files.readString(view.getPath("/sub/abs")));
            Files.delete(view.getPath("/sub/abs"));
        }
        FileSystem none = share.fileSystem(SharePath.of("none"), false);
        assertThrows(NoSuchFileException.class, () -> Files.createDirectory(none.getPath("/x")));
        assertEquals("above", Files.readString(root.resolve("above")));
    }

    @Test
    void linksAreCreatedReadAndRemoved() throws IOException {
        for (String target : List.of("file", "../dir/file", "/dir/file", "/../dir/./file", "none", "/none")) {
            Path link = path("/dir/link");
            Files.createSymbolicLink(link, path(target));
            assertTrue(Files.isSymbolicLink(link));
            String read = Files.readSymbolicLink(link).toString();
            assertEquals(target.startsWith("/..") ? "/dir/file" : target, read);
            if (target.endsWith("none")) {
                assertThrows(NoSuchFileException.class, () -> Files.readString(link));
            } else {
                assertEquals("content", Files.readString(link));
                assertEquals("content", Files.readString(root.resolve("dir/link")));
                assertEquals(path("/dir/file"), link.toRealPath());
                assertTrue(Files.isSameFile(link, path("/dir/file")));
            }
            assertThrows(FileAlreadyExistsException.class, () -> Files.createSymbolicLink(link, path("x")));
            Files.delete(link);
        }
        assertThrows(NotLinkException.class, () -> Files.readSymbolicLink(path("/dir/file")));
    }

    @Test
    void writingThroughALinkChangesItsTarget() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), Path.of("dir/file"));
        Files.createSymbolicLink(root.resolve("way"), Path.of("dir"));
        Files.writeString(path("/link"), "changed");
        Files.writeString(path("/way/new"), "new");
        Files.setPosixFilePermissions(path("/link"), PosixFilePermissions.fromString("r--------"));
        assertTrue(Files.isSymbolicLink(root.resolve("link")));
        assertEquals("changed", Files.readString(root.resolve("dir/file")));
        assertEquals("r--------", mode(root.resolve("dir/file")));
        assertEquals("new", Files.readString(root.resolve("dir/new")));
    }

    @Test
    void linksThatLeadOutAreNotFollowed() throws IOException {
        for (String target : List.of("../outside", outside.toString())) {
            Path made = Files.createSymbolicLink(root.resolve("out"), Path.of(target));
            Path file = Files.createSymbolicLink(root.resolve("out-file"), Path.of(target, "secret"));
            Path link = path("/out");
            assertTrue(Files.isSymbolicLink(link));
            assertTrue(names(path("/")).contains("out"));
            List<Executable> ways = List.of(
                    () -> Files.readString(link.resolve("secret")),
                    () -> Files.writeString(link.resolve("secret"), "changed"),
                    () -> Files.writeString(link.resolve("new"), "new"),
                    () -> Files.writeString(path("/out-file"), "changed"),
                    () -> Files.writeString(path("/out-file"), "changed", WRITE, NOFOLLOW_LINKS),
                    () -> Files.delete(link.resolve("secret")),
                    () -> Files.createDirectory(link.resolve("new")),
                    () -> Files.createSymbolicLink(link.resolve("new"), path("x")),
                    () -> Files.createLink(link.resolve("new"), path("/dir/file")),
                    () -> Files.createLink(path("/new"), link.resolve("secret")),
                    () -> Files.createLink(path("/new"), path("/out-file")),
                    () -> Files.move(link.resolve("secret"), path("/new")),
                    () -> Files.move(path("/dir/file"), link.resolve("new")),
                    () -> Files.copy(path("/out-file"), path("/new")),
                    () -> Files.copy(path("/dir/file"), link.resolve("new")),
                    () -> files.upload(path("/out-file")).close(),
                    () -> files.upload(link.resolve("new")).close(),
                    () -> Files.setLastModifiedTime(path("/out-file"), FileTime.fromMillis(0)),
                    () -> Files.setPosixFilePermissions(link, Set.of()),
                    () -> Files.setAttribute(link, "unix:mode", 0),
                    () -> Files.getFileStore(link),
                    () -> Files.newDirectoryStream(link).close(),
                    () -> Files.readAttributes(link, "unix:*"),
                    () -> link.getFileSystem().provider().checkAccess(link),
                    link::toRealPath);
            for (Executable way : ways) {
                IOException refused = assertThrows(IOException.class, way);
                assertFalse(refused.getMessage().contains(tmp.toString()), refused::getMessage);
            }
            AccessDeniedException untold =
                    assertThrows(AccessDeniedException.class, () -> Files.readSymbolicLink(link));
            assertEquals("/out: it leads outside", untold.getMessage());
            Files.setAttribute(link, "unix:uid", Files.getAttribute(made, "unix:uid", NOFOLLOW_LINKS), NOFOLLOW_LINKS);
            Files.move(link, path("/renamed"));
            Files.delete(path("/renamed"));
            Files.delete(path("/out-file"));
            assertFalse(Files.exists(made, NOFOLLOW_LINKS) || Files.exists(file, NOFOLLOW_LINKS));
        }
        assertThrows(
                AccessDeniedException.class,
                () -> Files.createSymbolicLink(path("/dir/out"), path("../../outside/secret")));
    }

    @Test
    void hardLinksAreTheSameFile() throws IOException {
        Files.createLink(path("/hard"), path("/dir/file"));
        assertTrue(Files.isSameFile(root.resolve("hard"), root.resolve("dir/file")));
        assertTrue(Files.isSameFile(path("/hard"), path("/dir/file")));
        assertEquals(2, Files.getAttribute(path("/hard"), "unix:nlink"));
        assertThrows(FileAlreadyExistsException.class, () -> Files.createLink(path("/hard"), path("/dir/file")));
        assertThrows(FileSystemException.class, () -> Files.createLink(path("/hard2"), path("/dir")));
        assertThrows(NoSuchFileException.class, () -> Files.createLink(path("/hard2"), path("/none")));
    }

    @Test
    void hiddenNamesDoNotExistAndCannotBeCreated() throws IOException {
        Files.writeString(root.resolve("old.bak"), "hidden");
        Files.writeString(root.resolve(".mooring-x"), "hidden");
        for (String hidden : List.of("/old.bak", "/.mooring-x")) {
            assertThrows(NoSuchFileException.class, () -> Files.readString(path(hidden)));
            assertThrows(NoSuchFileException.class, () -> Files.delete(path(hidden)));
            assertThrows(NoSuchFileException.class, () -> Files.move(path(hidden), path("/x")));
            assertThrows(AccessDeniedException.class, () -> Files.writeString(path(hidden), "x"));
            assertThrows(AccessDeniedException.class, () -> Files.createDirectory(path(hidden)));
            assertThrows(AccessDeniedException.class, () -> Files.move(path("/dir"), path(hidden)));
            assertThrows(AccessDeniedException.class, () -> files.upload(path(hidden)));
            assertEquals("hidden", Files.readString(root.resolve(hidden.substring(1))));
        }
        assertEquals(Set.of("dir"), names(path("/")));
        assertEquals(1, share.list(SharePath.ROOT).size());
    }

    @Test
    void readOnlyFileSystemRefusesChanges() throws IOException {
        OwnedShare closed = Shares.open("closed", root.toString(), true, List.of());
        for (FileSystem view :
                List.of(share.fileSystem(SharePath.ROOT, true), closed.fileSystem(SharePath.ROOT, false))) {
            Path file = view.getPath("/dir/file");
            assertTrue(view.isReadOnly());
            assertEquals("content", Files.readString(file));
            assertTrue(Files.isReadable(file));
            assertFalse(Files.isWritable(file));
            List<Executable> changes = List.of(
                    () -> Files.writeString(file, "x"),
                    () -> Files.writeString(view.getPath("/new"), "x"),
                    () -> Files.delete(file),
                    () -> Files.createDirectory(view.getPath("/new")),
                    () -> Files.createSymbolicLink(view.getPath("/new"), file),
                    () -> Files.createLink(view.getPath("/new"), file),
                    () -> Files.move(file, view.getPath("/new")),
                    () -> Files.move(file, path("/new")),
                    () -> Files.createLink(path("/new"), file),
                    () -> Files.copy(file, view.getPath("/new")),
                    () -> ((ShareFileSystem) view).upload(file),
                    () -> Files.setLastModifiedTime(file, FileTime.fromMillis(0)),
                    () -> Files.setPosixFilePermissions(file, Set.of()));
            for (Executable change : changes) {
                assertThrows(AccessDeniedException.class, change);
            }
        }
        assertEquals(Set.of("dir"), names(root));
        closed.close();
    }

    @Test
    void attributesAreThoseOnDisk() throws IOException {
        Path file = path("/dir/file");
        Path real = root.resolve("dir/file");
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        assertEquals(Files.getOwner(real), attributes.owner());
        assertEquals(7, attributes.size());
        Map<String, Object> expected = Files.readAttributes(real, "unix:*");
        Map<String, Object> all = Files.readAttributes(file, "unix:*");
        assertEquals(expected.keySet(), all.keySet());
        for (String name : List.of("mode", "ino", "uid", "gid", "nlink", "owner", "group", "size", "fileKey")) {
            assertEquals(expected.get(name), all.get(name), name);
        }
        assertEquals(Files.readAttributes(real, "size,isDirectory"), Files.readAttributes(file, "size,isDirectory"));
        assertEquals(Set.of("basic", "posix", "owner", "unix"), files.supportedFileAttributeViews());
        assertEquals(
                "posix",
                Files.getFileAttributeView(file, PosixFileAttributeView.class).name());
        assertEquals(
                "owner",
                Files.getFileAttributeView(file, FileOwnerAttributeView.class).name());
        assertEquals(
                "basic",
                Files.getFileAttributeView(file, BasicFileAttributeView.class).name());
        assertEquals(null, Files.getFileAttributeView(file, DosFileAttributeView.class));
        assertThrows(UnsupportedOperationException.class, () -> Files.setAttribute(file, "dos:hidden", true));
    }

    @Test
    void timesPermissionsAndOwnersAreSetAndKept() throws IOException {
        Path file = path("/dir/file");
        FileTime time = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(file, time);
        assertEquals(time, Files.getLastModifiedTime(root.resolve("dir/file")));
        Files.setAttribute(file, "lastAccessTime", FileTime.fromMillis(5000));
        assertEquals(time, Files.getLastModifiedTime(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        assertEquals("rwxr-x--x", mode(root.resolve("dir/file")));
        Files.setAttribute(path("/dir"), "unix:mode", 02755);
        Files.setPosixFilePermissions(path("/dir"), PosixFilePermissions.fromString("rwxrwx---"));
        assertEquals(02770, (Integer) Files.getAttribute(root.resolve("dir"), "unix:mode") & 07777);
        Files.setOwner(
                file, files.getUserPrincipalLookupService().lookupPrincipalByName(System.getProperty("user.name")));
        Files.createSymbolicLink(path("/link"), file);
        assertThrows(
                UnsupportedOperationException.class,
                () -> Files.setAttribute(path("/link"), "lastModifiedTime", time, NOFOLLOW_LINKS));
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may change the owner");
        Files.setAttribute(path("/link"), "unix:gid", 1, NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:uid", 1);
        assertEquals(1, Files.getAttribute(root.resolve("link"), "unix:gid", NOFOLLOW_LINKS));
        assertEquals(1, Files.getAttribute(root.resolve("dir/file"), "unix:uid"));
        assertEquals(0, Files.getAttribute(root.resolve("dir/file"), "unix:gid"));
    }

    @Test
    void copiesAreComplete() throws IOException {
        Files.setLastModifiedTime(root.resolve("dir/file"), FileTime.fromMillis(0));
        Files.setPosixFilePermissions(root.resolve("dir/file"), PosixFilePermissions.fromString("r--r-----"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("dir/file"));
        Files.copy(path("/link"), path("/copy"), COPY_ATTRIBUTES);
        assertEquals("content", Files.readString(root.resolve("copy")));
        assertEquals("r--r-----", mode(root.resolve("copy")));
        assertEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(root.resolve("copy")));
        assertThrows(FileAlreadyExistsException.class, () -> Files.copy(path("/dir/file"), path("/copy")));
        Files.writeString(path("/other"), "other");
        if (!System.getProperty("user.name").equals("root")) {
            assertThrows(
                    AccessDeniedException.class, () -> Files.copy(path("/other"), path("/copy"), REPLACE_EXISTING));
        }
        Files.setPosixFilePermissions(path("/copy"), PosixFilePermissions.fromString("rw-r-----"));
        Files.copy(path("/other"), path("/copy"), REPLACE_EXISTING);
        assertEquals("other", Files.readString(root.resolve("copy")));
        Files.copy(path("/link"), path("/link2"), NOFOLLOW_LINKS);
        assertEquals("dir/file", Files.readSymbolicLink(root.resolve("link2")).toString());
        Files.copy(path("/dir"), path("/dir2"));
        assertEquals(Set.of(), names(root.resolve("dir2")));
        Files.copy(outside.resolve("secret"), path("/brought"));
        assertEquals("secret", Files.readString(path("/brought")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "日本", "\uD83D\uDE00", "\n", "\\", "%2e%2e", "..a", "*?[", "-rf", "~"})
    void anyNameCanBeCreatedListedAndRemoved(String name) throws IOException {
        Path directory = path("/new", name);
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(name), name);
        assertEquals(Set.of(name), names(directory));
        assertEquals(name, Files.readString(root.resolve("new").resolve(name).resolve(name)));
        Files.move(directory.resolve(name), path("/new", "moved"));
        Files.delete(directory);
    }

    @Test
    void deepPathsAreReached() throws IOException {
        Path deep = path("/" + "d/".repeat(200));
        Files.createDirectories(deep);
        Files.writeString(deep.resolve("file"), "deep");
        assertEquals("deep", Files.readString(root.resolve("d/".repeat(200) + "file")));
        assertThrows(FileSystemException.class, () -> Files.createDirectory(path("/" + "n".repeat(256))));
    }

    @Test
    void tenThousandEntriesAreListedWithTheirAttributes() throws IOException {
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(path("/dir/sub/" + i));
        }
        Set<String> seen = new TreeSet<>();
        List<Path> kept = new ArrayList<>();
        try (DirectoryStream<Path> list = Files.newDirectoryStream(path("/dir/sub"))) {
            for (Path each : list) {
                assertEquals(
                        0L, Files.readAttributes(each, "unix:*", NOFOLLOW_LINKS).get("size"));
                seen.add(each.getFileName().toString());
                kept.add(each);
            }
            assertThrows(IllegalStateException.class, list::iterator);
        }
        assertEquals(10_000, seen.size());
        assertTrue(Files.isRegularFile(kept.get(0)), "a listed path outlives its listing");
        try (Stream<Path> some = Files.list(path("/dir/sub"))) {
            assertEquals(10_000, some.count());
        }
        try (DirectoryStream<Path> some = Files.newDirectoryStream(path("/dir/sub"), "99?")) {
            List<Path> found = new ArrayList<>();
            some.forEach(found::add);
            assertEquals(10, found.size());
        }
    }

    @Test
    void pipesAreVisibleButNeitherOpenedNorChanged() throws Exception {
        Process mkfifo = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
        assumeTrue(mkfifo.waitFor() == 0);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            assertTrue(Files.readAttributes(path("/pipe"), BasicFileAttributes.class)
                    .isOther());
            for (Executable way : List.<Executable>of(
                    () -> Files.readString(path("/pipe")),
                    () -> Files.writeString(path("/pipe"), "x"),
                    () -> files.upload(path("/pipe")),
                    () -> Files.createLink(path("/hard"), path("/pipe")),
                    () -> Files.setPosixFilePermissions(path("/pipe"), Set.of()))) {
                assertThrows(FileSystemException.class, way);
            }
            Files.delete(path("/pipe"));
        });
    }

    @Test
    void accessAndSpaceAreReported() throws IOException {
        assertTrue(Files.isReadable(path("/dir")));
        assertTrue(Files.isWritable(path("/dir")));
        assertTrue(Files.isWritable(path("/dir/file")));
        assertFalse(Files.isExecutable(path("/dir/file")));
        assertFalse(Files.exists(path("/none")));
        FileStore store = Files.getFileStore(path("/dir/file"));
        assertEquals(Files.getFileStore(root).getTotalSpace(), store.getTotalSpace());
        assertTrue(store.getUsableSpace() > 0 && store.getUnallocatedSpace() > 0);
        assertEquals("test", store.name());
        assertThrows(NoSuchFileException.class, () -> Files.getFileStore(path("/none")));
    }

    @Test
    void fileIsNotListed() {
        assertEquals(
                "/dir/file",
                assertThrows(NotDirectoryException.class, () -> Files.newDirectoryStream(path("/dir/file")))
                        .getFile());
    }

    @Test
    void closedFileSystemThrowsAndTheShareStaysOpen() throws IOException {
        files.close();
        assertFalse(files.isOpen());
        assertThrows(ClosedFileSystemException.class, () -> Files.readString(path("/dir/file")));
        assertEquals(1, share.list(SharePath.ROOT).size());
    }

    @Test
    void pathsAreNamesSeparatedBySlashes() {
        assertEquals("/a/b", path("//a///b/").toString());
        assertEquals("/b", path("/a/../../b").normalize().toString());
        assertEquals("../b", path("a/../../b").normalize().toString());
        assertEquals("a/b", path("/x/y").relativize(path("/x/y/a/b")).toString());
        assertEquals("../../z", path("/x/y").relativize(path("/z")).toString());
        assertEquals("", path("/x").relativize(path("/x")).toString());
        assertEquals(path("/a"), path("/a/b").getParent());
        assertEquals(path("/"), path("/a").getParent());
        assertEquals(null, path("/").getParent());
        assertEquals(null, path("/").getFileName());
        assertEquals(null, path("a").getParent());
        assertEquals(path("b"), path("/a/b").getFileName());
        assertEquals(path("b/c"), path("/a/b/c").subpath(1, 3));
        assertThrows(IllegalArgumentException.class, () -> path("/a").getName(1));
        assertTrue(path("/a/b").startsWith("/a")
                && path("/a/b").startsWith("/")
                && path("/a/b").endsWith("b"));
        assertFalse(path("/ab").startsWith("/a")
                || path("/a/b").startsWith("a")
                || path("/a/b").endsWith("/b"));
        assertEquals(path("/a"), path("a").toAbsolutePath());
        assertEquals(path("/"), path("").toAbsolutePath());
        assertEquals("share:/a%20b", path("/a b").toUri().toString());
        assertEquals(1, path("").getNameCount());
        assertEquals(0, path("/").getNameCount());
        assertThrows(InvalidPathException.class, () -> path("a\0"));
        assertEquals(path("/a/b"), path("/x").resolveSibling("a").resolve("b"));
    }

    @Test
    void zipFileIsReadOnly() throws IOException {
        Path zip = root.resolve("some.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("dir/file"));
            out.write('x');
        }
        try (OwnedShare zipped = Shares.open("zip", "jar:" + zip.toUri(), false, List.of())) {
            FileSystem view = zipped.fileSystem(SharePath.ROOT, false);
            assertTrue(view.isReadOnly());
            assertEquals("x", Files.readString(view.getPath("/dir/file")));
            assertEquals(Set.of("file"), names(view.getPath("/dir")));
            assertThrows(AccessDeniedException.class, () -> Files.writeString(view.getPath("/dir/file"), "y"));
            assertThrows(AccessDeniedException.class, () -> Files.delete(view.getPath("/dir/file")));
        }
    }

    @Test
    void inMemoryFileSystemIsWritten() throws IOException {
        Configuration plain = Configuration.unix().toBuilder()
                .setSupportedFeatures(Feature.SYMBOLIC_LINKS, Feature.LINKS)
                .build();
        for (Configuration configuration : List.of(Configuration.unix(), plain)) {
            try (FileSystem memory = Jimfs.newFileSystem("written", configuration);
                    OwnedShare share = Shares.open("memory", "jimfs://written/srv", false, List.of())) {
                Files.createDirectories(memory.getPath("/srv"));
                ShareFileSystem view = share.fileSystem(SharePath.ROOT, false);
                Files.createDirectories(view.getPath("/a/b"));
                Files.writeString(view.getPath("/a/b/file"), "one");
                Files.move(view.getPath("/a/b/file"), view.getPath("/a/moved"));
                Files.createSymbolicLink(view.getPath("/a/link"), view.getPath("/a/moved"));
                try (Upload upload = view.upload(view.getPath("/a/link"))) {
                    upload.channel().write(ByteBuffer.wrap("two".getBytes()));
                    upload.commit();
                }
                assertEquals("two", Files.readString(memory.getPath("/srv/a/moved")));
                assertEquals(
                        "/a/moved",
                        Files.readSymbolicLink(view.getPath("/a/link")).toString());
                Files.setLastModifiedTime(view.getPath("/a/moved"), FileTime.fromMillis(0));
                assertEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(memory.getPath("/srv/a/moved")));
                Files.delete(view.getPath("/a/link"));
                assertEquals(Set.of("b", "moved"), names(view.getPath("/a")));
                assertEquals(3L, Files.getAttribute(view.getPath("/a/moved"), "size"));
            }
        }
    }

    private Path path(String first, String... more) {
        return files.getPath(first, more);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static FileAttribute<?> permissions(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }

    private static Set<String> names(Path directory) throws IOException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> list = Files.newDirectoryStream(directory)) {
            list.forEach(each -> names.add(each.getFileName().toString()));
        }
        return names;
    }
}
