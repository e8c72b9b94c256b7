package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.session.ClientSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sending directories by scp. */
@Timeout(120)
class ScpTest {

    @TempDir
    Path directory;

    private Path files;

    @BeforeEach
    void makeDirectory() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
    }

    /** Fetches a tree whose files are empty. Returns the lines that the server sends: one for each file, directory, end of a directory, and warning. */
    private static List<String> receive(ClientSession session, String path) throws IOException {
        List<String> lines = new ArrayList<>();
        try (ChannelExec channel = session.createExecChannel("scp -r -f " + path)) {
            channel.open().verify(Duration.ofSeconds(20));
            InputStream in = channel.getInvertedOut();
            OutputStream out = channel.getInvertedIn();
            StringBuilder line = new StringBuilder();
            acknowledge(out);
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next == '\n') {
                    lines.add(line.toString());
                    if (line.charAt(0) >= ' ') {
                        acknowledge(out);
                    }
                    line.setLength(0);
                } else if (next == 0) {
                    acknowledge(out); // the end of a file
                } else {
                    line.append((char) next);
                }
            }
        }
        return lines;
    }

    private static void acknowledge(OutputStream out) throws IOException {
        out.write(0);
        out.flush();
    }

    @Test
    void linkToADirectoryThatContainsItIsNotFollowed() throws Exception {
        Path sub = Files.createDirectory(files.resolve("sub"));
        Path inner = Files.createDirectory(sub.resolve("inner"));
        Files.createSymbolicLink(inner.resolve("lo\nop"), Path.of(".."));
        Path other = Files.createDirectory(sub.resolve("other"));
        Files.createSymbolicLink(other.resolve("again"), Path.of("../inner"));
        try (TestServer server = new TestServer(directory);
                ClientSession session = server.login("ada", "secret")) {
            List<String> plain = List.of(
                    "D0755 0 inner",
                    "\1scp: /sub/inner/lo op: a link to a directory that contains it is not followed",
                    "E");
            List<String> linked = List.of(
                    "D0755 0 other",
                    "D0755 0 again",
                    "\1scp: /sub/other/again/lo op: a link to a directory that contains it is not followed",
                    "E",
                    "E");
            List<String> one = inSub(plain, linked);
            List<String> another = inSub(linked, plain);
            List<String> sent = receive(session, "/sub");
            assertTrue(sent.equals(one) || sent.equals(another), sent::toString);
        }
    }

    private static List<String> inSub(List<String> first, List<String> second) {
        return Stream.of(List.of("D0755 0 sub"), first, second, List.of("E"))
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void lostClientLeavesNoStackTraceInTheLog() throws Exception {
        Path deep = files;
        for (int i = 0; i < 200; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }
        for (int i = 0; i < 2000; i++) {
            Files.createFile(deep.resolve("f" + i));
        }
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory)) {
            for (int i = 0; i < 5; i++) {
                ClientSession session = server.login("ada", "secret");
                ChannelExec channel = session.createExecChannel("scp -r -f /");
                channel.open().verify(Duration.ofSeconds(20));
                // The server never waits for an acknowledgement, so it is sending when the connection ends.
                channel.getInvertedIn().write(new byte[10_000]);
                channel.getInvertedIn().flush();
                String begin = new String(channel.getInvertedOut().readNBytes(3000), StandardCharsets.US_ASCII);
                assertTrue(begin.startsWith("D"), begin);
                session.close(true).await(Duration.ofSeconds(20));
            }
            while (isSending()) {
                Thread.onSpinWait(); // up to the timeout of the test
            }
            assertFalse(log.hasStackTrace(), () -> log.lines().toString());
        }
    }

    private static boolean isSending() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(Arrays::stream)
                .anyMatch(frame -> frame.getMethodName().equals("sendDir"));
    }
}
