package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.client.RawSftpClient;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.apache.sshd.sftp.common.SftpHelper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others see an upload when it is complete, or not at all. */
@Tag("files")
class WholeUploadsTest {

    private static final byte[] NEW = "brand new".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    private Path file(String name) {
        return directory.resolve("files").resolve(name);
    }

    private Set<String> onDisk() throws IOException {
        return DirectoryContents.names(directory.resolve("files"));
    }

    private void awaitOnDisk(String... names) throws IOException, InterruptedException {
        DirectoryContents.await(directory.resolve("files"), names);
    }

    private TestServer server() throws IOException {
        Files.createDirectories(directory.resolve("files"));
        Files.writeString(file("x"), "old");
        return new TestServer(directory);
    }

    private static CloseableHandle put(SftpClient sftp, String path) throws IOException {
        CloseableHandle handle = sftp.open(path, OpenMode.Write, OpenMode.Create, OpenMode.Truncate);
        sftp.write(handle, 0, NEW);
        return handle;
    }

    private static List<String> listed(SftpClient sftp) throws IOException {
        return StreamSupport.stream(sftp.readDir("/").spliterator(), false)
                .map(SftpClient.DirEntry::getFilename)
                .filter(name -> !name.startsWith(".") || name.startsWith(".m"))
                .sorted()
                .toList();
    }

    @Test
    void othersSeeTheOldFileUntilTheNewOneIsClosed() throws Exception {
        try (TestServer server = server();
                SftpClient sftp = server.sftp();
                SftpClient other = server.sftp()) {
            CloseableHandle x = put(sftp, "/x");
            CloseableHandle y = put(sftp, "/y");
            assertEquals("old", Files.readString(file("x")));
            assertEquals(List.of("x"), listed(other));
            assertEquals(3, other.stat("/x").getSize());
            assertThrows(SftpException.class, () -> other.stat("/y"));
            x.close();
            y.close();
            assertEquals(9, other.stat("/x").getSize());
            assertEquals("brand new", Files.readString(file("x")));
            assertEquals(Set.of("x", "y"), onDisk());
        }
    }

    @Test
    void uploadingClientSeesWhatItHasWritten() throws Exception {
        try (TestServer server = server();
                SftpClient sftp = server.sftp()) {
            CloseableHandle handle = put(sftp, "/x");
            assertEquals(9, sftp.stat(handle).getSize());
            assertEquals(9, sftp.stat("/x").getSize());
            assertEquals(9, sftp.lstat("x").getSize());
            try (InputStream in = sftp.read("/x")) {
                assertEquals("brand new", new String(in.readAllBytes(), StandardCharsets.US_ASCII));
            }
            sftp.setStat("/../x", new SftpClient.Attributes().perms(0604));
            sftp.setStat(
                    handle, new SftpClient.Attributes().modifyTime(1_000_000).size(5));
            assertEquals("old", Files.readString(file("x")));
            handle.close();
            assertEquals("brand", Files.readString(file("x")));
            assertEquals("rw----r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("x"))));
            assertEquals(1_000_000, Files.getLastModifiedTime(file("x")).to(TimeUnit.SECONDS));
        }
    }

    @Test
    void modeIsThatOfTheOldFileOrForANewFileTheRequestedOne() throws Exception {
        SftpClient.Attributes asked =
                new SftpClient.Attributes().perms(0600).accessTime(1_000_000).modifyTime(1_000_000);
        int write = SftpConstants.SSH_FXF_WRITE | SftpConstants.SSH_FXF_CREAT;
        try (TestServer server = server();
                SftpClient sftp = SftpClientFactory.instance()
                        .createSftpClient(server.login("ada", "secret"), (s, initial, current, all) -> 3)) {
            Files.setPosixFilePermissions(file("x"), PosixFilePermissions.fromString("rw-r-----"));
            for (String name : List.of("x", "y")) {
                write(sftp, "/" + name, asked, write | SftpConstants.SSH_FXF_TRUNC);
            }
            write(sftp, "/z", asked, write);
        }
        awaitOnDisk("x", "y", "z");
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("x"))));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("y"))));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("z"))));
    }

    /** Opens a file with attributes, as OpenSSH's client does, and closes it. */
    private static void write(SftpClient sftp, String path, SftpClient.Attributes attributes, int flags)
            throws IOException {
        RawSftpClient raw = (RawSftpClient) sftp;
        Buffer open = new ByteArrayBuffer();
        open.putString(path);
        open.putInt(flags);
        Buffer reply = raw.receive(
                raw.send(SftpConstants.SSH_FXP_OPEN, SftpHelper.writeAttributes(open, attributes, 3)),
                Duration.ofSeconds(20));
        reply.getInt();
        assertEquals(SftpConstants.SSH_FXP_HANDLE, reply.getUByte());
        reply.getInt();
        Buffer close = new ByteArrayBuffer();
        close.putBytes(reply.getBytes());
        raw.receive(raw.send(SftpConstants.SSH_FXP_CLOSE, close), Duration.ofSeconds(20));
    }

    @Test
    void interruptedUploadsLeaveTheOldFileAndNothingElse() throws Exception {
        try (TestServer server = server()) {
            SftpClient sftp = server.sftp();
            put(sftp, "/x");
            put(sftp, "/y");
            sftp.open("/lock", OpenMode.Write, OpenMode.Create, OpenMode.Exclusive);
            assertEquals(5, onDisk().size(), () -> "x, an empty lock, and three uploads");
            // Without a message to the server.
            ((org.apache.sshd.common.io.nio2.Nio2Session) sftp.getSession().getIoSession())
                    .getSocket()
                    .close();
            awaitOnDisk("x");
            assertEquals("old", Files.readString(file("x")));
        }
    }

    @Test
    void stoppedServerLeavesTheOldFileAndNothingElse() throws Exception {
        try (TestServer server = server()) {
            put(server.sftp(), "/x");
            server.server().close();
            awaitOnDisk("x");
            assertEquals("old", Files.readString(file("x")));
        }
    }

    @Test
    void onlyOneClientCreatesAFileExclusively() throws Exception {
        try (TestServer server = server();
                SftpClient sftp = server.sftp();
                SftpClient other = server.sftp()) {
            CloseableHandle handle = sftp.open("/lock", OpenMode.Write, OpenMode.Create, OpenMode.Exclusive);
            for (String name : List.of("/lock", "/x")) {
                assertThrows(
                        SftpException.class,
                        () -> other.open(name, OpenMode.Write, OpenMode.Create, OpenMode.Exclusive));
            }
            sftp.write(handle, 0, NEW);
            assertEquals(0, Files.size(file("lock")));
            handle.close();
            assertEquals("brand new", Files.readString(file("lock")));
            assertEquals(Set.of("lock", "x"), onDisk());
        }
    }

    @Test
    void resumingAndAppendingWriteInPlace() throws Exception {
        try (TestServer server = server();
                SftpClient sftp = server.sftp()) {
            try (CloseableHandle handle = sftp.open("/x", OpenMode.Write, OpenMode.Create)) {
                sftp.write(handle, 3, NEW);
                assertEquals("oldbrand new", Files.readString(file("x")));
            }
            try (CloseableHandle handle = sftp.open("/x", OpenMode.Write, OpenMode.Append)) {
                sftp.write(handle, 0, NEW);
                assertEquals("oldbrand newbrand new", Files.readString(file("x")));
            }
        }
    }

    @Test
    void uploadsAreRenamedAndRemovedBeforeTheyAreClosed() throws Exception {
        try (TestServer server = server();
                SftpClient sftp = server.sftp()) {
            CloseableHandle moved = put(sftp, "/part");
            sftp.rename("/part", "/whole");
            sftp.write(moved, 9, NEW);
            CloseableHandle removed = put(sftp, "/x");
            sftp.remove("/x");
            CloseableHandle first = put(sftp, "/twice");
            CloseableHandle second = put(sftp, "/twice");
            sftp.write(second, 9, NEW);
            for (CloseableHandle each : List.of(moved, removed, second, first)) {
                each.close();
            }
            assertEquals(Set.of("whole", "twice"), onDisk());
            assertEquals("brand newbrand new", Files.readString(file("whole")));
            assertEquals("brand newbrand new", Files.readString(file("twice")));
        }
    }

    @Test
    void uploadInPlaceIsVisibleAndStaysWhenInterrupted() throws Exception {
        SftpSettings inPlace =
                new TestSettings(directory.resolve("keys")).uploadsInPlace(true).get();
        try (TestServer server = new TestServer(directory, new FakeAccounts(), inPlace, false)) {
            SftpClient sftp = server.sftp();
            put(sftp, "/x");
            assertEquals("brand new", Files.readString(file("x")));
            sftp.getSession().close(true);
            scp(server, "scp -t /y", "C0644 10 y\n", "half");
            awaitOnDisk("x", "y");
        }
    }

    @Test
    void everyVersionUploadsWholeFiles() throws Exception {
        try (TestServer server = server()) {
            for (int version = 3; version <= 6; version++) {
                int wanted = version;
                try (ClientSession session = server.login("ada", "secret");
                        SftpClient sftp = SftpClientFactory.instance()
                                .createSftpClient(session, (s, initial, current, all) -> wanted)) {
                    CloseableHandle handle = put(sftp, "/v");
                    assertEquals(Set.of("x"), Set.copyOf(listed(sftp)), "version " + version);
                    handle.close();
                    sftp.remove("/v");
                }
            }
        }
    }

    @Test
    void scpUploadsWholeFiles() throws Exception {
        try (TestServer server = server()) {
            scp(server, "scp -t /x", "C0644 9 x\n", "brand");
            scp(server, "scp -t /y", "C0644 9 y\n", "brand");
            assertEquals("old", Files.readString(file("x")));
            scp(server, "scp -t /y", "C0644 9 y\n", "brand new\0");
            awaitOnDisk("x", "y");
            assertEquals("brand new", Files.readString(file("y")));
            assertEquals("old", Files.readString(file("x")));
        }
    }

    /** Speaks the protocol of rcp, and disconnects without a message. */
    private static void scp(TestServer server, String command, String... lines) throws IOException {
        try (ClientSession session = server.login("ada", "secret");
                ChannelExec channel = session.createExecChannel(command)) {
            channel.open().verify(Duration.ofSeconds(20));
            InputStream in = channel.getInvertedOut();
            OutputStream out = channel.getInvertedIn();
            for (String line : lines) {
                assertEquals(0, in.read());
                out.write(line.getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            out.close();
            in.readAllBytes();
        }
    }

    @Test
    void fullDiskIsReportedAndLeavesTheOldFile() throws Exception {
        Process small = new ProcessBuilder(
                        "unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=256k none /mnt && echo up && exec cat")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = small.inputReader();
                CapturedLog log = new CapturedLog()) {
            assumeTrue("up".equals(said.readLine()), "this system has no user namespaces to mount a small disk in");
            Path disk = Path.of("/proc/" + small.pid() + "/root/mnt");
            Files.createDirectory(disk.resolve("files"));
            Files.writeString(disk.resolve("files/x"), "old");
            byte[] much = new byte[30_000];
            try (TestServer server =
                    new TestServer(disk, new FakeAccounts(), SftpSettings.defaults(directory.resolve("keys")), false)) {
                for (int version : new int[] {3, 6}) {
                    try (ClientSession session = server.login("ada", "secret");
                            SftpClient sftp = SftpClientFactory.instance()
                                    .createSftpClient(session, (s, initial, current, all) -> version)) {
                        CloseableHandle handle = put(sftp, "/x");
                        List<SftpException> refusals = new ArrayList<>();
                        for (int i = 0; i < 20; i++) {
                            try {
                                sftp.write(handle, 9 + i * much.length, much);
                            } catch (SftpException e) {
                                refusals.add(e);
                            }
                        }
                        assertFalse(refusals.isEmpty());
                        assertEquals(
                                version == 3
                                        ? SftpConstants.SSH_FX_FAILURE
                                        : SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM,
                                refusals.get(0).getStatus());
                        assertTrue(
                                refusals.get(0).getMessage().contains("No space left on device"),
                                refusals.get(0).getMessage());
                        assertThrows(SftpException.class, handle::close);
                        assertEquals("old", Files.readString(disk.resolve("files/x")));
                    }
                }
            }
            assertEquals(
                    2,
                    log.lines().stream()
                            .filter(line -> line.contains("ada cannot write /x: No space left on device; make room"))
                            .count(),
                    () -> log.lines().toString());
            assertFalse(log.hasStackTrace());
        } finally {
            small.destroy();
        }
    }

    @Test
    void downloadOfATruncatedOrRemovedFileEndsAtItsEnd() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = server();
                SftpClient sftp = server.sftp()) {
            Files.write(file("large"), new byte[300_000]);
            byte[] buffer = new byte[32_768];
            try (CloseableHandle handle = sftp.open("/large", OpenMode.Read)) {
                assertEquals(32_768, sftp.read(handle, 0, buffer));
                Files.write(file("large"), new byte[40_000]);
                assertEquals(40_000 - 32_768, sftp.read(handle, 32_768, buffer));
                Files.delete(file("large"));
                assertEquals(32_768, sftp.read(handle, 0, buffer));
                assertEquals(-1, sftp.read(handle, 100_000, buffer));
            }
            assertTrue(log.lines().isEmpty() || !log.hasStackTrace());
        }
    }
}
