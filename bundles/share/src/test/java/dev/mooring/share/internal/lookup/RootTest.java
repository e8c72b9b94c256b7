package dev.mooring.share.internal.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.mooring.common.LogRecorder;
import dev.mooring.share.Entry;
import dev.mooring.share.Entry.Kind;
import dev.mooring.share.OpenFile;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class RootTest {

    @TempDir
    Path tmp;

    @Test
    void zipFileIsServed() throws IOException {
        Path zip = zip("dir/", "", "dir/file", "zipped", "ü ß/\uD83D\uDE00", "emoji");
        try (OwnedShare share = Shares.open("zip", "jar:" + zip.toUri(), true, List.of())) {
            assertEquals(Kind.DIRECTORY, share.entry(SharePath.ROOT).kind());
            assertEquals(List.of("dir", "ü ß"), names(share, "/"));
            assertEquals(List.of("file"), names(share, "dir"));
            assertEquals("zipped", read(share, "dir/file"));
            assertEquals("emoji", read(share, "ü ß/\uD83D\uDE00"));
            assertThrows(NoSuchFileException.class, () -> share.entry(SharePath.of("dir/none")));
            assertThrows(NoSuchFileException.class, () -> share.open(SharePath.of("dir")));
            Entry entry = share.entry(SharePath.of("dir/file"));
            assertNull(entry.key());
            assertFalse(share.isCurrent(entry));
        }
    }

    @Test
    void directoryInAZipFileIsServedWithoutItsParents() throws IOException {
        Path zip = zip("top", "", "a b/file", "zipped", "a b/.hidden", "");
        try (OwnedShare share = Shares.open("zip", "jar:" + zip.toUri() + "!/a%20b", true, List.of(".*"))) {
            assertEquals("zipped", read(share, "file"));
            assertEquals(List.of("file"), names(share, "/"));
            assertThrows(NoSuchFileException.class, () -> share.entry(SharePath.of(".hidden")));
            assertThrows(NoSuchFileException.class, () -> share.entry(SharePath.of("top")));
        }
    }

    @Test
    void sharesOfOneZipFileDoNotCloseItForEachOther() throws IOException {
        String root = "jar:" + zip("file", "zipped").toUri();
        try (OwnedShare first = Shares.open("first", root, true, List.of())) {
            assertEquals("zipped", read(first, "file"));
            try (OwnedShare second = Shares.open("second", root, true, List.of())) {
                assertEquals("zipped", read(second, "file"));
            }
            assertEquals("zipped", read(first, "file"));
        }
    }

    @Test
    void inMemoryFileSystemIsServedAndStaysOpen() throws IOException {
        Configuration unix =
                Configuration.unix().toBuilder().setAttributeViews("unix").build();
        try (FileSystem memory = Jimfs.newFileSystem("memory", unix)) {
            Files.createDirectories(memory.getPath("/srv/dir"));
            Files.writeString(memory.getPath("/srv/dir/file"), "in memory");
            Files.writeString(memory.getPath("/secret"), "secret");
            Files.createSymbolicLink(memory.getPath("/srv/in"), memory.getPath("dir/file"));
            Files.createSymbolicLink(memory.getPath("/srv/out"), memory.getPath("/secret"));
            try (OwnedShare share = Shares.open("memory", "jimfs://memory/srv", true, List.of())) {
                assertEquals(List.of("dir", "in"), names(share, "/"));
                assertEquals("in memory", read(share, "in"));
                assertThrows(NoSuchFileException.class, () -> share.open(SharePath.of("out")));
                Entry entry = share.entry(SharePath.of("dir/file"));
                assertTrue(share.isCurrent(entry));
                Files.writeString(memory.getPath("/srv/dir/file"), "longer than before");
                assertFalse(share.isCurrent(entry));
            }
            assertTrue(memory.isOpen());
            try (OwnedShare share = Shares.open("memory", "jimfs://memory", true, List.of())) {
                assertEquals("secret", read(share, "secret"));
            }
        }
    }

    @Test
    void linksAreConfinedWithoutSecureDirectoryStreams() throws IOException {
        Configuration plain = Configuration.unix().toBuilder()
                .setSupportedFeatures(com.google.common.jimfs.Feature.SYMBOLIC_LINKS)
                .build();
        try (FileSystem memory = Jimfs.newFileSystem("plain", plain)) {
            Files.createDirectories(memory.getPath("/srv/dir"));
            Files.writeString(memory.getPath("/srv/dir/file"), "in memory");
            Files.writeString(memory.getPath("/secret"), "secret");
            Files.createSymbolicLink(memory.getPath("/srv/in"), memory.getPath("/srv/dir"));
            Files.createSymbolicLink(memory.getPath("/srv/out"), memory.getPath("/"));
            try (OwnedShare share = Shares.open("plain", "jimfs://plain/srv", true, List.of())) {
                assertEquals(List.of("dir", "in"), names(share, "/"));
                assertEquals("in memory", read(share, "in/file"));
                assertThrows(NoSuchFileException.class, () -> share.open(SharePath.of("out/secret")));
            }
        }
    }

    @Test
    void nameThatIsAPathOnAnotherFileSystemDoesNotLeadOut() throws IOException {
        try (FileSystem windows = Jimfs.newFileSystem("windows", Configuration.windows())) {
            Files.createDirectories(windows.getPath("C:\\srv\\dir"));
            Files.writeString(windows.getPath("C:\\secret"), "secret");
            Files.writeString(windows.getPath("C:\\srv\\dir\\file"), "file");
            try (OwnedShare share = Shares.open("windows", "jimfs://windows/C:/srv", true, List.of())) {
                assertEquals("file", read(share, "dir/file"));
                for (String path :
                        List.of("..\\secret", "dir\\file", "C:\\secret", "\\secret", "C:", "dir/..\\..\\secret")) {
                    assertThrows(NoSuchFileException.class, () -> share.open(SharePath.of(path)), path);
                }
            }
        }
    }

    @Test
    void closedFileSystemIsAnErrorUntilItIsReopened() throws IOException {
        try (LogRecorder log = new LogRecorder(Share.PID);
                OwnedShare share = Shares.open("memory", "jimfs://reopened/srv", true, List.of())) {
            for (int i = 0; i < 2; i++) {
                assertThrows(IOException.class, () -> share.entry(SharePath.ROOT));
                try (FileSystem memory = Jimfs.newFileSystem("reopened", Configuration.unix())) {
                    Files.createDirectories(memory.getPath("/srv"));
                    assertEquals(List.of(), share.list(SharePath.ROOT));
                }
            }
            assertEquals(4, log.lines().size(), log.lines()::toString);
        }
    }

    @Test
    void missingRootIsLoggedOnceAndServedWhenItExists() throws IOException {
        Path root = tmp.resolve("later");
        try (LogRecorder log = new LogRecorder(Share.PID);
                OwnedShare share = Shares.open("late", root.toString(), true, List.of())) {
            String message = "Share 'late': root '" + root + "' does not exist; create or mount it,"
                    + " or correct 'root' in the configuration of the share";
            for (SharePath path : List.of(SharePath.ROOT, SharePath.of("file"))) {
                IOException missing = assertThrows(IOException.class, () -> share.entry(path));
                assertEquals(IOException.class, missing.getClass(), "not as if only the file were missing");
                assertEquals(message, missing.getMessage());
            }
            assertEquals(List.of("SEVERE " + message), log.lines());

            Files.createDirectory(root);
            Files.writeString(root.resolve("file"), "at last");
            assertEquals("at last", read(share, "file"));
            assertEquals(
                    "INFO Share 'late': root " + root + " can be read now",
                    log.lines().get(1));
        }
    }

    @Test
    void rootThatIsAFileIsReportedWithTheRemedy() throws IOException {
        Path zip = zip("file", "zipped");
        assertTrouble(zip.toString(), "is not a directory", "jar:" + zip.toUri());
        assertTrouble(
                "jar:" + Files.writeString(tmp.resolve("no.zip"), "no zip").toUri(), "cannot be read");
        assertTrouble("jar:" + tmp.resolve("none.zip").toUri(), "does not exist");
        assertTrouble("jar:" + zip.toUri() + "!/none", "does not exist");
        assertTrouble("jar:" + zip.toUri() + "!/file", "is not a directory; serve the directory that it is in, or");
    }

    @Test
    void unreadableRootIsReportedWithTheRemedy() throws IOException {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may read everything");
        Path root = Files.createDirectory(
                tmp.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
        assertTrouble(root.toString(), "cannot be read by user", "let this user read");
    }

    @Test
    void rootThatIsALinkIsFollowedWhenItChanges() throws IOException {
        Path link = tmp.resolve("current");
        Entry entry = null;
        try (OwnedShare share = Shares.open("link", link.toString(), true, List.of())) {
            for (String release : List.of("one", "two")) {
                Path root = Files.createDirectory(tmp.resolve(release));
                Files.writeString(root.resolve("file"), release);
                Files.createSymbolicLink(root.resolve("link"), root.resolve("file"));
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, root);
                assertTrue(entry == null || !share.isCurrent(entry));
                assertEquals(release, read(share, "file"));
                assertEquals(release, read(share, "link"));
                entry = share.entry(SharePath.of("file"));
                assertTrue(share.isCurrent(entry));
            }
        }
    }

    @Test
    void uriOfADirectoryIsServed() throws IOException {
        Path root = Files.createDirectory(tmp.resolve("a b"));
        Files.writeString(root.resolve("file"), "content");
        try (OwnedShare share = Shares.open("uri", root.toUri().toString(), true, List.of())) {
            assertEquals("content", read(share, "file"));
        }
    }

    @Test
    void closedShareThrows() throws IOException {
        Files.writeString(tmp.resolve("file"), "content");
        OwnedShare share = Shares.open("closed", tmp.toString(), true, List.of());
        Entry entry = share.entry(SharePath.of("file"));
        share.close();
        share.close();
        assertFalse(share.isCurrent(entry));
        try (LogRecorder log = new LogRecorder(Share.PID)) {
            IOException closed = assertThrows(IOException.class, () -> share.open(SharePath.of("file")));
            assertEquals("Share 'closed' of root " + tmp + " is closed", closed.getMessage());
            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void invalidRootIsRefusedWithTheRemedy() {
        Map<String, String> refusals = Map.of(
                " ", "root is empty; write the path",
                "s3://bucket", "no file system provider is installed; put one on the class path of java, or use file",
                "file:///a b", "write a space as %20",
                "nul\0", "is not a path");
        refusals.forEach((root, message) -> {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> Shares.open("bad", root, true, List.of()));
            assertTrue(refused.getMessage().startsWith("Share 'bad': "), refused::getMessage);
            assertTrue(refused.getMessage().contains(message), refused::getMessage);
        });
    }

    @Test
    void malformedGlobIsRefused() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Shares.open("bad", "/", true, List.of("[")));
        assertTrue(refused.getMessage().startsWith("Share 'bad': hidden glob '[' is malformed"), refused::getMessage);
    }

    private void assertTrouble(String root, String... parts) throws IOException {
        try (LogRecorder log = new LogRecorder(Share.PID);
                OwnedShare share = Shares.open("bad", root, true, List.of())) {
            String message = assertThrows(IOException.class, () -> share.entry(SharePath.ROOT))
                    .getMessage();
            assertEquals(List.of("SEVERE " + message), log.lines());
            assertTrue(message.startsWith("Share 'bad': root '" + root + "'"), message);
            for (String part : parts) {
                assertTrue(message.contains(part), message);
            }
        }
    }

    private Path zip(String... namesAndContents) throws IOException {
        Path zip = tmp.resolve("some archive.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                out.putNextEntry(new ZipEntry(namesAndContents[i]));
                out.write(namesAndContents[i + 1].getBytes(UTF_8));
            }
        }
        return zip;
    }

    private static List<String> names(Share share, String path) throws IOException {
        return share.list(SharePath.of(path)).stream().map(Entry::name).sorted().toList();
    }

    private static String read(Share share, String path) throws IOException {
        try (OpenFile file = share.open(SharePath.of(path))) {
            byte[] content = Channels.newInputStream(file.channel()).readAllBytes();
            assertEquals(content.length, file.entry().size());
            return new String(content, UTF_8);
        }
    }
}
