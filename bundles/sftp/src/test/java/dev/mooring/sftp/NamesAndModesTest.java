package dev.mooring.sftp;

import static org.apache.sshd.sftp.common.SftpConstants.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.common.util.buffer.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Statuses, paths and modes are those of OpenSSH's sftp-server, as compared request by request. */
@Timeout(120)
@Tag("files")
class NamesAndModesTest {

    @TempDir
    Path directory;

    private TestServer server;
    private RawSftp sftp;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(file("d/inner"));
        Files.writeString(file("f"), "content");
        Files.writeString(file("d/inner/deep"), "deep");
        Files.createSymbolicLink(file("link"), Path.of("f"));
        Files.createSymbolicLink(file("dlink"), Path.of("d/inner"));
        server = new TestServer(directory);
        sftp = new RawSftp(server);
    }

    @AfterEach
    void stop() throws IOException {
        sftp.close();
        server.close();
    }

    private Path file(String name) {
        return directory.resolve("files").resolve(name);
    }

    private int named(int type, String name) throws IOException {
        return sftp.status(type, buffer -> RawSftp.name(buffer, name));
    }

    private int withMode(int type, String name, int mode) throws IOException {
        return sftp.status(type, buffer -> {
            RawSftp.name(buffer, name);
            buffer.putInt(SSH_FILEXFER_ATTR_PERMISSIONS);
            buffer.putInt(mode);
        });
    }

    private int extended(String extension, String... names) throws IOException {
        return sftp.status(SSH_FXP_EXTENDED, buffer -> {
            buffer.putString(extension);
            for (String name : names) {
                RawSftp.name(buffer, name);
            }
        });
    }

    private int both(int type, String first, String second) throws IOException {
        return sftp.status(type, buffer -> {
            RawSftp.name(buffer, first);
            RawSftp.name(buffer, second);
        });
    }

    private long[] stat(String name) throws IOException {
        return sftp.stat(SSH_FXP_STAT, name.getBytes(StandardCharsets.UTF_8));
    }

    private void assertMissing(int status, String what) {
        assertEquals(SSH_FX_NO_SUCH_FILE, status, what);
    }

    @Test
    void missingFilesAndNonDirectoriesAreNoSuchFile() throws Exception {
        for (String name : List.of("missing", "no/where", "f/x")) {
            for (int type : new int[] {
                SSH_FXP_RMDIR, SSH_FXP_OPENDIR, SSH_FXP_REMOVE, SSH_FXP_STAT, SSH_FXP_LSTAT, SSH_FXP_READLINK
            }) {
                assertMissing(named(type, name), name + " by " + type);
            }
            assertMissing(withMode(SSH_FXP_SETSTAT, name, 0600), name);
            assertMissing(both(SSH_FXP_RENAME, name, "new"), name);
            assertMissing(extended("statvfs@openssh.com", name), name);
            assertMissing(extended("hardlink@openssh.com", name, "new"), name);
        }
        assertMissing(named(SSH_FXP_RMDIR, "f"), "f is not a directory");
        assertMissing(named(SSH_FXP_RMDIR, "dlink"), "a link is not a directory");
        assertMissing(named(SSH_FXP_OPENDIR, "f"), "f is not a directory");
        assertMissing(extended("posix-rename@openssh.com", "d", "f"), "the target is a file");
        assertEquals(SSH_FX_FAILURE, named(SSH_FXP_REMOVE, "d"), "it exists, but is a directory");
        assertEquals(SSH_FX_FAILURE, named(SSH_FXP_RMDIR, "d"), "it is not empty");
        assertEquals(SSH_FX_FAILURE, named(SSH_FXP_READLINK, "f"), "it exists, but is not a link");
        assertEquals(SSH_FX_FAILURE, sftp.close("none".getBytes(StandardCharsets.US_ASCII)), "unknown handle");
        assertEquals("content", Files.readString(file("f")));
    }

    @Test
    void slashAtTheEndMeansADirectory() throws Exception {
        for (String name : List.of("f/", "f/.", "link/", "missing/")) {
            for (int type : new int[] {
                SSH_FXP_STAT, SSH_FXP_LSTAT, SSH_FXP_OPENDIR, SSH_FXP_RMDIR, SSH_FXP_REMOVE, SSH_FXP_READLINK
            }) {
                assertMissing(named(type, name), name + " by " + type);
            }
            assertMissing(both(SSH_FXP_RENAME, name, "new"), name);
            assertMissing(withMode(SSH_FXP_SETSTAT, name, 0600), name);
            assertThrows(IOException.class, () -> sftp.open(name, SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC));
        }
        assertMissing(both(SSH_FXP_RENAME, "f", "new/"), "a file does not become a directory");
        assertMissing(extended("hardlink@openssh.com", "f", "new/"), "nor does a link");
        assertMissing(both(SSH_FXP_SYMLINK, "f", "new/"), "nor does a link");
        assertMissing(named(SSH_FXP_RMDIR, "dlink/"), "a link is not removed as a directory");
        assertMissing(both(SSH_FXP_RENAME, "dlink/", "new"), "a link is not renamed as a directory");
        assertEquals("content", Files.readString(file("f")));
        assertFalse(Files.exists(file("new")));

        assertEquals(SSH_FX_OK, withMode(SSH_FXP_MKDIR, "new//", 0755));
        assertEquals(SSH_FX_OK, both(SSH_FXP_RENAME, "new/", "newer/"));
        assertTrue(Files.isDirectory(file("newer")));
        assertEquals(SSH_FX_OK, named(SSH_FXP_RMDIR, "newer/"));
        stat("d/");
        stat("dlink/");
        stat("/");
    }

    @Test
    void twoDotsAfterALinkAreTheParentOfItsTarget() throws Exception {
        assertEquals(7, stat("d/../f")[0]);
        assertEquals(7, stat("dlink/../../f")[0]);
        assertEquals(7, stat("../../f")[0], "above the root is the root");
        assertEquals(4, stat("d/./inner/../inner/deep")[0]);
        for (String name : List.of("missing/../f", "f/../f", "f/..", "dlink/../f")) {
            assertMissing(named(SSH_FXP_STAT, name), name);
            assertMissing(named(SSH_FXP_REMOVE, name), name);
        }
        assertEquals("content", Files.readString(file("f")));
    }

    private String real(String name) throws IOException {
        Buffer reply = sftp.ask(SSH_FXP_NAME, SSH_FXP_REALPATH, buffer -> RawSftp.name(buffer, name));
        assertEquals(1, reply.getInt());
        return reply.getString();
    }

    @Test
    void realPathHasNoLinksAndItsLastNameNeedNotExist() throws Exception {
        assertEquals("/", real("."));
        assertEquals("/", real(""));
        assertEquals("/", real(".."));
        assertEquals("/d/inner", real("dlink"));
        assertEquals("/d", real("dlink/.."));
        assertEquals("/f", real("link"));
        assertEquals("/d/inner/new", real("dlink/new"));
        assertEquals("/d/inner/new", real("dlink/new/"));
        assertEquals("/f", real("f/"));
        Files.createDirectory(file("name with a blank "));
        assertEquals("/name with a blank ", real("name with a blank "));
        assertMissing(named(SSH_FXP_REALPATH, "no/where"), "its directory does not exist");
    }

    // Commands

    private String run(String command) throws Exception {
        try (var session = server.login("ada", "secret");
                var channel = session.createExecChannel(command)) {
            channel.open().verify(Duration.ofSeconds(20));
            channel.getInvertedIn().close();
            return new String(channel.getInvertedOut().readAllBytes(), StandardCharsets.UTF_8)
                    + new String(channel.getInvertedErr().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void commandsResolvePathsAsRequestsDo() throws Exception {
        assertTrue(run("scp -t new/").contains("No such file or directory"));
        assertTrue(run("scp -t f/").contains("Not a directory"));
        assertTrue(run("md5sum f/../f").contains("f/../f: "));
        assertEquals("\0", run("scp -r -t new/"), "a directory to create");
        assertTrue(run("md5sum dlink/../inner/deep").startsWith("6627415e"));
        assertTrue(run("md5sum f/").contains("f/: "));
        assertTrue(run("md5sum -- -b").contains("-b: No such file"));
    }

    // Opening for reading

    private static final int READ_OR_CREATE = SSH_FXF_READ | SSH_FXF_CREAT;

    @Test
    void openingForReadingCreatesAFileIfTheClientAsksForIt() throws Exception {
        byte[] handle = sftp.open("lock", READ_OR_CREATE);
        assertEquals(0, Files.size(file("lock")));
        assertEquals(SSH_FX_PERMISSION_DENIED, sftp.write(handle, 0, "not opened for writing"));
        assertEquals(SSH_FX_OK, sftp.close(handle));
        sftp.close(sftp.open("f", READ_OR_CREATE));
        assertEquals("content", Files.readString(file("f")));
        sftp.close(sftp.open("new", READ_OR_CREATE | SSH_FXF_EXCL));
        IOException there = assertThrows(IOException.class, () -> sftp.open("f", READ_OR_CREATE | SSH_FXF_EXCL));
        assertTrue(there.getMessage().contains("status 4"), there.getMessage());
    }

    @Test
    void readOnlyAccountReadsFilesAndCreatesNone() throws Exception {
        SftpSettings settings = SftpSettings.defaults(directory.resolve("keys"));
        try (TestServer readOnly = new TestServer(directory, new FakeAccounts(), settings, true);
                RawSftp reader = new RawSftp(readOnly)) {
            reader.close(reader.open("f", READ_OR_CREATE));
            for (int flags : new int[] {READ_OR_CREATE, READ_OR_CREATE | SSH_FXF_EXCL}) {
                IOException refused = assertThrows(IOException.class, () -> reader.open("lock", flags));
                assertTrue(refused.getMessage().contains("status 3"), refused.getMessage());
            }
            assertFalse(Files.exists(file("lock")));
        }
    }

    // Modes

    @Test
    void allBitsOfAModeAreSetAndReported() throws Exception {
        for (int mode : new int[] {02775, 01777, 04711, 0755}) {
            for (String name : List.of("d", "f")) {
                assertEquals(SSH_FX_OK, withMode(SSH_FXP_SETSTAT, name, mode));
                assertEquals(mode, stat(name)[1], name);
                assertEquals(mode, onDisk(name), name);
            }
        }
        withMode(SSH_FXP_SETSTAT, "d", 02755);
        byte[] root = sftp.ask(SSH_FXP_HANDLE, SSH_FXP_OPENDIR, buffer -> buffer.putString("/"))
                .getBytes();
        Buffer names = sftp.ask(SSH_FXP_NAME, SSH_FXP_READDIR, buffer -> buffer.putBytes(root));
        String all = new String(names.array(), 0, names.wpos(), StandardCharsets.ISO_8859_1);
        assertTrue(all.contains("drwxr-sr-x") && all.contains("lrwxrwxrwx"), all);
    }

    private int onDisk(String name) throws IOException {
        return (Integer) Files.getAttribute(file(name), "unix:mode") & 07777;
    }

    @Test
    void newFilesAndDirectoriesHaveTheRequestedMode() throws Exception {
        for (boolean excl : new boolean[] {false, true}) {
            for (int how : new int[] {SSH_FXF_TRUNC, 0}) {
                String name = "new" + excl + how;
                byte[] handle = sftp.ask(SSH_FXP_HANDLE, SSH_FXP_OPEN, buffer -> {
                            RawSftp.name(buffer, name);
                            buffer.putInt(SSH_FXF_WRITE | SSH_FXF_CREAT | how | (excl ? SSH_FXF_EXCL : 0));
                            buffer.putInt(SSH_FILEXFER_ATTR_PERMISSIONS);
                            buffer.putInt(04700);
                        })
                        .getBytes();
                assertEquals(SSH_FX_OK, sftp.close(handle));
                assertEquals(04700, onDisk(name), name);
            }
        }
        assertEquals(SSH_FX_OK, withMode(SSH_FXP_MKDIR, "shared", 01700));
        assertEquals(01700, onDisk("shared"));
    }

    @Test
    void pipeIsReportedAsAPipe() throws Exception {
        Process made = new ProcessBuilder("mkfifo", "-m", "640", file("pipe").toString()).start();
        assertEquals(0, made.waitFor());
        Buffer attributes = sftp.ask(SSH_FXP_ATTRS, SSH_FXP_STAT, buffer -> RawSftp.name(buffer, "pipe"));
        assertEquals(0xF, attributes.getInt());
        attributes.getLong();
        attributes.getLong();
        assertEquals(S_IFIFO | 0640, attributes.getInt());
    }

    // statvfs

    @Test
    void fileSystemIsMeasuredInItsOwnBlocks() throws Exception {
        FileStore store = Files.getFileStore(file("f"));
        Buffer reply = sftp.ask(SSH_FXP_EXTENDED_REPLY, SSH_FXP_EXTENDED, buffer -> {
            buffer.putString("statvfs@openssh.com");
            buffer.putString("f");
        });
        assertEquals(store.getBlockSize(), reply.getLong());
        assertEquals(store.getBlockSize(), reply.getLong());
        assertEquals(store.getTotalSpace() / store.getBlockSize(), reply.getLong());
    }
}
