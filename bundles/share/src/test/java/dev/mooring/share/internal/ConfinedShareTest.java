package dev.mooring.share.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.common.LogRecorder;
import dev.mooring.share.Entry;
import dev.mooring.share.Entry.Kind;
import dev.mooring.share.OpenFile;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("files")
class ConfinedShareTest {

    @TempDir
    Path tmp;

    Path root;
    Path outside;
    OwnedShare share;

    @BeforeEach
    void makeATree() throws IOException {
        root = Files.createDirectories(tmp.resolve("root"));
        outside = Files.createDirectories(tmp.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createDirectories(root.resolve("dir/sub"));
        Files.writeString(root.resolve("file"), "content");
        Files.writeString(root.resolve("dir/sub/deep"), "deep content");
        Files.writeString(root.resolve(".htpasswd"), "hidden");
        Files.writeString(root.resolve("dir/old.bak"), "hidden");
        Files.createDirectories(root.resolve(".git"));
        Files.writeString(root.resolve(".git/config"), "hidden");
        share = Shares.open("test", root.toString(), true, List.of(".*", "*.bak"));
    }

    @AfterEach
    void close() throws IOException {
        share.close();
    }

    @Test
    void heldShareIsUsableUntilTheLastHoldEnds() throws IOException {
        Closeable one = share.hold();
        Closeable another = share.hold();
        share.close();
        one.close();
        one.close();
        assertEquals(7, share.entry(SharePath.of("/file")).size());
        another.close();
        assertThrows(IOException.class, () -> share.entry(SharePath.of("/file")));
    }

    @Test
    void fileIsFoundAndRead() throws IOException {
        Entry entry = entry("dir/sub/deep");
        assertEquals(Kind.FILE, entry.kind());
        assertEquals(12, entry.size());
        assertEquals("deep", entry.name());
        assertEquals("/dir/sub/deep", entry.path().toString());
        assertEquals(Files.getLastModifiedTime(root.resolve("dir/sub/deep")), entry.modified());
        assertNotNull(entry.key());
        try (OpenFile file = share.open(entry.path())) {
            assertEquals(entry, file.entry());
            assertInstanceOf(FileChannel.class, file.channel());
        }
        assertEquals("deep content", read("dir/sub/deep"));
    }

    @Test
    void rootIsADirectoryWithoutAName() throws IOException {
        Entry entry = entry("/");
        assertEquals(Kind.DIRECTORY, entry.kind());
        assertTrue(entry.isDirectory());
        assertEquals("", entry.name());
        assertEquals(0, entry.size());
        assertMissing(() -> share.open(SharePath.ROOT), "/");
    }

    @Test
    void missingFileIsNamedAsTheClientSeesIt() {
        for (String path : List.of("/none", "/none/none", "/dir/none", "/file/none", "/dir/sub/deep/none")) {
            assertNothingAt(path);
            assertMissing(() -> share.list(SharePath.of(path)), path);
        }
    }

    @Test
    void fileCannotBeListedNorADirectoryOpened() {
        assertEquals(
                "/dir/sub/deep",
                assertThrows(NotDirectoryException.class, () -> share.list(SharePath.of("dir/sub/deep")))
                        .getFile());
        assertMissing(() -> share.open(SharePath.of("dir")), "/dir");
    }

    @Test
    void linksThatStayInsideAreFollowed() throws IOException {
        link("relative", "dir/sub/deep");
        link("absolute", root.resolve("dir/sub/deep").toString());
        link("chain", "second");
        link("second", root.resolve("third").toString());
        link("third", "dir/../relative");
        link("directory", "dir");
        link("dir/up", "..");
        link("out-and-in", "../root/dir/sub");
        for (String path : List.of(
                "relative",
                "absolute",
                "chain",
                "directory/sub/deep",
                "dir/up/dir/up/dir/sub/deep",
                "out-and-in/deep")) {
            assertEquals("deep content", read(path), path);
            assertEquals("/" + path, entry(path).path().toString());
            assertEquals(Kind.FILE, entry(path).kind());
        }
        assertEquals(Set.of("sub", "up"), names("directory"));
        assertEquals(Kind.DIRECTORY, entry("dir/up").kind());
        assertEquals(entry("dir/up").key(), entry("/").key());
        assertTrue(names("/")
                .containsAll(Set.of("relative", "absolute", "chain", "second", "third", "directory", "out-and-in")));
    }

    @Test
    void linksThatLeadOutAreTreatedAsMissing() throws IOException {
        link("relative", "../outside/secret");
        link("absolute", outside.resolve("secret").toString());
        link("chain", "relative");
        link("directory", outside.toString());
        link("parent", "..");
        link("dir/sibling", "../../outside");
        Files.createDirectories(tmp.resolve("root-and-more"));
        link("prefix", "../root-and-more");
        for (String path : List.of(
                "/relative",
                "/absolute",
                "/chain",
                "/directory",
                "/directory/secret",
                "/parent",
                "/parent/outside/secret",
                "/parent/root/file",
                "/dir/sibling",
                "/dir/sibling/secret",
                "/prefix")) {
            assertNothingAt(path);
            assertMissing(() -> share.list(SharePath.of(path)), path);
        }
        assertEquals(Set.of("dir", "file"), names("/"));
        assertEquals(Set.of("sub"), names("dir"));
    }

    @Test
    void loopsAndDanglingLinksAreTreatedAsMissing() throws IOException {
        link("loop", "loop");
        link("ping", "pong");
        link("pong", "ping");
        link("dangling", "none");
        link("dangling-out", "../outside/none");
        for (String path : List.of("/loop", "/ping", "/pong/x", "/dangling", "/dangling-out")) {
            assertNothingAt(path);
        }
        assertEquals(Set.of("dir", "file"), names("/"));
    }

    @Test
    void hiddenNamesAreTreatedAsMissing() throws IOException {
        for (String path : List.of("/.htpasswd", "/.git", "/.git/config", "/dir/old.bak", "/.none")) {
            assertNothingAt(path);
        }
        assertMissing(() -> share.list(SharePath.of(".git")), "/.git");
        assertEquals(Set.of("dir", "file"), names("/"));
        assertEquals(Set.of("sub"), names("dir"));
    }

    @Test
    void linksToHiddenFilesAreHidden() throws IOException {
        link("passwords", ".htpasswd");
        link("git", ".git");
        link("config", "git/config");
        link(".git/visible", "../dir");
        for (String path :
                List.of("/passwords", "/git", "/git/config", "/git/visible", "/git/visible/sub", "/config")) {
            assertNothingAt(path);
        }
        assertEquals(Set.of("dir", "file"), names("/"));
    }

    @Test
    void rootMayHaveAHiddenName() throws IOException {
        Path dotted = Files.move(root, tmp.resolve(".root"));
        try (OwnedShare hidden = Shares.open("test", dotted.toString(), true, List.of(".*"))) {
            assertEquals(Kind.DIRECTORY, hidden.entry(SharePath.ROOT).kind());
            assertEquals(2, hidden.list(SharePath.ROOT).size());
        }
    }

    @Test
    void pipeIsListedButNotOpened() throws Exception {
        Path pipe = root.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        link("link", "pipe");
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (String path : List.of("/pipe", "/link")) {
                assertEquals(Kind.OTHER, entry(path).kind());
                assertMissing(() -> share.open(SharePath.of(path)), path);
                assertThrows(NotDirectoryException.class, () -> share.list(SharePath.of(path)));
                assertMissing(() -> share.entry(SharePath.of(path + "/x")), path + "/x");
            }
            assertEquals(Set.of("dir", "file", "link", "pipe"), names("/"));
        });
    }

    @Test
    void pipeAsRootDoesNotBlock() throws Exception {
        Path pipe = root.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        try (LogRecorder log = new LogRecorder(Share.PID);
                OwnedShare piped = Shares.open("test", pipe.toString(), true, List.of())) {
            assertTimeoutPreemptively(
                    Duration.ofSeconds(60), () -> assertThrows(IOException.class, () -> piped.list(SharePath.ROOT)));
            assertEquals(1, log.lines().size());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                " ",
                "a\nb",
                "#%+?&=;",
                "%2e%2e",
                "..%2f",
                "a\\b",
                "..\\..",
                "~",
                "'\"<>|*:",
                "ü",
                "u\u0308",
                "日本語",
                "\uD83D\uDE00",
                "...",
                "-rf",
                "a,b",
                "\t\u007f",
                "C:",
                "{x}[y]"
            })
    void anyNameIsServed(String name) throws IOException {
        assumeTrue(
                name.chars().allMatch(c -> c < 128) || "UTF-8".equals(System.getProperty("sun.jnu.encoding")),
                "this JVM cannot encode the name; start it with LC_ALL=C.UTF-8");
        share.close();
        share = Shares.open("test", root.toString(), true, List.of());
        Files.createDirectories(root.resolve(name));
        Files.writeString(root.resolve(name).resolve(name), name);
        link("link", name);
        assertTrue(names("/").contains(name));
        assertEquals(Set.of(name), names(name));
        assertEquals(name, read(name + "/" + name));
        assertEquals(name, read("link/" + name));
        assertTrue(share.isCurrent(entry(name + "/" + name)));
    }

    @Test
    void impossibleFileNameDoesNotExist() {
        assertNothingAt("/" + "\uD83D");
        assertThrows(IOException.class, () -> share.entry(SharePath.of("x".repeat(300))));
        assertFalse(share.isCurrent(new Entry(SharePath.of("\uD83D"), Kind.FILE, 0, FileTime.fromMillis(0), "key")));
    }

    @Test
    void nameThatIsNotUtf8IsOmittedAndLoggedOnce() throws Exception {
        String touch = "touch \"$1/$(printf 'caf\\351')\"";
        assertEquals(
                0,
                new ProcessBuilder("sh", "-c", touch, "sh", root.toString())
                        .start()
                        .waitFor());
        try (LogRecorder log = new LogRecorder(Share.PID)) {
            assertEquals(Set.of("dir", "file"), names("/"));
            assertEquals(Set.of("dir", "file"), names("/"));
            assertEquals(1, log.lines().size());
            assertTrue(log.lines().get(0).contains("rename them"), log.lines()::toString);
        }
    }

    @Test
    void unreadableFileIsNotCurrent() throws IOException {
        Path file = Files.writeString(root.resolve("secret.txt"), "secret");
        Entry entry = entry("secret.txt");
        change(entry, file, () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------")));
        assertFalse(share.isCurrent(entry));
    }

    private interface Change {
        void make() throws IOException;
    }

    /** Changes a file again and again until the clock of the file system has advanced since the look-up. */
    private static void change(Entry entry, Path file, Change change) throws IOException {
        do {
            change.make();
        } while (Files.getAttribute(file, "unix:ctime").equals(entry.changed()));
    }

    @Test
    void entryIsCurrentUntilTheFileChanges() throws IOException {
        Path file = root.resolve("file");
        Entry entry = entry("file");
        assertTrue(share.isCurrent(entry));

        FileTime modified = Files.getLastModifiedTime(file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        assertFalse(share.isCurrent(entry), "modified");

        // As tar -x and cp -p do, and clients of FTP and SFTP that set the time.
        change(entry, file, () -> {
            Files.writeString(file, "CONTENT");
            Files.setLastModifiedTime(file, modified);
        });
        assertFalse(share.isCurrent(entry), "content");
        assertNotEquals(entry, entry("file"));
        assertFalse(entry.isSameContent(entry("file")));

        Path other = Files.writeString(root.resolve("other"), "CONTENT");
        Files.setLastModifiedTime(other, modified);
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
        assertFalse(share.isCurrent(entry), "identity");

        Files.delete(file);
        assertFalse(share.isCurrent(entry), "deleted");
        Files.createDirectory(file);
        assertFalse(share.isCurrent(entry), "kind");
    }

    @Test
    void entryReachedByALinkIsCurrentUntilTheLinkChanges() throws IOException {
        link("link", "file");
        Entry entry = entry("link");
        assertTrue(share.isCurrent(entry));
        Files.delete(root.resolve("link"));
        link("link", outside.resolve("secret").toString());
        assertFalse(share.isCurrent(entry));
    }

    @Test
    void directoryIsCurrentUntilNamesAreAddedOrRemoved() throws IOException {
        Files.setLastModifiedTime(root.resolve("dir"), FileTime.fromMillis(0));
        Entry directory = entry("dir");
        assertTrue(share.isCurrent(directory));
        assertTrue(share.isCurrent(entry("/")));
        Files.createFile(root.resolve("dir/new"));
        assertFalse(share.isCurrent(directory));
    }

    @Test
    void entryWithoutAnIdentityIsNeverCurrent() throws IOException {
        Entry entry = entry("file");
        assertFalse(share.isCurrent(new Entry(entry.path(), entry.kind(), entry.size(), entry.modified(), null)));
    }

    @Test
    void openFileKeepsItsContentWhenReplaced() throws IOException {
        try (OpenFile file = share.open(SharePath.of("file"))) {
            Path other = Files.writeString(root.resolve("other"), "something longer");
            Files.move(other, root.resolve("file"), StandardCopyOption.ATOMIC_MOVE);
            assertEquals(
                    "content",
                    new String(Channels.newInputStream(file.channel()).readAllBytes(), UTF_8));
            assertEquals(7, file.entry().size());
            assertFalse(share.isCurrent(file.entry()));
        }
    }

    @Test
    void fileThatIsWrittenToWithoutPauseCanBeOpened() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            try (var out = Files.newOutputStream(root.resolve("log"))) {
                for (int i = 0; i < 20_000_000 && !done.get(); i++) {
                    out.write('x');
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        Files.createFile(root.resolve("log"));
        writer.start();
        try {
            for (int i = 0; i < 2_000; i++) {
                try (OpenFile file = share.open(SharePath.of("log"))) {
                    assertTrue(file.channel().size() >= file.entry().size());
                }
            }
        } finally {
            done.set(true);
            writer.join();
        }
    }

    @Test
    void tenThousandEntriesAreListed() throws IOException {
        Path many = Files.createDirectory(root.resolve("many"));
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(many.resolve("file" + i));
        }
        List<Entry> entries = share.list(SharePath.of("many"));
        assertEquals(10_000, entries.size());
        assertEquals(10_000, names("many").size());
        Entry first = entries.get(0);
        Entry found = share.entry(first.path());
        assertEquals(
                new Entry(found.path(), found.kind(), found.size(), found.modified(), found.key()),
                first,
                "a listing has no time of change");
    }

    @Test
    void unreadableFileIsDeniedWithTheNameThatTheClientKnows() throws IOException {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may read everything");
        Files.setPosixFilePermissions(root.resolve("file"), PosixFilePermissions.fromString("---------"));
        assertEquals(
                "/file",
                assertThrows(AccessDeniedException.class, () -> share.open(SharePath.of("file")))
                        .getFile());
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }

    private Entry entry(String path) throws IOException {
        return share.entry(SharePath.of(path));
    }

    private String read(String path) throws IOException {
        try (OpenFile file = share.open(SharePath.of(path))) {
            return new String(Channels.newInputStream(file.channel()).readAllBytes(), UTF_8);
        }
    }

    private Set<String> names(String path) throws IOException {
        return share.list(SharePath.of(path)).stream().map(Entry::name).collect(toCollection(TreeSet::new));
    }

    private void assertNothingAt(String path) {
        assertMissing(() -> share.entry(SharePath.of(path)), path);
        assertMissing(() -> share.open(SharePath.of(path)), path);
    }

    private static void assertMissing(org.junit.jupiter.api.function.Executable lookUp, String path) {
        NoSuchFileException missing = assertThrows(NoSuchFileException.class, lookUp, path);
        assertEquals(path, missing.getFile());
    }
}
