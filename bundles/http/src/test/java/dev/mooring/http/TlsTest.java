package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import dev.mooring.protocol.TestCertificates;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TlsTest {

    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;

    @TempDir
    static Path certificates;

    @TempDir
    Path root;

    @BeforeAll
    static void makeCertificates() throws Exception {
        TestCertificates.make(certificates, "one", "RSA");
        TestCertificates.make(certificates, "two", "EC");
        TestCertificates.make(certificates, "client", "EC");
    }

    @BeforeEach
    void fill() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");
    }

    private static HttpSettings settings(String certificate, String key, @Nullable String clientCa) {
        return HttpSettings.builder()
                .tls(new Tls(
                        certificates.resolve(certificate),
                        certificates.resolve(key),
                        clientCa == null ? null : certificates.resolve(clientCa)))
                .build();
    }

    private TestServer serve(String name) throws IOException {
        return new TestServer(root, settings(name + ".pem", name + ".key", null));
    }

    private static SSLSocket connect(TestServer server, SSLContext context) throws IOException {
        return (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getByName("127.0.0.1"), (int) server.port());
    }

    private static String get(SSLSocket connection, String path) throws IOException {
        connection
                .getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return Client.read(connection.getInputStream(), false).text();
    }

    private static <T> HttpResponse<T> send(
            TestServer server,
            HttpClient.Version version,
            String path,
            HttpResponse.BodyHandler<T> body,
            String... headers)
            throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .version(version)
                .sslContext(TestCertificates.trusting())
                .build();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), body);
    }

    @ParameterizedTest
    @EnumSource
    void clientGetsTheVersionThatItPrefers(HttpClient.Version version) throws Exception {
        byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        Files.write(root.resolve("big"), content);
        TestServer.write(root.resolve("directory/a b#c%d;é"), "odd");
        try (TestServer server = serve("one")) {
            HttpResponse<String> hello = send(server, version, "/hello.txt", BodyHandlers.ofString());
            assertEquals("hello", hello.body());
            assertEquals(version, hello.version());
            assertArrayEquals(
                    content,
                    send(server, version, "/big", BodyHandlers.ofByteArray()).body());
            assertEquals(
                    "odd",
                    send(server, version, "/directory/a%20b%23c%25d;%C3%A9", BodyHandlers.ofString())
                            .body());
            HttpResponse<String> part =
                    send(server, version, "/hello.txt", BodyHandlers.ofString(), "Range", "bytes=1-2");
            assertEquals(206, part.statusCode());
            assertEquals("el", part.body());
            assertTrue(
                    send(server, version, "/", BodyHandlers.ofString()).body().contains("hello.txt"));
            assertEquals(
                    200,
                    send(server, version, "/?download=zip", BodyHandlers.ofByteArray())
                            .statusCode());
            assertEquals(
                    404, send(server, version, "/none", BodyHandlers.ofString()).statusCode());
        }
    }

    @Test
    void changedCertificateIsReadAgainAndConnectionsContinue() throws Exception {
        Path certificate = certificates.resolve("changing.pem");
        Path key = certificates.resolve("changing.key");
        Files.copy(certificates.resolve("one.pem"), certificate);
        Files.copy(certificates.resolve("one.key"), key);
        try (CapturedLog log = new CapturedLog();
                TestServer server = serve("changing");
                SSLSocket connection = connect(server, TestCertificates.trusting())) {
            assertEquals("hello", get(connection, "/hello.txt"));
            Files.copy(certificates.resolve("two.pem"), certificate, StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(certificate, FileTime.from(Instant.now().plusSeconds(5)));
            TestCertificates.awaitSubject(
                    server.address(), "CN=one", log, "keeps the certificate that it had: the key in " + key);
            Files.copy(certificates.resolve("two.key"), key, StandardCopyOption.REPLACE_EXISTING);
            TestCertificates.awaitSubject(
                    server.address(), "CN=two", log, "has read the certificate " + certificate + " again");
            assertEquals("hello", get(connection, "/hello.txt"));
            assertEquals(
                    1,
                    log.lines().stream().filter(line -> line.contains("keeps")).count());
            assertFalse(log.hasStackTrace());
        }
    }

    @Test
    void clientWithoutACertificateOfTheAuthorityIsRefused() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root, settings("one.pem", "one.key", "client.pem"))) {
            try (SSLSocket connection = connect(server, TestCertificates.trusting(certificates, "client"))) {
                assertEquals("hello", get(connection, "/hello.txt"));
            }
            for (SSLContext stranger :
                    List.of(TestCertificates.trusting(), TestCertificates.trusting(certificates, "two"))) {
                try (SSLSocket connection = connect(server, stranger)) {
                    assertThrows(IOException.class, () -> get(connection, "/hello.txt"));
                }
            }
            assertFalse(log.hasStackTrace(), () -> log.lines().toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2", "TLSv1.3"})
    void sessionIsResumed(String version) throws Exception {
        SSLContext context = TestCertificates.trusting();
        try (TestServer server = serve("one")) {
            SSLSession first = session(server, context, version);
            SSLSession second = session(server, context, version);
            assertEquals(first.getCreationTime(), second.getCreationTime());
            assertTrue(first.getCreationTime()
                    != session(server, TestCertificates.trusting(), version).getCreationTime());
        }
    }

    private static SSLSession session(TestServer server, SSLContext context, String version) throws IOException {
        try (SSLSocket connection = connect(server, context)) {
            connection.setEnabledProtocols(new String[] {version});
            get(connection, "/hello.txt");
            return connection.getSession();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, false",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, false",
        "TLS_RSA_WITH_AES_128_GCM_SHA256, false"
    })
    void onlyCurrentCiphersAreAccepted(String cipher, boolean accepted) throws Exception {
        try (TestServer server = serve("one");
                SSLSocket connection = connect(server, TestCertificates.trusting())) {
            connection.setEnabledProtocols(new String[] {"TLSv1.2"});
            connection.setEnabledCipherSuites(new String[] {cipher});
            if (accepted) {
                assertEquals("hello", get(connection, "/hello.txt"));
            } else {
                assertThrows(SSLException.class, connection::startHandshake);
            }
        }
    }

    @Test
    void plainHttpIsAnsweredWithAHint() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = serve("one")) {
            Client.Answer answer = server.client().get("/hello.txt");
            assertEquals(400, answer.status());
            assertEquals("Use HTTPS on this port.\n", answer.text());
            assertEquals(1, log.lines().size(), () -> log.lines().toString());
        }
    }

    private static DataInputStream startHttp2(SSLSocket connection) throws IOException {
        SSLParameters parameters = connection.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        connection.setSSLParameters(parameters);
        connection.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        // SETTINGS, with the largest window
        connection.getOutputStream().write(HexFormat.of().parseHex("000006040000000000" + "00047fffffff"));
        return new DataInputStream(connection.getInputStream());
    }

    /** RFC 9113 section 6.8. */
    @Test
    void closedServerSendsGoawayOverHttp2() throws Exception {
        TestServer server = serve("one");
        try (SSLSocket connection = connect(server, TestCertificates.trusting())) {
            DataInputStream in = startHttp2(connection);
            for (int settings = 0; settings < 2; ) { // the server's own, and the acknowledgement of ours
                settings += frame(in) == SETTINGS ? 1 : 0;
            }
            server.close();
            int last = -1;
            for (int type = frame(in); type >= 0; type = frame(in)) {
                last = type;
            }
            assertEquals(GOAWAY, last);
        } finally {
            server.close();
        }
    }

    /** Reads the next frame and returns its type; -1 at the end. */
    private static int frame(DataInputStream in) throws IOException {
        try {
            int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
            int type = in.readUnsignedByte();
            in.readNBytes(1 + Integer.BYTES + length);
            return type;
        } catch (EOFException e) {
            return -1;
        }
    }

    @Test
    void invalidFilesAreReportedAndTheSocketStaysOpen() throws Exception {
        Files.writeString(certificates.resolve("empty.pem"), "");
        Files.writeString(certificates.resolve("garbage.pem"), TestCertificates.pem("CERTIFICATE", new byte[] {1}));
        Files.writeString(
                certificates.resolve("encrypted.key"), TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[] {1}));
        String[][] cases = {
            {"none.pem", "one.key", null, "there is no file %s/none.pem; set tls.certificate to a PEM file"},
            {"one.pem", "none.key", null, "there is no file %s/none.key; set tls.key to a PEM file"},
            {"one.pem", "one.key", "none.pem", "there is no file %s/none.pem; set tls.client.ca to a PEM file"},
            {"empty.pem", "one.key", null, "%s/empty.pem has no certificate in it; it should have a part BEGIN"},
            {"garbage.pem", "one.key", null, "the certificate in %s/garbage.pem cannot be read"},
            {"one.pem", "one.key", "empty.pem", "%s/empty.pem has no certificate in it; it should have a part BEGIN"},
            {"one.pem", "empty.pem", null, "%s/empty.pem has no key in it; it should have a part BEGIN PRIVATE KEY"},
            {"two.pem", "client.key", null, "the key in %s/client.key is not that of the certificate CN=two in %s/two"},
            {"one.pem", "encrypted.key", null, "the key in %s/encrypted.key is encrypted; decrypt it with"},
        };
        for (String[] each : cases) {
            try (CapturedLog log = new CapturedLog();
                    ListeningSocket socket = ListeningSocket.inet("http");
                    HttpServer server = new HttpServer(
                            "http~test", new DirectoryShare(root), settings(each[0], each[1], each[2]))) {
                server.add(socket);
                server.start();
                if (each[2] == null) { // otherwise the server reports the problem without a client, a moment later
                    SocketChannel.open(socket.localAddress()).close();
                }
                String line = log.await("http~test cannot serve on fd 3 (socket 'http'): ");
                assertTrue(line.contains(each[3].replace("%s", certificates.toString())), line);
                assertTrue(socket.isOpen());
                assertFalse(log.hasStackTrace());
            }
        }
    }

    @Test
    void expiredCertificateAndReadableKeyCauseWarnings() throws Exception {
        TestCertificates.make(certificates, "old", "EC", "-startdate", "-9d", "-validity", "2");
        Path open = Files.copy(certificates.resolve("two.key"), certificates.resolve("open.key"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        try (CapturedLog log = new CapturedLog();
                TestServer old = serve("old");
                TestServer readable = new TestServer(root, settings("two.pem", "open.key", null))) {
            assertEquals("CN=old", TestCertificates.subject(old.address()));
            assertTrue(log.await("clients will refuse the certificate " + certificates.resolve("old.pem"))
                    .contains("put a new one in its place"));
            assertEquals("CN=two", TestCertificates.subject(readable.address()));
            log.await("everybody can read the key " + open + "; take that away with chmod o= " + open);
        }
    }
}
