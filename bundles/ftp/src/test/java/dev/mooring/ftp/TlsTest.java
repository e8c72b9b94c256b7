package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.ftp.FtpSettings.Tls;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.TestCertificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // some resources are closed explicitly or not used
class TlsTest {

    @TempDir
    static Path certificates;

    @TempDir
    Path root;

    @BeforeAll
    static void make() throws Exception {
        TestCertificates.make(certificates, "one", "RSA");
        TestCertificates.make(certificates, "two", "EC");
    }

    @BeforeEach
    void fill() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
    }

    private static FtpSettings settings(Tls tls, String certificate, String key) {
        return settings(tls, certificate, key, false);
    }

    private static FtpSettings settings(Tls tls, String certificate, String key, boolean reuse) {
        FtpSettings s = FtpSettings.DEFAULT;
        return new FtpSettings(
                tls,
                certificates.resolve(certificate),
                certificates.resolve(key),
                reuse,
                true,
                "",
                "",
                s.idleTimeout(),
                Duration.ofSeconds(5),
                9,
                9,
                3);
    }

    private static FtpClient client(TestServer server) throws Exception {
        return new FtpClient(server.socket().localAddress(), TestCertificates.trusting());
    }

    @Test
    void controlAndDataConnectionsAreEncryptedOnDemand() throws Exception {
        byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        try (TestServer server = new TestServer(root, settings(Tls.ALLOWED, "one.pem", "one.key"));
                FtpClient client = client(server)) {
            assertTrue(client.say("FEAT").contains("\n AUTH TLS"));
            client.secure().logIn();
            assertEquals("abc", client.text("RETR f"));
            assertTrue(client.store("STOR g", content).startsWith("226"));
            assertArrayEquals(content, Files.readAllBytes(root.resolve("g")));
            assertArrayEquals(content, client.receive("RETR g"));
            assertTrue(client.text("MLSD").contains("; g\r\n"));
            client.say("CCC", 533);
            client.say("AUTH TLS", 503);
        }
    }

    @Test
    void uploadWithoutCloseNotifyLeavesTheOldFile() throws Exception {
        try (TestServer server = new TestServer(root, settings(Tls.ALLOWED, "one.pem", "one.key"));
                FtpClient client = client(server).secure().logIn();
                Socket plain = client.passive()) {
            client.say("STOR f", 150);
            SSLSocket data = (SSLSocket)
                    TestCertificates.trusting().getSocketFactory().createSocket(plain, "localhost", 1, false);
            data.getOutputStream().write("new".getBytes(StandardCharsets.US_ASCII));
            data.getOutputStream().flush();
            plain.shutdownOutput();

            String reply = client.reply();
            assertTrue(reply.startsWith("426") && reply.contains("cut off"), reply);
            assertEquals("abc", Files.readString(root.resolve("f")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void dataConnectionResumesTheSessionOfTheControlConnectionIfThatIsRequired(String version) throws Exception {
        try (TestServer server = new TestServer(root, settings(Tls.REQUIRED, "one.pem", "one.key", true));
                FtpClient client = new FtpClient(server.socket().localAddress(), TestCertificates.trusting(version))) {
            client.secure().logIn();
            assertEquals("abc", client.text("RETR f"));
            assertTrue(client.store("STOR g", new byte[] {'g'}).startsWith("226"));
            assertEquals("g", client.text("RETR g"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void dataConnectionOfAnotherClientIsRefusedIfReuseIsRequired(String version) throws Exception {
        try (TestServer server = new TestServer(root, settings(Tls.IMPLICIT, "two.pem", "two.key", true));
                FtpClient client = implicitClient(server, TestCertificates.trusting(version));
                FtpClient other = implicitClient(server, TestCertificates.trusting(version))) {
            client.logIn();
            other.logIn();
            assertRefused(client, "RETR f", TestCertificates.trusting(version));
            assertRefused(client, "STOR g", TestCertificates.trusting(version));
            assertRefused(client, "STOR g", other.tls());
            assertFalse(Files.exists(root.resolve("g")));
            assertEquals("abc", client.text("RETR f"));
        }
    }

    private static FtpClient implicitClient(TestServer server, SSLContext tls) throws Exception {
        return FtpClient.implicit(server.socket().localAddress(), tls);
    }

    /** Lets a stranger make the data connection, with a TLS session of its own. */
    private static void assertRefused(FtpClient victim, String command, SSLContext stranger) throws Exception {
        try (Socket data = victim.passive()) {
            victim.say(command, 150);
            assertEquals(-1, victim.wrap(data, stranger).getInputStream().read());
        } catch (IOException e) {
            // The server closes the connection.
        }
        assertEquals(
                "522 TLS of the data connection failed: it did not resume the TLS session of the control connection",
                victim.reply());
    }

    /** A socket that is closed with unread bytes is reset, and content that the kernel has not sent yet is lost. */
    @Test
    void uploadIsCompleteIfTheClientReadsNothing() throws Exception {
        byte[] content = new byte[8_000_000];
        try (TestServer server = new TestServer(root, settings(Tls.ALLOWED, "one.pem", "one.key"));
                FtpClient client = client(server).secure().logIn();
                Socket plain = client.passive()) {
            client.say("STOR g", 150);
            SSLSocket data = (SSLSocket) client.wrap(plain, client.tls());
            data.getOutputStream().write(content);
            assertEquals(0, plain.getInputStream().available());
            data.shutdownOutput();
            plain.close();
            String reply = client.reply();
            assertTrue(reply.startsWith("226"), reply);
            assertEquals(content.length, Files.size(root.resolve("g")));
        }
    }

    @Test
    void requiredTlsIsRequiredForControlAndDataConnections() throws Exception {
        try (TestServer server = new TestServer(root, settings(Tls.REQUIRED, "one.pem", "one.key"));
                FtpClient client = client(server)) {
            assertTrue(client.say("USER ada").startsWith("530 This server requires TLS"));
            client.secure().logIn();
            client.say("PROT C", 534);
            assertEquals("abc", client.text("RETR f"));
        }
    }

    @Test
    void commandsBeforeTheHandshakeAreDiscarded() throws Exception {
        try (TestServer server = new TestServer(root, settings(Tls.ALLOWED, "one.pem", "one.key"));
                Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), (int)
                        server.socket().port())) {
            socket.setSoTimeout(3000);
            byte[] buffer = new byte[1000];
            socket.getInputStream().read(buffer);
            socket.getOutputStream().write("AUTH TLS\r\nUSER ada\r\nPASS secret\r\nDELE f\r\n".getBytes());
            StringBuilder heard = new StringBuilder();
            try {
                for (int read = socket.getInputStream().read(buffer);
                        read > 0;
                        read = socket.getInputStream().read(buffer)) {
                    heard.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
                }
            } catch (IOException e) {
                // The server waits for the handshake or closes the connection.
            }
            assertTrue(heard.toString().startsWith("234"), heard.toString());
            assertTrue(!heard.toString().contains("331") && !heard.toString().contains("230"), heard.toString());
            assertTrue(Files.exists(root.resolve("f")));
        }
    }

    @Test
    void plainTextInsteadOfAHandshakeEndsTheConnectionQuietly() throws Exception {
        for (Tls tls : new Tls[] {Tls.ALLOWED, Tls.IMPLICIT}) {
            try (CapturedLog log = new CapturedLog();
                    TestServer server = new TestServer(root, settings(tls, "one.pem", "one.key"))) {
                for (int i = 0; i < 50; i++) {
                    sendUnencrypted((int) server.socket().port(), tls == Tls.ALLOWED, i);
                }
                server.close();
                assertTrue(log.lines().stream().allMatch(line -> line.startsWith("INFO")), () -> log.lines()
                        .toString());
                assertFalse(log.hasStackTrace());
            }
        }
        assertTrue(Files.exists(root.resolve("f")));
    }

    /** Sends plain commands in several writes instead of a handshake, until the server closes the connection. */
    private static void sendUnencrypted(int port, boolean auth, int pieces) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            socket.setSoTimeout(10_000);
            socket.setTcpNoDelay(true);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = socket.getOutputStream();
            byte[] commands = "USER ada\r\nPASS secret\r\nDELE f\r\n".getBytes(StandardCharsets.US_ASCII);
            if (auth) {
                in.readLine();
                out.write("AUTH TLS\r\n".getBytes(StandardCharsets.US_ASCII));
                for (int i = 0; i < pieces % 10; i++) {
                    out.write(commands);
                }
                assertTrue(in.readLine().startsWith("234"));
            }
            for (int i = 0; i <= pieces; i++) {
                out.write(commands);
            }
            while (in.read() >= 0) {
                // An alert may precede the end.
            }
        } catch (SocketException e) {
            // The connection is reset if the server has not read everything.
        }
    }

    @Test
    void implicitTlsStartsWithTheFirstByte() throws Exception {
        try (TestServer server = new TestServer(root, settings(Tls.IMPLICIT, "two.pem", "two.key"));
                SSLSocket socket = (SSLSocket) TestCertificates.trusting()
                        .getSocketFactory()
                        .createSocket(InetAddress.getByName("127.0.0.1"), (int)
                                server.socket().port())) {
            byte[] greeting = socket.getInputStream().readNBytes(4);
            assertEquals("220 ", new String(greeting, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void certificateIsReadAgainWhenItChanges() throws Exception {
        Path certificate = certificates.resolve("changing.pem");
        Path key = certificates.resolve("changing.key");
        Files.copy(certificates.resolve("one.pem"), certificate);
        Files.copy(certificates.resolve("one.key"), key);
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root, settings(Tls.IMPLICIT, "changing.pem", "changing.key"))) {
            assertEquals("CN=one", TestCertificates.subject(server.socket().localAddress()));
            Files.copy(certificates.resolve("two.pem"), certificate, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(certificate, FileTime.from(Instant.now().plusSeconds(5)));
            TestCertificates.awaitSubject(
                    server.socket().localAddress(),
                    "CN=one",
                    log,
                    "keeps the certificate that it had: the key in " + key);
            Files.copy(certificates.resolve("two.key"), key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            TestCertificates.awaitSubject(
                    server.socket().localAddress(),
                    "CN=two",
                    log,
                    "has read the certificate " + certificate + " again");
        }
    }

    @Test
    void invalidFilesAreReportedAndNothingIsServed() throws Exception {
        Files.writeString(certificates.resolve("empty.pem"), "");
        Files.writeString(
                certificates.resolve("encrypted.key"), TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[] {1}));
        String[][] cases = {
            {"none.pem", "one.key", "there is no file"},
            {"one.pem", "none.key", "there is no file"},
            {"one.pem", "empty.pem", "has no key in it; it should have a part BEGIN PRIVATE KEY"},
            {"empty.pem", "one.key", "has no certificate in it"},
            {"one.pem", "two.key", "is no RSA key, as the certificate in"},
            {"one.pem", "encrypted.key", "is encrypted; decrypt it with 'openssl pkey'"},
        };
        for (String[] each : cases) {
            try (CapturedLog log = new CapturedLog();
                    TestServer server = new TestServer(root, settings(Tls.ALLOWED, each[0], each[1]))) {
                if (each != cases[0]) { // else it is logged a moment later
                    SocketChannel.open(server.socket().localAddress()).close();
                }
                assertTrue(log.await("ftp~test cannot serve on fd 3").contains(each[2]), () -> log.lines()
                        .toString());
            }
        }
    }
}
