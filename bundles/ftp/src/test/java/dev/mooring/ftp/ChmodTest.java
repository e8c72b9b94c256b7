package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class ChmodTest {

    @TempDir
    Path root;

    private TestServer server;
    private FtpClient client;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("f"), "abc");
        server = new TestServer(root);
        client = server.client().logIn();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void modeOfFourDigitsIsTheWholeMode() throws IOException {
        for (String[] each : new String[][] {
            {"3755 d", "drwxr-sr-t"},
            {"3600 d", "drw---S--T"},
            {"0700 d", "drwx------"},
            {"4711 f", "-rws--x--x"},
            {"644 f", "-rw-r--r--"}
        }) {
            client.say("SITE CHMOD " + each[0], 200);
            String[] argument = each[0].split(" ");
            int mode = (Integer) Files.getAttribute(root.resolve(argument[1]), "unix:mode") & 07777;
            assertEquals(Integer.parseInt(argument[0], 8), mode);
            assertTrue(client.text("LIST").contains(each[1] + " 1 ftp ftp "), client.text("LIST"));
        }
        client.say("SITE CHMOD 2770 d", 200);
        client.say("SITE CHMOD 755 d", 200); // keeps setgid, like chmod(1)
        assertTrue(client.say("MLST d").contains("UNIX.mode=2755;"));
        client.say("SITE CHMOD 0755 d", 200);
        assertTrue(client.say("MLST d").contains("UNIX.mode=0755;"));
        for (String argument : new String[] {"", " 64 f", " 888 f", " 00644 f", " 644"}) {
            client.say("SITE CHMOD" + argument, 501);
        }
        client.say("SITE CHMOD 644 none", 550);
        client.say("SITE NONSENSE", 504);
        client.say("SITE HELP", 214);
    }
}
