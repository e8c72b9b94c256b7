package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // some resources are closed explicitly or not used
class SessionTest {

    @TempDir
    Path root;

    private static final FtpSettings SETTINGS = TransferTest.settings(Duration.ofSeconds(2));

    @Test
    void commandsWithoutALoginAreRefused() throws IOException {
        try (TestServer server = new TestServer(root, SETTINGS);
                FtpClient client = server.client()) {
            for (String command :
                    new String[] {"PWD", "LIST", "EPSV", "RETR a", "STOR a", "SITE CHMOD 777 a", "PORT 1"}) {
                client.say(command, 530);
            }
            client.say("PASS secret", 503);
            client.say("NONSENSE", 502);
            client.say("USER ada", 331);
            client.say("PASS wrong", 530);
            client.say("USER nobody", 331);
            client.say("PASS secret", 530);
            assertTrue(client.reply().startsWith("421"));
            assertEquals("", client.reply());
        }
    }

    @Test
    void limitedAddressGetsTheTimeToRetry() throws IOException {
        try (TestServer server = new TestServer(root, SETTINGS);
                FtpClient client = server.client()) {
            client.say("USER eve", 331);
            assertEquals(
                    "421 Too many logins from your address failed or are under way; try again in 7 s.",
                    client.say("PASS secret"));
        }
    }

    @Test
    void anonymousReadsAndNeverWrites() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        try (TestServer server = new TestServer(root, SETTINGS);
                FtpClient client = server.client()) {
            client.say("USER anonymous", 331);
            client.say("PASS me@", 230);
            assertEquals("abc", client.text("RETR f"));
            for (String command :
                    new String[] {"STOR f", "APPE f", "DELE f", "MKD d", "SITE CHMOD 600 f", "MFMT 20200102030405 f"}) {
                client.say(command, 550);
            }
            client.say("RNFR f", 350);
            client.say("RNTO g", 550);
        }
        try (TestServer server = new TestServer(root);
                FtpClient client = server.client()) {
            client.say("USER anonymous", 331);
            client.say("PASS me@", 530);
        }
    }

    @Test
    void readOnlyAccountReads() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        try (TestServer server = new TestServer(root);
                FtpClient client = server.client()) {
            client.say("USER bob", 331);
            client.say("PASS secret", 230);
            assertEquals("abc", client.text("RETR f"));
            client.say("STOR f", 550);
        }
    }

    @Test
    void connectionAboveTheLimitIsRefused() throws IOException {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root, SETTINGS);
                FtpClient one = server.client().logIn();
                FtpClient two = server.client().logIn();
                FtpClient three = server.client().logIn()) {
            try (Socket four = new Socket(
                    InetAddress.getByName("127.0.0.1"), (int) server.socket().port())) {
                String reply = new String(four.getInputStream().readAllBytes());
                assertEquals(
                        "421 Try again later: there are 3 connections from this address, which is the limit.\r\n",
                        reply);
            }
            log.await("refuses connections: there are 3 connections from this address, which is the limit");
            one.say("NOOP", 200);
            two.say("NOOP", 200);
            three.close();
        }
    }

    @Test
    void idleSessionIsDismissed() throws IOException {
        FtpSettings s = SETTINGS;
        FtpSettings shortIdle = new FtpSettings(
                s.tls(), null, null, false, false, "", "", Duration.ofSeconds(1), s.dataTimeout(), 9, 9, 3);
        try (TestServer server = new TestServer(root, shortIdle);
                FtpClient client = server.client().logIn()) {
            assertEquals("421 Idle for too long; closing.", client.reply());
            assertEquals("", client.reply());
        }
    }

    @Test
    void clientThatSendsButDoesNotLogInIsDismissed() throws Exception {
        try (TestServer server = new TestServer(root, SETTINGS, Duration.ofSeconds(2));
                FtpClient dripping = server.client();
                FtpClient renewing = server.client().logIn()) {
            // Neither incomplete commands nor REIN without a login begin the time again.
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (server.server().connections() == 2) {
                assertTrue(System.nanoTime() < deadline, "the client has not been dismissed");
                drip(dripping);
                Thread.sleep(50);
            }
            renewing.say("NOOP", 200);
            renewing.say("REIN", 220);
            renewing.logIn().say("REIN", 220);
            String reply = renewing.say("REIN");
            while (reply.startsWith("220")) {
                Thread.sleep(50);
                reply = renewing.say("REIN");
            }
            assertEquals("421 No login for 2 s; closing.", reply);
        }
    }

    private static void drip(FtpClient client) {
        try {
            client.send(new byte[] {'x'});
        } catch (IOException e) {
            // The server has just closed the connection.
        }
    }

    @Test
    void closeDismissesEverySessionAndEndsEveryThread() throws Exception {
        TestServer server = new TestServer(root, SETTINGS);
        FtpClient idle = server.client().logIn();
        FtpClient busy = server.client().logIn();
        Socket data = busy.passive();
        busy.say("STOR a", 150);

        server.close();

        assertTrue(idle.reply().startsWith("421 The server is stopping"));
        assertEquals("", idle.reply());
        assertTrue(busy.reply().startsWith("42"));
        assertEquals(-1, data.getInputStream().read());
        assertFalse(server.socket().isOpen());
        assertFalse(Files.exists(root.resolve("a")));
        for (Thread thread : threads()) {
            thread.join(Duration.ofSeconds(10).toMillis());
        }
        assertEquals(List.of(), threads());
        data.close();
        idle.close();
        busy.close();
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("ftp~test"))
                .toList();
    }

    @Test
    void socketsComeAndGoWhileSessionsContinue() throws IOException {
        try (TestServer server = new TestServer(root, SETTINGS);
                ListeningSocket other = ListeningSocket.inet6("ftp");
                FtpClient client = server.client().logIn()) {
            server.server().add(other);
            try (FtpClient second = new FtpClient(other.localAddress()).logIn()) {
                second.text("NLST");
                assertTrue(second.say("PASV").startsWith("425"));
                server.server().remove(other);
                assertFalse(other.isOpen());
                second.text("NLST");
            }
            client.say("NOOP", 200);
        }
    }

    @Test
    void unusableSocketIsReportedWithTheRemedy(@TempDir Path directory) throws IOException {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root, SETTINGS);
                ListeningSocket unix = ListeningSocket.unix("ftp", directory.resolve("socket"))) {
            server.server().add(unix);
            server.server().add(fake());
            server.server().addData(fake());

            log.await("it is a unix socket, and FTP needs TCP");
            assertEquals(
                    "SEVERE ftp~test cannot serve on fd 4444 (socket 'ftp'): it is a datagram socket, not a listening TCP"
                            + " socket; set ListenStream= and Accept=no in its .socket unit",
                    log.await("serve on fd 4444"));
            log.await("ftp~test cannot accept data connections on fd 4444");
            server.client().logIn().close();
        }
    }

    private static NamedSocket fake() {
        return (NamedSocket) Proxy.newProxyInstance(
                NamedSocket.class.getClassLoader(), new Class<?>[] {NamedSocket.class}, (proxy, method, arguments) -> {
                    return switch (method.getName()) {
                        case "descriptor" -> 4444;
                        case "name" -> "ftp";
                        case "family" -> NamedSocket.Family.INET;
                        case "type" -> NamedSocket.Type.DATAGRAM;
                        case "listening" -> false;
                        case "hashCode" -> System.identityHashCode(proxy);
                        case "equals" -> proxy == arguments[0];
                        default -> throw new UnsupportedOperationException(method.toString());
                    };
                });
    }

    @Test
    void featuresAreListed() throws IOException {
        try (TestServer server = new TestServer(root, SETTINGS);
                FtpClient client = server.client()) {
            String features = client.say("FEAT", 211);
            for (String feature :
                    new String[] {"MLST type*;size*;", "REST STREAM", "UTF8", "EPSV", "EPRT", "MFMT", "HASH"}) {
                assertTrue(features.contains("\n " + feature), features);
            }
            assertFalse(features.contains("AUTH TLS"));
            client.say("OPTS UTF8 ON", 200);
            client.say("AUTH TLS", 502);
            client.say("HELP", 214);
            assertTrue(client.say("HELP SITE", 214).contains("CHMOD"));
            client.say("SYST", 215);
            client.say("QUIT", 221);
        }
    }
}
