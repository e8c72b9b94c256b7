package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.activation.NamedSocket;
import dev.mooring.http.Client.Answer;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import dev.mooring.share.OpenFile;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpServerTest {

    @TempDir
    Path root;

    private HttpServer server;

    @BeforeEach
    void makeServer() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");
        server = new HttpServer("http~test", new DirectoryShare(root), HttpSettings.DEFAULT);
    }

    @AfterEach
    void closeServer() {
        server.close();
    }

    private static String hello(NamedSocket socket) throws IOException {
        return new Client(socket.localAddress()).get("/hello.txt").text();
    }

    @Test
    void ipv4Ipv6AndUnixSocketsAreServedAtOnce(@TempDir Path directory) throws IOException {
        try (ListeningSocket inet = ListeningSocket.inet("http");
                ListeningSocket inet6 = ListeningSocket.inet6("http");
                ListeningSocket unix = ListeningSocket.unix("http", directory.resolve("socket"))) {
            List.of(inet, inet6, unix).forEach(server::add);
            server.start();

            for (NamedSocket socket : List.of(inet, inet6, unix)) {
                assertEquals("hello", hello(socket), socket.family().toString());
            }
        }
    }

    @Test
    void eachServedSocketIsLoggedOnce() throws IOException {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket inet = ListeningSocket.inet("http")) {
            server.add(inet);
            server.add(inet);
            server.start();

            assertEquals(
                    List.of("INFO http~test serves share 'default' on http://127.0.0.1:" + inet.port() + "/ (fd 3)"),
                    log.lines());
        }
    }

    @Test
    void socketThatIsAddedLaterIsServed() throws IOException {
        try (ListeningSocket late = ListeningSocket.inet("http")) {
            server.start();

            server.add(late);

            assertEquals("hello", hello(late));
        }
    }

    @Test
    void removedSocketIsClosedAndItsConnectionsContinue() throws IOException {
        try (ListeningSocket inet = ListeningSocket.inet("http")) {
            server.add(inet);
            server.start();
            Client client = new Client(inet.localAddress());
            try (SocketChannel connection = client.connect("GET /hello.txt HTTP/1.1\r\nHost: test\r\n\r\n")) {
                InputStream in = Channels.newInputStream(connection);
                assertEquals("hello", Client.read(in, false).text());

                server.remove(inet);

                assertFalse(inet.isOpen());
                assertThrows(IOException.class, () -> hello(inet));
                connection.write(ByteBuffer.wrap("GET /hello.txt HTTP/1.1\r\nHost: test\r\n\r\n".getBytes()));
                assertEquals("hello", Client.read(in, false).text());
            }
        }
    }

    @Test
    void closedServerHasReleasedEverything() throws IOException, InterruptedException {
        try (ListeningSocket inet = ListeningSocket.inet("http")) {
            server.add(inet);
            server.start();
            Client client = new Client(inet.localAddress());
            try (SocketChannel connection = client.connect("GET /hello.txt HTTP/1.1\r\nHost: test\r\n\r\n")) {
                InputStream in = Channels.newInputStream(connection);
                Client.read(in, false);

                server.close();

                assertFalse(inet.isOpen());
                assertEquals(-1, in.read());
                for (Thread thread : Thread.getAllStackTraces().keySet()) {
                    if (thread.getName().startsWith("http~test")) {
                        thread.join(60_000); // it may be about to end
                        assertFalse(thread.isAlive(), thread.getName());
                    }
                }
                assertThrows(IllegalStateException.class, () -> server.add(inet));
            }
        }
    }

    @Test
    void socketThatCannotBeServedIsReportedAndTheOthersAreServed() throws IOException {
        NamedSocket datagram = fake(NamedSocket.Type.DATAGRAM, false);
        NamedSocket connected = fake(NamedSocket.Type.STREAM, false);
        try (CapturedLog log = new CapturedLog();
                ListeningSocket inet = ListeningSocket.inet("http")) {
            List.of(datagram, connected, inet).forEach(server::add);
            server.start();

            assertEquals("hello", hello(inet));
            assertEquals(
                    "SEVERE http~test cannot serve on fd 4444 (socket 'http'): it is a datagram socket, not a listening"
                            + " stream socket; set ListenStream= and Accept=no in its .socket unit",
                    log.await("datagram"));
            log.await("it is a connected stream socket");
        }
    }

    private static NamedSocket fake(NamedSocket.Type type, boolean listening) {
        return (NamedSocket) Proxy.newProxyInstance(
                NamedSocket.class.getClassLoader(), new Class<?>[] {NamedSocket.class}, (proxy, method, arguments) -> {
                    return switch (method.getName()) {
                        case "descriptor" -> 4444;
                        case "name" -> "http";
                        case "family" -> NamedSocket.Family.INET;
                        case "type" -> type;
                        case "listening" -> listening;
                        case "hashCode" -> System.identityHashCode(proxy);
                        case "equals" -> proxy == arguments[0];
                        default -> throw new UnsupportedOperationException(method.toString());
                    };
                });
    }

    @Test
    void requestWithoutHostIsServedOnUnixSockets(@TempDir Path directory) throws IOException {
        try (ListeningSocket unix = ListeningSocket.unix("http", directory.resolve("socket"))) {
            server.add(unix);
            server.start();

            Answer answer = new Client(unix.localAddress()).sendRaw("GET /hello.txt HTTP/1.0\r\n\r\n", false);

            assertEquals("hello", answer.text());
        }
    }

    @Test
    void serverDoesNotRevealItsSoftware() throws IOException {
        try (TestServer running = new TestServer(root)) {
            for (String target : List.of("/hello.txt", "/nothing", "/%zz")) {
                Answer answer = running.client().get(target);

                assertFalse(answer.headers().containsKey("Server"), target);
                assertFalse(answer.headers().containsKey("X-Powered-By"), target);
                assertFalse(answer.text().toLowerCase().contains("jetty"), target);
            }
        }
    }

    @Test
    void oneConnectionServesManyRequests() throws IOException {
        try (TestServer running = new TestServer(root);
                SocketChannel connection = running.client().connect("")) {
            InputStream in = Channels.newInputStream(connection);
            for (int i = 0; i < 100; i++) {
                connection.write(ByteBuffer.wrap("GET /hello.txt HTTP/1.1\r\nHost: test\r\n\r\n".getBytes()));
                assertEquals("hello", Client.read(in, false).text());
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        TestServer.write(root.resolve("other.txt"), "other");
        try (TestServer running = new TestServer(root)) {
            String request = "GET /hello.txt HTTP/1.1\r\nHost: test\r\n\r\n";
            String other = "GET /other.txt HTTP/1.1\r\nHost: test\r\n\r\n";
            try (SocketChannel connection = running.client().connect(request + other + request)) {
                InputStream in = Channels.newInputStream(connection);
                assertEquals("hello", Client.read(in, false).text());
                assertEquals("other", Client.read(in, false).text());
                assertEquals("hello", Client.read(in, false).text());
            }
        }
    }

    private Path sparse(String name, long size) throws IOException {
        Path file = root.resolve(name);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
        }
        return TestServer.settle(file);
    }

    @Test
    void clientsThatDoNotReadOccupyNoThreads() throws IOException {
        sparse("big", 64L << 20);
        List<SocketChannel> stalled = new ArrayList<>();
        try (TestServer running = new TestServer(root)) {
            for (int i = 0; i < 250; i++) {
                stalled.add(running.client().connect("GET /big HTTP/1.1\r\nHost: test\r\n\r\n"));
            }
            for (SocketChannel connection : stalled) {
                connection.read(ByteBuffer.allocate(1000));
            }

            Answer answer = assertTimeoutPreemptively(
                    Duration.ofSeconds(60), () -> running.client().get("/hello.txt"));

            assertEquals("hello", answer.text());
            long threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("http~test"))
                    .count();
            assertTrue(threads < 100, threads + " threads for 250 connections");
        } finally {
            for (SocketChannel connection : stalled) {
                connection.close();
            }
        }
    }

    @Test
    void stalledConnectionAndItsFileAreClosedAfterTheIdleTimeout() throws Exception {
        sparse("big", 64L << 20);
        CountDownLatch closed = new CountDownLatch(1);
        DirectoryShare share = new DirectoryShare(root) {
            @Override
            public OpenFile open(SharePath path) throws IOException {
                return ClosedFile.watch(super.open(path), closed);
            }
        };
        try (TestServer running = new TestServer(
                        share,
                        HttpSettings.builder()
                                .idleTimeout(Duration.ofSeconds(1))
                                .build());
                CapturedLog log = new CapturedLog();
                SocketChannel connection = running.client().connect("GET /big HTTP/1.1\r\nHost: test\r\n\r\n")) {
            InputStream in = Channels.newInputStream(connection);
            assertEquals('H', in.read());

            assertTrue(closed.await(60, TimeUnit.SECONDS));

            assertFalse(Client.read(in, false).complete());
            assertFalse(log.hasStackTrace());
        }
    }

    @Test
    void idleConnectionIsClosedAfterTheIdleTimeout() throws IOException {
        try (TestServer running = new TestServer(
                        root,
                        HttpSettings.builder()
                                .idleTimeout(Duration.ofSeconds(1))
                                .build());
                SocketChannel connection = running.client().connect("")) {
            assertEquals(-1, Channels.newInputStream(connection).read());
        }
    }

    @Test
    void transferWithProgressMayTakeLongerThanTheIdleTimeout() throws Exception {
        sparse("big", 16L << 20);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (TestServer running = new TestServer(
                        root,
                        HttpSettings.builder()
                                .idleTimeout(Duration.ofSeconds(3))
                                .build());
                Socket connection = new Socket()) {
            connection.setReceiveBufferSize(65536);
            connection.connect(running.client().address());
            connection.getOutputStream().write("GET /big HTTP/1.1\r\nHost: test\r\n\r\n".getBytes());
            InputStream in = connection.getInputStream();
            byte[] piece = new byte[1 << 20];
            long[] total = {0};
            var reading = clock.scheduleAtFixedRate(
                    () -> {
                        try {
                            total[0] += Math.max(0, in.readNBytes(piece, 0, piece.length));
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                        if (total[0] >= 16L << 20) {
                            clock.shutdown();
                        }
                    },
                    0,
                    250,
                    TimeUnit.MILLISECONDS);

            assertTrue(clock.awaitTermination(60, TimeUnit.SECONDS), () -> total[0] + " bytes");
            assertTrue(reading.isDone());
            assertEquals(16L << 20, total[0] & -1L << 20);
        } finally {
            clock.shutdownNow();
        }
    }

    @Test
    void fileThatIsTruncatedWhileItIsSentAbortsTheConnection() throws IOException {
        Path file = sparse("big", 64L << 20);
        try (CapturedLog log = new CapturedLog();
                TestServer running = new TestServer(root);
                SocketChannel connection = running.client().connect("GET /big HTTP/1.1\r\nHost: test\r\n\r\n")) {
            InputStream in = Channels.newInputStream(connection);
            assertEquals('H', in.read());
            Files.write(file, new byte[10]);

            Answer answer = Client.read(in, false);

            assertFalse(answer.complete());
            assertTrue(log.await("aborted").contains("/big was truncated while it was sent"));
            assertFalse(log.hasStackTrace());
        }
    }

    @Test
    void fileThatIsDeletedWhileItIsSentArrivesWhole() throws IOException {
        Path file = sparse("big", 16L << 20);
        try (TestServer running = new TestServer(root);
                SocketChannel connection = running.client().connect("GET /big HTTP/1.1\r\nHost: test\r\n\r\n")) {
            InputStream in = Channels.newInputStream(connection);
            assertEquals('H', in.read());
            Files.delete(file);

            assertEquals(16 << 20, Client.read(in, false).body().length);
        }
    }
}
