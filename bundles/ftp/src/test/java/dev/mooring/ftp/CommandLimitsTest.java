package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limits of commands, see docs/explanation/limits.md. */
@Timeout(60)
class CommandLimitsTest {

    @TempDir
    Path root;

    @Test
    void clientThatDoesNotLogInHasAHundredCommands() throws IOException {
        try (TestServer server = new TestServer(root);
                FtpClient client = server.client()) {
            for (int i = 0; i < 100; i++) {
                client.say("PWD", 530);
            }
            assertEquals("421 Too many commands before a login.", client.say("PWD"));
        }
    }

    /** The line has 8,192 bytes with its CR, but without its LF. */
    @Test
    void longCommandIsRefusedAndTheNextIsExecuted() throws IOException {
        try (TestServer server = new TestServer(root);
                FtpClient client = server.client().logIn()) {
            client.send(("SIZE " + "x".repeat(8191 - "SIZE ".length()) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            assertTrue(client.reply().startsWith("550"));
            client.send(("SIZE " + "x".repeat(8192 - "SIZE ".length()) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            assertTrue(client.reply().startsWith("500"));
            client.say("NOOP", 200);
        }
    }

    @Test
    void longPatternIsAName() throws IOException {
        Files.createFile(root.resolve("file"));
        try (TestServer server = new TestServer(root);
                FtpClient client = server.client().logIn()) {
            assertTrue(client.say("STAT *" + "?*".repeat(2)).contains("file"));
            client.say("STAT *" + "*".repeat(255), 550);
        }
    }

    @Test
    void uniqueNamesEnd() throws IOException {
        Files.createFile(root.resolve("f"));
        for (int i = 1; i < 10_000; i++) {
            Files.createFile(root.resolve("f." + i));
        }
        try (TestServer server = new TestServer(root);
                FtpClient client = server.client().logIn()) {
            try (Socket data = client.passive()) {
                client.say("STOU f", 550);
                assertTrue(data.isConnected());
            }
            Files.delete(root.resolve("f.9999"));
            client.store("STOU f", new byte[1]);
            assertEquals(1, Files.size(root.resolve("f.9999")));
        }
    }
}
