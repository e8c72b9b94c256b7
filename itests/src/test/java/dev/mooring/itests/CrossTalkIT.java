package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Malformed requests on some connections do not disturb other connections: each client receives the answers to its own requests. */
@Timeout(4000)
class CrossTalkIT {

    /** In the long form the clients ask for an hour instead. */
    private static final int REQUESTS = Form.choose(8_000, Integer.MAX_VALUE);

    private static final int REQUESTS_OVER_TLS = Form.choose(2_000, Integer.MAX_VALUE);
    private static final int MAX_SECONDS = 3600;
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final List<String> MALFORMED = List.of("/\0", "/%00", "/\tx");

    private final Variant variant;

    CrossTalkIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private ActivatedProcess mooring;
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final LongAdder answers = new LongAdder();
    private volatile boolean over;

    @AfterEach
    void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("already released"), mooring.output());
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    /** Sends a request target and receives the status and the body of the answer. */
    private interface Connection extends AutoCloseable {
        Answer get(String target) throws IOException, InterruptedException;

        @Override
        void close() throws IOException;
    }

    private interface Opener {
        Connection open() throws IOException;
    }

    private record Answer(int status, String body) {}

    @OneRuntime
    void clientsOfHttpReceiveTheirOwnAnswers() throws Exception {
        start();
        int port = mooring.port("http");
        clientsReceiveTheirOwnAnswers(REQUESTS, () -> new Http1(SocketFactory.getDefault(), port), MALFORMED);
    }

    @OneRuntime
    void clientsOfHttpsReceiveTheirOwnAnswers() throws Exception {
        start();
        SSLContext tls = trusting();
        int port = mooring.port("https");
        clientsReceiveTheirOwnAnswers(REQUESTS_OVER_TLS, () -> new Http1(tls.getSocketFactory(), port), MALFORMED);
    }

    @OneRuntime
    void clientsOfHttp2ReceiveTheirOwnAnswers() throws Exception {
        start();
        SSLContext tls = trusting();
        int port = mooring.port("https");
        clientsReceiveTheirOwnAnswers(REQUESTS_OVER_TLS, () -> new Http2(tls, port), List.of("/%00", "/%ff"));
    }

    private void start() throws Exception {
        Path files = Files.createDirectories(directory.resolve("files"));
        for (int i = 0; i < 3; i++) {
            Files.writeString(files.resolve(i + ".txt"), "content of " + i + "\n");
        }
        Tool.of("openssl", "openssl")
                .run(
                        directory,
                        ("req -x509 -subj /CN=localhost -days 1 -newkey rsa:2048 -nodes -out c.pem -keyout k.pem")
                                .split(" "));
        mooring = new Distribution(directory, variant)
                .serving(files)
                .configure(
                        "dev.mooring.http-secure.cfg",
                        "sockets.target = (socket.name=https)",
                        "tls.certificate = " + directory.resolve("c.pem"),
                        "tls.key = " + directory.resolve("k.pem"))
                .start("http=tcp4", "https=tcp4");
    }

    /** Three clients ask for files while others send malformed targets or ask for files that do not exist. */
    private void clientsReceiveTheirOwnAnswers(int requestsEach, Opener opener, List<String> malformed)
            throws InterruptedException {
        CountDownLatch finished = new CountDownLatch(3);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String target = "/" + i + ".txt";
            String content = "content of " + i + "\n";
            clients.add(new Thread(() -> {
                ask(opener, requestsEach, target, content);
                finished.countDown();
            }));
        }
        for (int i = 0; i < 3; i++) {
            int seed = i;
            clients.add(new Thread(() -> sendMalformed(opener, malformed, new Random(seed))));
            clients.add(new Thread(() -> ask(opener, Integer.MAX_VALUE, "/missing-" + seed, null)));
        }
        clients.forEach(Thread::start);
        boolean inTime = finished.await(MAX_SECONDS, TimeUnit.SECONDS);
        over = true;
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(List.of(), wrong.stream().limit(5).toList(), wrong.size() + " wrong answers");
        assertTrue(inTime || REQUESTS == Integer.MAX_VALUE, "The clients did not finish");
        System.out.println("cross-talk: " + answers.sum() + " answers, none wrong");
    }

    /** Expects the content, or 404 if it is {@code null}, each time, over one connection. */
    private void ask(Opener opener, int times, String target, String content) {
        try (Connection connection = opener.open()) {
            for (int i = 0; i < times && !over && wrong.isEmpty(); i++) {
                Answer answer = connection.get(target);
                answers.increment();
                if (answer.status() != (content == null ? 404 : 200)
                        || content != null && !content.equals(answer.body())) {
                    wrong.add(target + ": " + answer);
                }
            }
        } catch (IOException | InterruptedException e) {
            wrong.add(target + ": " + e);
        }
    }

    /** Expects 400 or the end of the connection. */
    private void sendMalformed(Opener opener, List<String> targets, Random random) {
        while (!over && wrong.isEmpty()) {
            try (Connection connection = opener.open()) {
                Answer answer = connection.get(targets.get(random.nextInt(targets.size())));
                if (answer.status() != 400) {
                    wrong.add("malformed: " + answer);
                }
            } catch (IOException e) {
                // The server may end such a connection at any time.
                continue;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class Http1 implements Connection {
        private final Socket socket;
        private final InputStream in;

        Http1(SocketFactory factory, int port) throws IOException {
            socket = factory.createSocket("127.0.0.1", port);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        }

        @Override
        public Answer get(String target) throws IOException {
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            String status = line();
            if (!status.startsWith("HTTP/1.1 ")) {
                return new Answer(0, status);
            }
            int length = -1;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.toLowerCase().startsWith("content-length:")) {
                    length = Integer.parseInt(header.substring(15).strip());
                }
            }
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            return in.available() > 0
                    ? new Answer(0, "more than one answer")
                    : new Answer(Integer.parseInt(status.substring(9, 12)), body);
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException("closed after '" + line + "'");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class Http2 implements Connection {
        private final HttpClient client;
        private final int port;

        Http2(SSLContext tls, int port) {
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_2)
                    .sslContext(tls)
                    .build();
            this.port = port;
        }

        @Override
        public Answer get(String target) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + target))
                    .timeout(Duration.ofMillis(TIMEOUT_MILLIS))
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return response.version() == HttpClient.Version.HTTP_2
                    ? new Answer(response.statusCode(), response.body())
                    : new Answer(0, "not HTTP/2");
        }

        @Override
        public void close() {
            // The client closes its connection when it is garbage-collected.
        }
    }

    /** Accepts any certificate of any name. */
    static SSLContext trusting() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {
                    new X509ExtendedTrustManager() {
                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public X509Certificate[] getAcceptedIssuers() {
                            return new X509Certificate[0];
                        }
                    }
                },
                null);
        return context;
    }
}
