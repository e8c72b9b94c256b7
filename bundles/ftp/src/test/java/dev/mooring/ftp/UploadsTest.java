package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the table of {@code docs/explanation/uploads.md}: which uploads replace a file at once, and which work in place. */
class UploadsTest {

    private static final String OLD = "0123456789";
    private static final String SENT = "abc";

    @TempDir
    Path root;

    private TestServer server;
    private CapturedLog log;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(root.resolve("old"), OLD);
        log = new CapturedLog();
        server = new TestServer(root, TransferTest.settings(Duration.ofSeconds(20)));
        server.server().setAccessLog(true);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        log.close();
    }

    private String names() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString())
                    .sorted()
                    .toList()
                    .toString();
        }
    }

    /** Uploads some bytes, then closes both connections without a command, like a killed process. */
    private void uploadAndDisconnect(String... commands) throws IOException {
        FtpClient client = server.client().logIn();
        List<String> before = List.of(commands).subList(0, commands.length - 1);
        for (String command : before) {
            client.say(command, 350);
        }
        Socket data = client.passive();
        String last = commands[commands.length - 1];
        client.say(last, 150);
        data.getOutputStream().write(SENT.getBytes(StandardCharsets.US_ASCII));
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!client.say("STAT", 213).contains(" 3 bytes so far")) {
            assertTrue(System.nanoTime() < deadline, "the bytes have not arrived");
        }
        client.close();
        data.close();
        log.await("\"" + last.replace(" ", " /") + " FTP\"");
    }

    @Test
    void whatAnotherClientAppendsMeanwhileStays() throws IOException {
        try (FtpClient slow = server.client().logIn();
                FtpClient other = server.client().logIn();
                Socket data = slow.passive()) {
            slow.say("APPE old", 150);
            assertTrue(other.store("APPE old", "other".getBytes(StandardCharsets.US_ASCII))
                    .startsWith("226"));
            data.getOutputStream().write(SENT.getBytes(StandardCharsets.US_ASCII));
            data.shutdownOutput();
            assertTrue(slow.reply().startsWith("226"));
        }
        assertOld(OLD + "other" + SENT);
    }

    private void assertOld(String expected) throws IOException {
        assertEquals(expected, Files.readString(root.resolve("old")));
        assertEquals("[old]", names());
    }

    @Test
    void interruptedStorLeavesTheOldFile() throws IOException {
        uploadAndDisconnect("STOR old");
        assertOld(OLD);
    }

    @Test
    void interruptedStorAfterRestZeroLeavesTheOldFile() throws IOException {
        uploadAndDisconnect("REST 0", "STOR old");
        assertOld(OLD);
    }

    @Test
    void interruptedStorOfANewFileLeavesNoFile() throws IOException {
        uploadAndDisconnect("REST 0", "STOR new");
        assertOld(OLD);
    }

    @Test
    void interruptedResumedUploadKeepsItsBytesForAnotherResume() throws IOException {
        uploadAndDisconnect("REST 10", "STOR old");
        assertOld(OLD + SENT);
    }

    @Test
    void interruptedResumeWithinTheFileChangesOnlyTheReceivedBytes() throws IOException {
        uploadAndDisconnect("REST 4", "STOR old");
        assertOld("0123abc789");
    }

    @Test
    void interruptedAppendKeepsItsBytes() throws IOException {
        uploadAndDisconnect("APPE old");
        assertOld(OLD + SENT);
    }

    @Test
    void appendCreatesAFile() throws IOException {
        uploadAndDisconnect("APPE new");
        assertEquals(SENT, Files.readString(root.resolve("new")));
    }

    @Test
    void completeUploadsReplaceResumeOrAppend() throws IOException {
        try (FtpClient client = server.client().logIn()) {
            byte[] sent = SENT.getBytes(StandardCharsets.US_ASCII);
            client.say("REST 4", 350);
            client.store("STOR old", sent);
            assertOld("0123abc");
            client.store("APPE old", sent);
            assertOld("0123abcabc");
            client.say("REST 4", 350);
            client.store("APPE old", sent);
            assertOld("0123abcabcabc");
            client.say("REST 0", 350);
            client.store("STOR old", sent);
            assertOld("abc");
        }
    }

    @Test
    void uploadIsNotResumedAfterTheEndOfAFile() throws IOException {
        try (FtpClient client = server.client().logIn()) {
            client.say("EPSV", 229);
            client.say("REST 11", 350);
            client.say("STOR old", 554);
            client.say("REST 1", 350);
            client.say("STOR new", 550);
            assertOld(OLD);
            assertFalse(Files.exists(root.resolve("new")));
            assertTrue(client.store("STOR new", new byte[0]).startsWith("226"));
        }
    }
}
