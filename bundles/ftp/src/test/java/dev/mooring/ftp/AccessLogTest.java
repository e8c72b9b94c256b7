package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.protocol.CapturedLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {

    @TempDir
    Path root;

    @Test
    void accessLogHasTheLastReplyAndTheBytesOfEachCommand() throws Exception {
        Files.createDirectory(root.resolve("a dir"));
        Files.writeString(root.resolve("a dir/f"), "content");
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root);
                FtpClient client = server.client()) {
            server.server().setAccessLog(true);
            client.logIn();
            assertEquals(1, server.server().connections());
            client.say("CWD a dir", 250);
            client.text("RETR f");
            client.say("DELE ../none", 550);
            client.text("LIST -la");
            client.text("NLST -l -- f*");
            client.say("STAT /", 213);
            client.store("STOU f", new byte[3]);
            client.say("RNFR f", 350);
            client.say("RNTO /g", 250);
            client.say("QUIT", 221);

            log.await("\"RNTO /g FTP\" 250 0 ");
            List<String> lines = log.lines().stream()
                    .filter(line -> line.contains(" - ada ["))
                    .map(line -> line.replaceFirst(".*] (\".*\" \\d+ \\d+) \\d+\\.\\d{3} ftp~test", "$1"))
                    .toList();
            assertEquals(
                    List.of(
                            "\"RETR /a%20dir/f FTP\" 226 7",
                            "\"DELE /none FTP\" 550 0",
                            lines.get(2),
                            "\"NLST /a%20dir/f* FTP\" 226 3",
                            "\"STOU /a%20dir/f.1 FTP\" 226 3",
                            "\"RNFR /a%20dir/f FTP\" 350 0",
                            "\"RNTO /g FTP\" 250 0"),
                    lines);
            assertEquals("\"LIST /a%20dir FTP\" 226", lines.get(2).replaceFirst(" \\d+$", ""));
            assertEquals(0, server.server().transfers());
        }
    }
}
