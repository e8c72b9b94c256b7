package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // some resources are closed explicitly or not used
@Tag("files")
class TransferTest {

    @TempDir
    Path root;

    private TestServer server;
    private FtpClient client;
    private CapturedLog log;

    @BeforeEach
    void start() throws IOException {
        log = new CapturedLog();
        server = new TestServer(root, settings(Duration.ofSeconds(2)));
        client = server.client().logIn();
        client.say("TYPE I", 200);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        log.close();
        assertFalse(log.hasStackTrace());
    }

    static FtpSettings settings(Duration dataTimeout) {
        FtpSettings standard = FtpSettings.DEFAULT;
        return new FtpSettings(
                standard.tls(), null, null, false, true, "", "", standard.idleTimeout(), dataTimeout, 4, 3, 2);
    }

    private static byte[] random(int size) {
        byte[] content = new byte[size];
        new Random(1).nextBytes(content);
        return content;
    }

    private String names() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString())
                    .sorted()
                    .toList()
                    .toString();
        }
    }

    @Test
    void storedFileIsRetrieved() throws IOException {
        byte[] content = random(5_000_000);

        assertTrue(client.store("STOR a", content).startsWith("226"));

        assertArrayEquals(content, Files.readAllBytes(root.resolve("a")));
        assertArrayEquals(content, client.receive("RETR /a"));
        assertArrayEquals(content, client.active("RETR a"));
    }

    @Test
    void abortedUploadLeavesOnlyTheOldFile() throws IOException {
        Files.writeString(root.resolve("a"), "old");
        try (Socket data = client.passive()) {
            client.say("STOR a", 150);
            data.getOutputStream().write(random(100_000));

            assertTrue(client.say("ABOR").startsWith("426"));
            assertTrue(client.reply().startsWith("226"));
        }
        assertEquals("old", Files.readString(root.resolve("a")));
        assertEquals("[a]", names());
    }

    @Test
    void uploadOfAKilledClientLeavesTheOldFile() throws Exception {
        Files.writeString(root.resolve("a"), "old");
        for (int i = 0; i < 20; i++) {
            FtpClient dying = server.client().logIn();
            Socket data = dying.passive();
            dying.say("STOR a", 150);
            data.getOutputStream().write(random(100_000));
            dying.close();
            data.close();
        }
        // close() waits for the transfers.
        server.close();
        assertEquals("[a]", names());
        assertEquals("old", Files.readString(root.resolve("a")));
    }

    @Test
    void telnetCodesBeforeAborAreRemoved() throws IOException {
        try (Socket data = client.passive()) {
            client.say("STOR a", 150);
            client.send(
                    new byte[] {(byte) 0xff, (byte) 0xf4, (byte) 0xff, (byte) 0xf2, 'A', 'B', 'O', 'R', '\r', '\n'});
            assertTrue(client.reply().startsWith("426"));
            assertTrue(client.reply().startsWith("226"));
            assertFalse(Files.exists(root.resolve("a")));
            assertTrue(data.isConnected());
        }
    }

    @Test
    void downloadsAndUploadsAreResumed() throws IOException {
        Files.writeString(root.resolve("a"), "0123456789");
        client.say("REST 7", 350);
        assertEquals("789", client.text("RETR a"));
        assertEquals("0123456789", client.text("RETR a"));

        client.say("REST 5", 350);
        assertTrue(client.store("STOR a", "abc".getBytes(StandardCharsets.US_ASCII))
                .startsWith("226"));
        assertEquals("01234abc", Files.readString(root.resolve("a")));
        client.store("APPE a", "def".getBytes(StandardCharsets.US_ASCII));
        assertEquals("01234abcdef", Files.readString(root.resolve("a")));

        client.say("REST 99", 350);
        client.say("RETR a", 554);
        client.say("REST x", 501);
    }

    @Test
    void stalledTransferEndsAndTheSessionContinues() throws IOException {
        try (Socket data = client.passive()) {
            client.say("STOR a", 150);
            data.getOutputStream().write(1);
            assertTrue(client.reply().startsWith("426"));
        }
        client.say("NOOP", 200);
        log.await("STOR /a of ada@127.0.0.1 failed: no data was transferred within 2 s");
        assertEquals("[]", names());
    }

    /** Makes a file that is larger than the buffers of a socket. */
    private void large(String name) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(root.resolve(name).toFile(), "rw")) {
            file.setLength(1L << 30);
        }
    }

    @Test
    void downloadThatTheClientDoesNotReadEnds() throws IOException {
        large("a");
        try (Socket data = client.passive()) {
            client.say("RETR a", 150);
            assertTrue(client.reply().startsWith("426"));
            assertTrue(data.isConnected());
        }
        client.say("NOOP", 200);
        log.await("RETR /a of ada@127.0.0.1 failed: no data was transferred within 2 s");
    }

    @Test
    void downloadThatTheClientDoesNotReadIsAborted() throws IOException {
        large("a");
        try (Socket data = client.passive()) {
            client.say("RETR a", 150);
            assertTrue(client.say("ABOR").startsWith("426"));
            assertTrue(client.reply().startsWith("226"));
            assertTrue(data.isConnected());
        }
    }

    @Test
    void commandsDuringAnUploadDoNotAffectIt() throws IOException {
        byte[] content = random(3_000_000);
        try (Socket data = client.passive()) {
            client.say("STOR a", 150);
            data.getOutputStream().write(content);
            client.send("NOOP\r\n".getBytes(StandardCharsets.UTF_8));
        }
        assertTrue(client.reply().startsWith("226"));
        assertTrue(client.reply().startsWith("200"));
        assertArrayEquals(content, Files.readAllBytes(root.resolve("a")));
    }

    @Test
    void uploadDoesNotReplaceADirectory() throws IOException {
        Files.createDirectory(root.resolve("d"));
        for (String command : new String[] {"STOR d", "APPE d", "STOR /"}) {
            client.say("EPSV", 229);
            client.say(command, 550);
        }
        assertEquals("[d]", names());
    }

    @Test
    void unreadRepliesStayInOrder() throws IOException {
        for (int i = 0; i < 500; i++) {
            Files.createFile(root.resolve("x".repeat(200) + i));
        }
        String reply = client.say("STAT /", 213);
        int times = 90; // 12 MB
        client.send("STAT /\r\nNOOP\r\n".repeat(times).getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < times; i++) {
            assertEquals(reply, client.reply());
            assertTrue(client.reply().startsWith("200"));
        }
    }

    @Test
    void missingDataConnectionIs425() throws IOException {
        client.say("EPSV", 229);
        assertTrue(client.say("LIST").contains("425 No data connection: the client did not connect within 2 s."));
        assertTrue(client.say("LIST").startsWith("425 Send PASV"));
    }

    @Test
    void statDuringATransferReportsItsProgress() throws IOException {
        try (Socket data = client.passive()) {
            client.say("STOR a", 150);
            assertTrue(client.say("STAT").startsWith("213 STOR /a:"));
            data.close();
            assertTrue(client.reply().startsWith("226"));
        }
    }

    @Test
    void oddNamesAreStoredListedAndRetrieved() throws IOException {
        for (String name : new String[] {" blanks ", "ümlaut 猫 🐈", "%20%", "-la", "a\"b", "*?[x]", "a;b=c"}) {
            client.store("STOR ./" + name, name.getBytes(StandardCharsets.UTF_8));

            assertEquals(name, Files.readString(root.resolve(name)));
            assertEquals(name, client.text("RETR ./" + name));
            assertTrue(client.text("MLSD").contains("; " + name + "\r\n"), name);
            assertTrue(client.text("NLST").contains(name + "\r\n"), name);
            assertTrue(client.text("LIST").contains(" " + name + "\r\n"), name);
        }
        assertTrue(client.say("MKD a\"d").startsWith("257 \"/a\"\"d\""));
    }

    @Test
    void nameThatIsNotUtf8IsRefused() throws IOException {
        client.send(new byte[] {'S', 'I', 'Z', 'E', ' ', (byte) 0xe4, '\r', '\n'});
        assertEquals("501 The command is not in UTF-8.", client.reply());
        client.say("NOOP", 200);
    }

    @Test
    void listingHasTheFacts() throws IOException {
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("f"), "12345");
        client.say("MFMT 20200102030405 f", 213);
        assertEquals("213 20200102030405", client.say("MDTM f"));
        assertEquals("213 5", client.say("SIZE f"));
        client.say("SITE CHMOD 640 f", 200);

        String listing = client.text("MLSD");

        assertTrue(listing.contains("type=file;size=5;modify=20200102030405;perm=adfrw;unique="), listing);
        assertTrue(listing.contains("UNIX.mode=0640; f\r\n"), listing);
        assertTrue(listing.contains("type=dir;"), listing);
        assertTrue(listing.contains("type=cdir;"), listing);
        assertTrue(client.text("LIST").contains("-rw-r----- 1 ftp ftp            5 Jan 02  2020 f\r\n"));
        assertEquals("200 MLST OPTS size;", client.say("OPTS MLST size;"));
        assertEquals("250-Listing /f\n size=5; /f\n250 End.", client.say("MLST f"));
        client.say("MLSD f", 501);
    }

    @Test
    void hashesAreThoseOfTheFile() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        assertEquals(
                "213 SHA-256 0-2 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad f",
                client.say("HASH f"));
        client.say("OPTS HASH MD5", 200);
        assertEquals("213 MD5 0-2 900150983cd24fb0d6963f7d28e17f72 f", client.say("HASH f"));
        assertEquals("250 352441C2", client.say("XCRC f"));
    }

    @Test
    void filesAreRenamedAndRemoved() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        client.say("MKD d", 257);
        client.say("RNFR f", 350);
        client.say("RNTO d/g", 250);
        client.say("RNTO h", 503);
        client.say("RNFR nothing", 550);
        assertEquals("abc", Files.readString(root.resolve("d/g")));
        assertEquals("550 /d: Directory not empty.", client.say("RMD d"));
        client.say("DELE d", 550);
        client.say("CWD d", 250);
        assertTrue(client.say("PWD").startsWith("257 \"/d\""));
        client.say("DELE g", 250);
        client.say("CDUP", 250);
        client.say("RMD d", 250);
        assertEquals("[]", names());
        client.say("CWD ../../..", 250);
        assertTrue(client.say("PWD").startsWith("257 \"/\""));
    }

    @Test
    void typesOfRfc1123AreAccepted() throws IOException {
        for (String type : new String[] {"A", "A N", "a n", "I", "L 8", "L8"}) {
            client.say("TYPE " + type, 200);
        }
        for (String type : new String[] {"E", "L 7", "A C"}) {
            client.say("TYPE " + type, 504);
        }
        client.say("TYPE A", 200);
        client.store("STOR f", "a\r\nb\n".getBytes(StandardCharsets.US_ASCII));
        assertEquals("a\r\nb\n", Files.readString(root.resolve("f")));
        assertEquals("a\r\nb\n", client.text("RETR f"));
    }
}
