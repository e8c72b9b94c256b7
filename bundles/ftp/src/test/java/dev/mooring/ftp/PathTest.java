package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths in all forms that clients use, and the errors for invalid ones. */
@Tag("files")
class PathTest {

    @TempDir
    Path root;

    private TestServer server;
    private FtpClient client;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        Files.writeString(Files.createDirectory(root.resolve("d")).resolve("g"), "in d");
        Files.createSymbolicLink(root.resolve("link"), Path.of("d"));
        server = new TestServer(root);
        client = server.client().logIn();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void pathThatEndsInASlashNamesADirectory() throws IOException {
        for (String command : new String[] {
            "SIZE f/",
            "MDTM f/",
            "MLST f/",
            "RETR f/",
            "DELE f/",
            "RNFR f/",
            "CWD f/",
            "MLSD f/",
            "LIST f/",
            "NLST f/.",
            "STAT f/",
            "HASH f/",
            "XMD5 f/",
            "MFMT 20200102030405 f/",
            "SITE CHMOD 600 f/",
            "MKD f/",
            "RMD f/",
            "STOR f/",
            "APPE f/",
            "STOU f/"
        }) {
            String reply = client.say(command, 550);
            assertTrue(reply.matches("550 /f: (Not|Is) a directory\\."), command + ": " + reply);
        }
        for (String command : new String[] {"STOR new/", "APPE new/", "STOU new/"}) {
            assertEquals("550 /new: Is a directory.", client.say(command));
        }
        client.say("RNFR f", 350);
        assertEquals("550 /new: Not a directory.", client.say("RNTO new/"));
        // DELE, RMD and RNFR act on the link itself, which is not a directory.
        for (String command : new String[] {"DELE link/", "RMD link/", "RNFR link/"}) {
            assertEquals("550 /link: Not a directory.", client.say(command));
        }
        assertEquals("abc", Files.readString(root.resolve("f")));

        assertTrue(client.say("MKD new/").startsWith("257 \"/new\""));
        client.say("RNFR new/", 350);
        client.say("RNTO newer/", 250);
        client.say("MLST newer/", 250);
        client.say("RMD newer/", 250);
        client.say("CWD link/", 250);
        assertEquals("in d", client.text("RETR g"));
    }

    @Test
    void dotsStayAtTheRoot() throws IOException {
        client.say("CWD ..", 250);
        client.say("CDUP", 250);
        client.say("XCUP", 250);
        assertTrue(client.say("PWD").startsWith("257 \"/\""));
        assertEquals("abc", client.text("RETR d/../f"));
        assertEquals("abc", client.text("RETR /../../f"));
        assertEquals("213 3", client.say("SIZE ./d/./../f"));
        client.say("CWD link", 250);
        client.say("CDUP", 250);
        assertTrue(client.say("PWD").startsWith("257 \"/\""));
        client.say("CWD d", 250);
        client.say("CWD ../..", 250);
        assertTrue(client.say("PWD").startsWith("257 \"/\""));
        client.say("MKD ..", 550);
        client.say("RMD ..", 550);
    }

    @Test
    void refusalHasTheReason() throws Exception {
        client.say("MKD e", 257);
        client.say("CWD e", 250);
        for (String path : new String[] {".", "/e", "../e/"}) {
            assertEquals("550 /e: Is your working directory; leave it with CDUP first.", client.say("RMD " + path));
        }
        assertEquals("550 /: The root cannot be removed.", client.say("RMD /"));
        client.say("CDUP", 250);
        client.say("RMD e", 250);
        assertEquals("550 /d: Directory not empty.", client.say("RMD d"));
        assertEquals("550 /d: Is a directory; remove it with RMD.", client.say("DELE d"));
        assertEquals("550 /d: Not a regular file.", client.say("RETR d"));
        assertEquals("550 /d: Not a regular file.", client.say("HASH d"));
        assertEquals("550 /d: Is a directory.", client.say("SIZE d"));
        Process mkfifo = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
        assertEquals(0, mkfifo.waitFor());
        for (String command : new String[] {"SIZE", "RETR", "HASH"}) {
            assertEquals("550 /pipe: Not a regular file.", client.say(command + " pipe"));
        }
        assertEquals("550 /none: No such file or directory.", client.say("RETR none"));
        assertEquals("550 /f: File exists.", client.say("MKD f"));
        try (FtpClient bob = server.client()) {
            bob.say("USER bob", 331);
            bob.say("PASS secret", 230);
            for (String command : new String[] {"STOR f", "STOU f", "DELE f", "MKD x", "SITE CHMOD 600 f"}) {
                String reply = bob.say(command, 550);
                assertTrue(reply.endsWith(": Permission denied (read-only)."), command + ": " + reply);
            }
        }
    }

    @Test
    void replyToStouHasTheUniqueName() throws IOException {
        String[][] expected = {
            {"STOU", "STOU"},
            {"STOU", "STOU.1"},
            {"STOU f", "f.1"},
            {"STOU f", "f.2"},
            {"STOU d/n", "d/n"},
            {"STOU /d/n", "/d/n.1"},
            {"STOU link", "link.1"}
        };
        for (String[] each : expected) {
            try (Socket data = client.passive()) {
                assertEquals("150 FILE: " + each[1], client.say(each[0]));
                data.getOutputStream().write(each[1].getBytes(StandardCharsets.UTF_8));
            }
            String last = client.reply();
            assertTrue(last.startsWith("226 Transfer complete (unique file name: " + each[1] + ")"), last);
            assertEquals(each[1], client.text("RETR " + each[1]));
        }
        assertEquals("abc", Files.readString(root.resolve("f")));
        client.say("STOU none/x", 550);
        client.say("REST 2", 350);
        client.say("STOU f", 554);
        client.say("STOU h", 425);
        try (Socket data = client.passive()) {
            client.say("STOU h", 150);
            client.say("ABOR", 426);
            assertTrue(client.reply().startsWith("226"));
            assertTrue(data.isConnected());
        }
        assertFalse(Files.exists(root.resolve("h"), LinkOption.NOFOLLOW_LINKS));
    }
}
