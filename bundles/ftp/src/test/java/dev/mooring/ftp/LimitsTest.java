package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits that keep one client from harming the others. */
class LimitsTest {

    private static final int FILES = 2000;
    private static final int LISTINGS = 150;
    private static final int FLOOD = 2000;
    private static final Pattern UNREAD = Pattern.compile("leaves (\\d+) bytes of replies unread");

    @TempDir
    Path root;

    private static FtpSettings settings(Duration idleTimeout) {
        FtpSettings standard = FtpSettings.DEFAULT;
        return new FtpSettings(
                standard.tls(), null, null, false, false, "", "", idleTimeout, standard.dataTimeout(), 40, 20, 3);
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, what);
            Thread.onSpinWait();
        }
    }

    private static boolean isGreeted(TestServer server) {
        try (Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), (int) server.socket().port());
                InputStream in = socket.getInputStream()) {
            return new String(in.readNBytes(3), StandardCharsets.US_ASCII).equals("220");
        } catch (IOException e) {
            return false; // refused, because of the others
        }
    }

    private static boolean isCommandBlocked() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> each.getKey().getName().startsWith("ftp~test-")
                        && each.getKey().getState() == Thread.State.WAITING)
                .flatMap(each -> Arrays.stream(each.getValue()))
                .anyMatch(frame -> frame.getMethodName().equals("awaitRoom"));
    }

    /** A client that requests more listings than fit into the buffers of the kernel, and then a new directory. */
    private FtpClient requestListings(TestServer server) throws IOException {
        for (int i = 0; i < FILES; i++) {
            Files.createFile(root.resolve("file-" + i));
        }
        FtpClient client = server.client().logIn();
        client.send(("STAT /\r\n".repeat(LISTINGS) + "MKD made\r\n").getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    @Test
    void commandsOfAClientWaitUntilItReadsItsReplies() throws IOException {
        try (TestServer server = new TestServer(root, settings(Duration.ofMinutes(1)));
                FtpClient client = requestListings(server)) {
            await("no command is waiting", LimitsTest::isCommandBlocked);
            assertFalse(Files.exists(root.resolve("made")));
            try (FtpClient other = server.client().logIn()) {
                other.say("NOOP", 200);
            }
            for (int i = 0; i < LISTINGS; i++) {
                String reply = client.reply();
                assertTrue(reply.startsWith("213-Status of /:\n ") && reply.endsWith("\n213 End."), reply);
                assertEquals(FILES + 2, reply.lines().count());
            }
            assertTrue(client.reply().startsWith("257"));
        }
    }

    @Test
    void sessionOfAClientThatNeverReadsIsClosed() throws IOException {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root, settings(Duration.ofSeconds(1)));
                FtpClient client = requestListings(server)) {
            String line = log.await("ftp~test closed the session with 127.0.0.1: the client leaves ");
            Matcher unread = UNREAD.matcher(line);
            assertTrue(unread.find(), line);
            assertTrue(Integer.parseInt(unread.group(1)) < 100_000, line);
            await("the session has not ended", () -> server.server().connections() == 0);
            assertFalse(Files.exists(root.resolve("made")));
            assertTrue(client.reply().startsWith("213-"));
        }
    }

    @Test
    void waitingCommandsTakeLittleMemory() throws IOException {
        try (TestServer server = new TestServer(root, settings(Duration.ofMinutes(1)));
                FtpClient client = server.client().logIn();
                Socket data = client.passive()) {
            client.say("STOR a", 150);
            client.send(("SIZE " + "x".repeat(8000) + "\r\n").repeat(9).getBytes(StandardCharsets.US_ASCII));
            assertTrue(client.reply().startsWith("426"));
            assertEquals("421 Too many commands at once.", client.reply());
            assertTrue(data.isConnected());
        }
    }

    @Test
    void floodOfConnectionsLeavesNoSessionAndNoThread() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root, settings(Duration.ofMinutes(1)))) {
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            int port = (int) server.socket().port();
            List<Callable<Void>> all = Collections.nCopies(4, () -> {
                for (int i = 0; i < FLOOD / 4; i++) {
                    try (Socket socket = new Socket(loopback, port)) {
                        // Half of the connections end with a reset.
                        socket.setSoLinger(i % 2 == 0, 0);
                    } catch (SocketException e) {
                        // The server has closed the connection, and its message is unread.
                    }
                }
                return null;
            });
            for (Future<Void> each : clients.invokeAll(all)) {
                each.get();
            }
            // The queue of the kernel is in order: after this client the server accepts none of the flood.
            await("the flood is still in the queue", () -> isGreeted(server));
            await("sessions have not ended", () -> server.server().connections() == 0);
            assertEquals(
                    List.of("ftp~test-accept", "ftp~test-io"),
                    Thread.getAllStackTraces().keySet().stream()
                            .map(Thread::getName)
                            .filter(name -> name.startsWith("ftp~test"))
                            .sorted()
                            .toList());
            assertTrue(log.lines().size() < 5, () -> log.lines().toString());
            try (FtpClient client = server.client().logIn()) {
                client.say("NOOP", 200);
            }
        } finally {
            clients.shutdownNow();
        }
    }
}
