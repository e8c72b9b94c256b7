package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // some resources are closed explicitly or not used
class DataSocketsTest {

    private static final FtpSettings SETTINGS = TransferTest.settings(Duration.ofSeconds(2));

    @TempDir
    Path root;

    private InetAddress loopback;
    private InetAddress otherAddress;

    @BeforeEach
    void fill() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        loopback = InetAddress.getByName("127.0.0.1");
        otherAddress = InetAddress.getByName("127.0.0.2");
    }

    @Test
    void inheritedSocketServesAnyNumberOfDataConnections() throws IOException {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient client = server.client().logIn()) {
            assertEquals(data.port(), FtpClient.port(client.say("PASV", 227)));
            assertTrue(client.say("PASV").contains("(127,0,0,1,"));
            for (int i = 0; i < 10; i++) {
                assertEquals("abc", client.text("RETR f"));
            }
        }
    }

    @Test
    void socketIsLentAgainAsSoonAsTheDataConnectionExists() throws IOException {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient one = server.client().logIn();
                FtpClient two = server.client().logIn();
                Socket upload = one.passive()) {
            one.say("STOR a", 150);
            assertEquals("abc", two.text("RETR f"));
            upload.close();
            assertTrue(one.reply().startsWith("226"));
        }
    }

    @Test
    void emptyPoolIs425WithTheReason() throws IOException {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket data = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient one = server.client().logIn();
                FtpClient two = server.client().logIn()) {
            one.say("EPSV", 229);
            String reason = "all 1 sockets for data connections are in use; try again in a moment";
            assertEquals("425 No data connection: " + reason + ".", two.say("EPSV"));
            log.await("ftp~test has no data connection for ada@127.0.0.1: " + reason);
            one.close();
            // The pool waits some seconds until the ending session returns the port.
            two.say("EPSV", 229);
            server.server().removeData(data);
            assertTrue(two.say("LIST").startsWith("425"));
            assertTrue(two.say("EPSV").startsWith("425 No data connection: there are no sockets"));
        }
    }

    @Test
    void sessionWaitsForASocketOfAnEmptyPool() throws Exception {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient one = server.client().logIn();
                FtpClient two = server.client().logIn()) {
            one.say("EPSV", 229);
            two.send("EPSV\r\n".getBytes());
            one.say("ABOR", 226);
            assertEquals(data.port(), FtpClient.port(two.reply()));
        }
    }

    @Test
    void sessionBorrowsSocketsFromTheServerThatReplacesItsOwn() throws Exception {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                ListeningSocket later = ListeningSocket.inet("ftp-data");
                TestServer old = new TestServer(root, SETTINGS, data);
                FtpClient client = old.client().logIn()) {
            assertEquals("abc", client.text("RETR f"));
            old.server().drain(Duration.ofSeconds(20), () -> {});
            client.send("EPSV\r\n".getBytes());
            try (TestServer next = new TestServer(root, SETTINGS, later);
                    FtpClient other = next.client().logIn()) {
                assertEquals(later.port(), FtpClient.port(client.reply()));
                for (int i = 0; i < 3; i++) {
                    assertEquals("abc", client.text("RETR f"));
                    assertEquals("abc", other.text("RETR f"));
                }
            }
        }
    }

    @Test
    void sessionEndsIfNoServerReplacesItsOwn() throws Exception {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient client = server.client().logIn()) {
            server.server().drain(Duration.ofSeconds(20), () -> {});
            assertEquals("421 The server is being replaced; please connect again.", client.say("EPSV"));
            assertEquals("", client.reply());
        }
    }

    @Test
    void connectionFromAnotherAddressIsClosedAndTheClientIsServed() throws IOException {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket data = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient client = server.client().logIn()) {
            int port = FtpClient.port(client.say("EPSV", 229));
            try (Socket foreign = new Socket(loopback, port, otherAddress, 0);
                    Socket own = new Socket(loopback, port)) {
                client.say("RETR f", 150);
                assertEquals("abc", new String(own.getInputStream().readAllBytes()));
                assertEquals(-1, foreign.getInputStream().read());
            }
            assertTrue(client.reply().startsWith("226"));
            log.await("closed a connection from /127.0.0.2:");
        }
    }

    @Test
    void staleConnectionsAreClosedBeforeASocketIsLent() throws IOException {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                Socket stale = new Socket(loopback, (int) data.port());
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient client = server.client().logIn()) {
            assertEquals("abc", client.text("RETR f"));
            assertEquals(-1, stale.getInputStream().read());
        }
    }

    @Test
    void portsOfTheRangeAreBoundWithoutDataSockets() throws IOException {
        int free;
        try (ListeningSocket probe = ListeningSocket.inet("probe")) {
            free = (int) probe.port();
        }
        FtpSettings ranged = new FtpSettings(
                SETTINGS.tls(),
                null,
                null,
                false,
                true,
                "192.0.2.9",
                free + "-" + free,
                SETTINGS.idleTimeout(),
                SETTINGS.dataTimeout(),
                9,
                9,
                3);
        try (TestServer server = new TestServer(root, ranged);
                FtpClient client = server.client().logIn();
                FtpClient other = server.client().logIn()) {
            String reply = client.say("PASV", 227);
            assertTrue(reply.contains("(192,0,2,9,"), reply);
            assertEquals(free, FtpClient.port(reply));
            assertThrows(IOException.class, () -> new Socket(otherAddress, free).close());
            assertTrue(other.say("EPSV").startsWith("425 No data connection: no port"));
            client.say("ABOR", 226);
            assertEquals("abc", other.text("RETR f"));
        }
    }

    @Test
    void passiveAddressIsNotReportedToAClientOverIpv6() throws IOException {
        FtpSettings natted = new FtpSettings(
                SETTINGS.tls(),
                null,
                null,
                false,
                true,
                "192.0.2.9",
                "",
                SETTINGS.idleTimeout(),
                SETTINGS.dataTimeout(),
                9,
                9,
                3);
        try (TestServer server = new TestServer(root, natted);
                ListeningSocket ipv6 = ListeningSocket.inet6("ftp")) {
            server.server().add(ipv6);
            try (FtpClient client = new FtpClient(ipv6.localAddress()).logIn()) {
                assertEquals("425 PASV cannot report an IPv6 address; send EPSV.", client.say("PASV"));
                assertEquals("abc", client.text("RETR f"));
            }
        }
    }

    @Test
    void activeModeConnectsOnlyToTheClient() throws IOException {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(root, SETTINGS);
                FtpClient client = server.client().logIn()) {
            assertEquals("abc", new String(client.active("RETR f")));
            assertEquals(
                    "501 This server does not connect there: it is not the address of the client.",
                    client.say("PORT 127,0,0,2,200,10"));
            log.await("ftp~test does not connect to 127.0.0.2 port 51210 for ada@127.0.0.1");
            client.say("EPRT |1|192.0.2.1|51210|", 501);
            client.say("EPRT |2|::1|51210|", 501);
            client.say("EPRT |1|localhost|51210|", 501);
            client.say("EPRT |7|127.0.0.1|51210|", 522);
            client.say("PORT 127,0,0,1,0,25", 501);
            client.say("PORT 127,0,0,1,0", 501);
            client.say("PORT 300,0,0,1,0,1", 501);
            client.say("RETR f", 425);
            client.say("EPSV ALL", 200);
            client.say("PORT 127,0,0,1,200,10", 503);
        }
    }

    @Test
    void sessionHasAtMostOneSocket() throws IOException {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                ListeningSocket more = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data, more);
                FtpClient one = server.client().logIn();
                FtpClient two = server.client().logIn()) {
            int port = 0;
            for (int i = 0; i < 5; i++) {
                port = FtpClient.port(one.say("EPSV", 229));
            }
            int left = (int) (port == data.port() ? more : data).port();
            assertEquals(left, FtpClient.port(two.say("EPSV", 229)));
        }
    }

    @Test
    void sessionThatDidNotUseItsPreviousSocketSoonLosesTheNext() throws IOException {
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, SETTINGS, data);
                FtpClient wasteful = server.client().logIn();
                FtpClient other = server.client().logIn()) {
            wasteful.say("EPSV", 229);
            wasteful.say("EPSV", 229);
            assertEquals("abc", other.text("RETR f"));
            assertEquals(
                    "425 No data connection: the port was given to another session, because it was not used; send PASV.",
                    wasteful.say("RETR f"));
        }
    }

    @Test
    void sessionsThatRenewTheirSocketDoNotStarveOthers() throws Exception {
        FtpSettings s = SETTINGS;
        FtpSettings many = new FtpSettings(
                s.tls(), null, null, false, true, "", "", s.idleTimeout(), Duration.ofSeconds(20), 100, 100, 3);
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService renewing = Executors.newCachedThreadPool();
        try (ListeningSocket data = ListeningSocket.inet("ftp-data");
                ListeningSocket more = ListeningSocket.inet("ftp-data");
                TestServer server = new TestServer(root, many, data, more);
                FtpClient client = server.client().logIn()) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                all.add(renewing.submit(() -> {
                    int times = 0;
                    try (FtpClient greedy = server.client().logIn()) {
                        while (!over.get()) {
                            greedy.say("EPSV", 229);
                            times++;
                        }
                    }
                    return times;
                }));
            }
            for (int i = 0; i < 50; i++) {
                assertEquals("abc", client.text("RETR f"));
            }
            over.set(true);
            for (Future<Integer> each : all) {
                assertTrue(each.get() > 0);
            }
        } finally {
            over.set(true);
            renewing.shutdownNow();
        }
    }
}
