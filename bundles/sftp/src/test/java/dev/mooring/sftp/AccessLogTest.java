package dev.mooring.sftp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mooring.protocol.CapturedLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.sshd.sftp.client.SftpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {

    @TempDir
    Path directory;

    @Test
    void requestsThatReadOrChangeFilesAreLoggedWithStatusAndBytes() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory)) {
            Files.writeString(directory.resolve("files/f"), "content");
            server.server().setAccessLog(true);
            try (SftpClient client = server.sftp()) {
                assertEquals(1, server.server().connections());
                try (var content = client.read("/f")) {
                    assertEquals("content", new String(content.readAllBytes(), UTF_8));
                }
                try (OutputStream content = client.write("/a b")) {
                    assertEquals(1, server.server().transfers());
                    content.write("abc".getBytes(UTF_8));
                }
                assertThrows(IOException.class, () -> client.open("/none"));
                client.mkdir("/d");
                client.rename("/a b", "/d/c");
                assertThrows(IOException.class, () -> client.rmdir("/f"));
            }
            log.await("\"RMDIR /f SFTP\"");
            List<String> lines = log.lines().stream()
                    .filter(line -> line.contains(" - ada ["))
                    .map(line -> line.replaceFirst(".*] (\".*\" \\d+ \\d+) \\d+\\.\\d{3} sftp~test", "$1"))
                    .toList();
            assertEquals(
                    List.of(
                            "\"READ /f SFTP\" 0 7",
                            "\"WRITE /a%20b SFTP\" 0 3",
                            "\"OPEN /none SFTP\" 2 0",
                            "\"MKDIR /d SFTP\" 0 0",
                            "\"RENAME /a%20b->/d/c SFTP\" 0 0",
                            "\"RMDIR /f SFTP\" 19 0"),
                    lines);
            assertEquals(0, server.server().transfers());
            assertEquals(10, server.server().bytes());
        }
    }
}
