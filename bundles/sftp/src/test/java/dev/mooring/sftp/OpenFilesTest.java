package dev.mooring.sftp;

import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_APPEND;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_CREAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_TRUNC;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_WRITE;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_EXTENDED;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_FSTAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_MKDIR;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_REMOVE;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_RENAME;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_STAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FX_OK;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FX_PERMISSION_DENIED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.ProcessDescriptors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A handle means the open file, whatever its name is now. The flags of opening decide how the file is written. */
@Timeout(120)
class OpenFilesTest {

    @TempDir
    Path directory;

    private Path file(String name) {
        return directory.resolve("files").resolve(name);
    }

    private TestServer server(boolean inPlace) throws IOException {
        Files.createDirectories(directory.resolve("files"));
        return new TestServer(
                directory,
                new FakeAccounts(),
                new TestSettings(directory.resolve("keys"))
                        .uploadsInPlace(inPlace)
                        .get(),
                false);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int rename(RawSftp sftp, String from, String to) throws IOException {
        return sftp.status(SSH_FXP_RENAME, buffer -> {
            RawSftp.name(buffer, from);
            RawSftp.name(buffer, to);
        });
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    /** Changes the file that was opened as log. It is log.1 now, and there is another log. */
    private void assertChangesOnlyTheOpenFile(RawSftp sftp, byte[] handle) throws IOException {
        Files.setPosixFilePermissions(file("log"), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(SSH_FX_OK, sftp.write(handle, 3, "more"));
        assertArrayEquals(new long[] {7, 0640, 1_000_000}, stat(sftp, handle));
        assertEquals(SSH_FX_OK, sftp.resize(handle, 2));
        assertEquals(SSH_FX_OK, sftp.change(handle, 0600, 2_000_000));
        assertArrayEquals(new long[] {2, 0600, 2_000_000}, sftp.stat(SSH_FXP_FSTAT, handle));
        assertEquals("another", Files.readString(file("log")));
        assertEquals("rw-r--r--", mode(file("log")));
        assertEquals("ol", Files.readString(file("log.1")));
        assertEquals("rw-------", mode(file("log.1")));
        assertEquals(2_000_000, Files.getLastModifiedTime(file("log.1")).to(TimeUnit.SECONDS));
    }

    private static long[] stat(RawSftp sftp, byte[] handle) throws IOException {
        assertEquals(SSH_FX_OK, sftp.change(handle, 0640, 1_000_000));
        return sftp.stat(SSH_FXP_FSTAT, handle);
    }

    @Test
    void handleMeansTheSameFileAfterARename() throws Exception {
        for (boolean inPlace : new boolean[] {false, true}) {
            for (int flags : new int[] {
                SSH_FXF_WRITE, SSH_FXF_READ | SSH_FXF_WRITE, SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC
            }) {
                try (TestServer server = server(inPlace);
                        RawSftp sftp = new RawSftp(server);
                        RawSftp other = new RawSftp(server)) {
                    Files.writeString(file("log"), "old");
                    byte[] handle = sftp.open("log", flags);
                    assertEquals(SSH_FX_OK, sftp.write(handle, 0, "old"));
                    assertEquals(SSH_FX_OK, rename(sftp, "log", "log.1"));
                    byte[] fresh = other.open("log", SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC);
                    assertEquals(SSH_FX_OK, other.write(fresh, 0, "another"));
                    assertEquals(SSH_FX_OK, other.close(fresh));
                    assertChangesOnlyTheOpenFile(sftp, handle);
                    assertEquals(7, sftp.stat(SSH_FXP_STAT, text("log"))[0], "the name belongs to the new file");
                    assertEquals(SSH_FX_OK, sftp.close(handle));
                    assertEquals("another", Files.readString(file("log")));
                    Files.delete(file("log.1"));
                }
            }
        }
    }

    @Test
    void handleMeansTheSameFileAfterARenameByAnotherProcess() throws Exception {
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("log"), "old");
            byte[] handle = sftp.open("log", SSH_FXF_WRITE);
            Files.move(file("log"), file("log.1"));
            Files.writeString(file("log"), "another");
            assertChangesOnlyTheOpenFile(sftp, handle);
            // A file opened as by scp is not replaced either, because it has another name now.
            byte[] scp = sftp.open("log", SSH_FXF_WRITE | SSH_FXF_CREAT);
            Files.move(file("log"), file("log.2"));
            Files.writeString(file("log"), "a third");
            assertEquals(SSH_FX_OK, sftp.write(scp, 0, "AN"));
            assertEquals(SSH_FX_OK, sftp.close(scp));
            assertEquals("a third", Files.readString(file("log")));
            assertEquals("ANother", Files.readString(file("log.2")));
        }
    }

    @Test
    void removedFileCanBeUsedWhileItIsOpen() throws Exception {
        for (boolean inPlace : new boolean[] {false, true}) {
            for (int flags : new int[] {
                SSH_FXF_READ | SSH_FXF_WRITE, SSH_FXF_READ | SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC
            }) {
                try (TestServer server = server(inPlace);
                        RawSftp sftp = new RawSftp(server)) {
                    Files.writeString(file("temporary"), "old");
                    byte[] handle = sftp.open("temporary", flags);
                    assertEquals(SSH_FX_OK, sftp.status(SSH_FXP_REMOVE, buffer -> RawSftp.name(buffer, "temporary")));
                    assertEquals(SSH_FX_OK, sftp.write(handle, 0, "content"));
                    assertEquals(SSH_FX_OK, sftp.change(handle, 0600, 1_000_000));
                    assertArrayEquals(new long[] {7, 0600, 1_000_000}, sftp.stat(SSH_FXP_FSTAT, handle));
                    assertEquals(SSH_FX_OK, sftp.resize(handle, 4));
                    assertEquals(4, sftp.stat(SSH_FXP_FSTAT, handle)[0]);
                    assertEquals(SSH_FX_OK, sftp.close(handle));
                    assertEquals(List.of(), onDisk());
                }
            }
        }
    }

    private List<String> onDisk() throws IOException {
        return List.copyOf(DirectoryContents.names(directory.resolve("files")));
    }

    @Test
    void dataIsCopiedBetweenOpenFilesWithMoreThanAHundredHandles() throws Exception {
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("from"), "right content");
            Files.writeString(file("to"), "target");
            List<byte[]> many = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                many.add(sftp.open("from", SSH_FXF_READ));
            }
            byte[] from = many.get(199);
            byte[] to = sftp.open("to", SSH_FXF_WRITE);
            Files.move(file("from"), file("moved"));
            Files.writeString(file("from"), "wrong");
            assertEquals(SSH_FX_OK, sftp.status(SSH_FXP_EXTENDED, buffer -> {
                buffer.putString("copy-data");
                buffer.putBytes(from);
                buffer.putLong(6);
                buffer.putLong(0); // to the end
                buffer.putBytes(to);
                buffer.putLong(1);
            }));
            assertEquals("tcontent", Files.readString(file("to")));
        }
    }

    /** As in OpenSSH. The copy would never end, because it reads what it has written. */
    @Test
    void fileIsNotCopiedOntoItself() throws Exception {
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("x"), "content");
            byte[] from = sftp.open("x", SSH_FXF_READ);
            byte[] to = sftp.open("x", SSH_FXF_READ | SSH_FXF_WRITE);
            assertNotEquals(SSH_FX_OK, sftp.status(SSH_FXP_EXTENDED, buffer -> {
                buffer.putString("copy-data");
                buffer.putBytes(from);
                buffer.putLong(0);
                buffer.putLong(0);
                buffer.putBytes(to);
                buffer.putLong(7);
            }));
            assertEquals("content", Files.readString(file("x")));
        }
    }

    /** The system must find the end of the file for each write, as for a log that several clients write. */
    @Test
    void severalClientsAppendToOneFile() throws Exception {
        int lines = 1000;
        for (int flags : new int[] {SSH_FXF_WRITE, SSH_FXF_READ | SSH_FXF_WRITE}) {
            try (TestServer server = server(false)) {
                ExecutorService threads = Executors.newFixedThreadPool(3);
                List<Future<Void>> clients = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    String line = "client " + i + "\n";
                    clients.add(threads.submit(() -> {
                        try (RawSftp sftp = new RawSftp(server)) {
                            byte[] handle = sftp.open("log", flags | SSH_FXF_APPEND | SSH_FXF_CREAT);
                            for (int j = 0; j < lines; j++) {
                                assertEquals(SSH_FX_OK, sftp.write(handle, 0, line));
                            }
                            assertEquals(SSH_FX_OK, sftp.close(handle));
                        }
                        return null;
                    }));
                }
                for (Future<Void> each : clients) {
                    each.get();
                }
                threads.shutdown();
                assertEquals(3 * lines, Files.readAllLines(file("log")).size());
                Files.delete(file("log"));
            }
        }
    }

    /** Otherwise a file that a client has made secret would stay readable. */
    @Test
    void attributesStayWhenAnUploadTurnsOutToBeAChangeInPlace() throws Exception {
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("x"), "0123456789");
            Files.setPosixFilePermissions(file("x"), PosixFilePermissions.fromString("rw-r--r--"));
            byte[] handle = sftp.open("x", SCP);
            assertEquals(SSH_FX_OK, sftp.write(handle, 0, "ab"));
            assertEquals(SSH_FX_OK, sftp.change(handle, 0600, 1_000_000));
            assertEquals(SSH_FX_OK, sftp.close(handle));
            assertEquals("ab23456789", Files.readString(file("x")));
            assertEquals("rw-------", mode(file("x")));
            assertEquals(1_000_000_000, Files.getLastModifiedTime(file("x")).toMillis());
        }
    }

    @Test
    void handleForReadingCannotWriteAndHandleForWritingCannotRead() throws Exception {
        for (boolean inPlace : new boolean[] {false, true}) {
            try (TestServer server = server(inPlace);
                    RawSftp sftp = new RawSftp(server)) {
                Files.writeString(file("x"), "old");
                byte[] reading = sftp.open("x", SSH_FXF_READ);
                assertEquals(SSH_FX_PERMISSION_DENIED, sftp.resize(reading, 0));
                assertEquals(SSH_FX_PERMISSION_DENIED, sftp.resize(reading, 3));
                assertEquals(SSH_FX_PERMISSION_DENIED, sftp.write(reading, 0, "new"));
                assertEquals("old", Files.readString(file("x")));
                byte[] writing = sftp.open("y", SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC);
                assertNotEquals(
                        SSH_FX_OK, sftp.status(org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_READ, buffer -> {
                            buffer.putBytes(writing);
                            buffer.putLong(0);
                            buffer.putInt(10);
                        }));
            }
        }
    }

    // How the flags decide: docs/explanation/uploads.md

    private static final int SCP = SSH_FXF_WRITE | SSH_FXF_CREAT;

    @Test
    void fileWrittenFromItsBeginningAsByScpIsReplacedWhenComplete() throws Exception {
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("x"), "a long old content");
            byte[] handle = sftp.open("x", SCP);
            assertEquals(SSH_FX_OK, sftp.write(handle, 0, "new "));
            assertEquals(SSH_FX_OK, sftp.write(handle, 4, "content"));
            assertEquals("a long old content", Files.readString(file("x")));
            assertEquals(18, sftp.stat(SSH_FXP_FSTAT, handle)[0]);
            assertEquals(SSH_FX_OK, sftp.resize(handle, 11));
            assertEquals(11, sftp.stat(SSH_FXP_FSTAT, handle)[0]);
            assertEquals("a long old content", Files.readString(file("x")));
            assertEquals(SSH_FX_OK, sftp.close(handle));
            assertEquals("new content", Files.readString(file("x")));
            assertEquals(List.of("x"), onDisk());
        }
    }

    @Test
    void interruptedScpLeavesTheOldFile() throws Exception {
        try (TestServer server = server(false)) {
            Files.writeString(file("x"), "a long old content");
            RawSftp sftp = new RawSftp(server);
            for (String name : List.of("x", "y")) {
                assertEquals(SSH_FX_OK, sftp.write(sftp.open(name, SCP), 0, "new "));
            }
            sftp.disconnect();
            DirectoryContents.await(directory.resolve("files"), "x");
            assertEquals("a long old content", Files.readString(file("x")));
        }
    }

    @Test
    void partOfAFileIsWrittenInPlaceUnlessTheClientTruncatesIt() throws Exception {
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("x"), "0123456789");
            byte[] middle = sftp.open("x", SCP);
            assertEquals(SSH_FX_OK, sftp.write(middle, 5, "M"));
            assertEquals("01234M6789", Files.readString(file("x")), "visible at once");
            assertEquals(SSH_FX_OK, sftp.write(middle, 0, "S"));
            assertEquals("S1234M6789", Files.readString(file("x")), "visible at once");
            byte[] jumps = sftp.open("x", SCP);
            assertEquals(SSH_FX_OK, sftp.write(jumps, 0, "J"));
            assertEquals(SSH_FX_OK, sftp.write(jumps, 8, "J"));
            assertEquals("J1234M67J9", Files.readString(file("x")), "visible when the client writes elsewhere");
            byte[] head = sftp.open("x", SCP);
            assertEquals(SSH_FX_OK, sftp.write(head, 0, "HE"));
            assertEquals(SSH_FX_OK, sftp.close(head));
            assertEquals("HE234M67J9", Files.readString(file("x")), "what the client did not write stays");
            byte[] longer = sftp.open("x", SCP);
            assertEquals(SSH_FX_OK, sftp.write(longer, 0, "L"));
            assertEquals(SSH_FX_OK, sftp.resize(longer, 12));
            assertEquals("LE234M67J9\0\0", Files.readString(file("x")));
            byte[] editor = sftp.open("x", SSH_FXF_READ | SSH_FXF_WRITE | SSH_FXF_CREAT);
            assertEquals(SSH_FX_OK, sftp.write(editor, 0, "E"));
            assertEquals("EE234M67J9\0\0", Files.readString(file("x")), "visible at once");
            assertEquals(List.of("x"), onDisk());
        }
    }

    @Test
    void renameMakesAnUploadVisible() throws Exception {
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("x"), "0123456789");
            byte[] handle = sftp.open("x", SCP);
            assertEquals(SSH_FX_OK, sftp.write(handle, 0, "AB"));
            assertEquals(SSH_FX_OK, rename(sftp, "x", "y"));
            assertEquals("AB23456789", Files.readString(file("y")));
            assertEquals(SSH_FX_OK, sftp.write(handle, 2, "C"));
            assertEquals(SSH_FX_OK, sftp.close(handle));
            assertEquals("ABC3456789", Files.readString(file("y")));
            assertEquals(List.of("y"), onDisk());
        }
    }

    // Modes

    @Test
    void directoryHasTheRequestedModeWithoutTheUmask() throws Exception {
        Files.createDirectories(directory.resolve("files"));
        Path probe = Files.createDirectory(
                directory.resolve("probe"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxrwxrwx")));
        try (TestServer server = server(false);
                RawSftp sftp = new RawSftp(server)) {
            for (int mode : new int[] {0777, 0700}) {
                assertEquals(SSH_FX_OK, sftp.status(SSH_FXP_MKDIR, buffer -> {
                    RawSftp.name(buffer, "d" + mode);
                    buffer.putInt(org.apache.sshd.sftp.common.SftpConstants.SSH_FILEXFER_ATTR_PERMISSIONS);
                    buffer.putInt(mode);
                }));
            }
            assertEquals(mode(probe), mode(file("d" + 0777)));
            assertEquals("rwx------", mode(file("d" + 0700)));
            assertTrue(!mode(probe).equals("rwxrwxrwx"), "the umask of this test removes no bits");
        }
    }

    @Test
    void handlesOfTheProcessAreLimitedAndTheLastAreForClientsWithFew() throws Exception {
        try (TestServer server = server(false)) {
            Files.writeString(file("x"), "content");
            List<RawSftp> greedy = new ArrayList<>();
            int open = 0;
            int forAll = Math.min(4000, ProcessDescriptors.LIMIT / 8) / 4 * 3;
            try (RawSftp modest = new RawSftp(server)) {
                for (int i = 0; i < 4; i++) {
                    RawSftp sftp = new RawSftp(server);
                    greedy.add(sftp);
                    try {
                        for (int j = 0; j < 1000; j++) {
                            sftp.open("x", SSH_FXF_READ);
                            open++;
                        }
                    } catch (IOException e) {
                        assertTrue(e.getMessage().contains("the server has too many open files"), e.getMessage());
                    }
                }
                assertTrue(open >= forAll && open < forAll + 100, open + " opened");
                for (int i = 0; i < 16; i++) {
                    modest.open("x", SSH_FXF_READ);
                }
                assertThrows(IOException.class, () -> modest.open("x", SSH_FXF_READ));
            } finally {
                for (RawSftp each : greedy) {
                    each.close();
                }
            }
        }
    }
}
