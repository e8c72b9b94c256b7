package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DrainTest {

    /** More than the buffers of both sides. */
    private static final int SIZE = 64 << 20;

    @TempDir
    Path root;

    private static void get(Socket connection, String path) throws IOException {
        connection
                .getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aDownloadThatItsClientPausesContinuesWhileIdleConnectionsAreClosed() throws Exception {
        TestServer.write(root.resolve("hello.txt"), "hello");
        Files.write(root.resolve("big"), new byte[SIZE]);
        CountDownLatch ended = new CountDownLatch(1);
        try (TestServer server = new TestServer(root, HttpSettings.DEFAULT);
                Socket paused = new Socket("127.0.0.1", (int) server.port());
                Socket idle = new Socket("127.0.0.1", (int) server.port())) {
            get(paused, "/big");
            assertEquals('H', paused.getInputStream().read());
            // The paused connection is idle for longer than the other one.
            for (int i = 0; i < 200; i++) {
                get(idle, "/hello.txt");
                assertEquals("hello", Client.read(idle.getInputStream(), false).text());
            }
            server.server().drain(Duration.ofSeconds(50), ended::countDown);
            assertEquals(-1, idle.getInputStream().read());
            assertTrue(read(paused.getInputStream()) > SIZE);
        }
        assertTrue(ended.await(50, TimeUnit.SECONDS));
    }

    private static long read(InputStream in) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long all = 0;
        // While the server drains, a response is the last of its connection only if it began after the drain.
        for (int length = 0; all <= SIZE && length >= 0; length = in.read(buffer)) {
            all += length;
        }
        return all;
    }
}
