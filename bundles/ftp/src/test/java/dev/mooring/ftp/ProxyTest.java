package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.PrefixProxy;
import dev.mooring.protocol.TrustedProxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client's address behind a proxy. The proxy is 127.0.0.1, the announced client 127.0.0.9. */
@Timeout(60)
class ProxyTest {

    @TempDir
    Path root;

    private final CapturedLog log = new CapturedLog();
    private TestServer server;
    private PrefixProxy proxy;
    private FtpClient client;

    @BeforeEach
    void connect() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        server = new TestServer(root, FtpSettings.DEFAULT, TrustedProxies.of("proxy.trusted", List.of("127.0.0.1")));
        server.server().setAccessLog(true);
        proxy = PrefixProxy.announcing("127.0.0.9", server.socket().localAddress());
        client = new FtpClient(proxy.address());
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        proxy.close();
        server.close();
        log.close();
    }

    private static InetAddress address(String text) throws IOException {
        return InetAddress.getByName(text);
    }

    @Test
    void logsHaveTheAddressOfTheAnnouncedClient() throws IOException {
        client.say("USER ada", 331);
        client.say("PASS wrong", 530);
        client.logIn();
        assertEquals("abc", client.text("RETR f"));
        String line = log.await("\"RETR /f FTP\" 226 3 ");
        assertTrue(line.startsWith("INFO 127.0.0.9 - ada ["), line);
        client.say("PORT 127,0,0,2,200,10", 501);
        log.await("ftp~test does not connect to 127.0.0.2 port 51210 for ada@127.0.0.9");
    }

    @Test
    void passiveDataConnectionsComeFromTheClientOrTheProxy() throws IOException {
        client.logIn();
        for (String from : List.of("127.0.0.1", "127.0.0.9")) {
            int port = FtpClient.port(client.say("EPSV", 229));
            try (Socket foreign = new Socket(address("127.0.0.1"), port, address("127.0.0.2"), 0);
                    Socket data = new Socket(address("127.0.0.1"), port, address(from), 0)) {
                client.say("RETR f", 150);
                assertEquals("abc", new String(data.getInputStream().readAllBytes()));
                assertEquals(-1, foreign.getInputStream().read());
            }
            assertTrue(client.reply().startsWith("226"));
        }
    }

    @Test
    void activeModeConnectsToTheAnnouncedClientOnly() throws IOException {
        client.logIn();
        try (ServerSocket listener = new ServerSocket(0, 1, address("127.0.0.9"))) {
            client.say("EPRT |1|127.0.0.1|" + listener.getLocalPort() + "|", 501);
            client.say("EPRT |1|127.0.0.9|" + listener.getLocalPort() + "|", 200);
            client.send("RETR f\r\n".getBytes());
            try (Socket data = listener.accept()) {
                assertEquals("abc", new String(data.getInputStream().readAllBytes()));
            }
        }
    }

    @Test
    void directConnectionGetsNoGreeting() throws IOException {
        try (Socket direct =
                new Socket(address("127.0.0.1"), (int) server.socket().port(), address("127.0.0.2"), 0)) {
            assertEquals(-1, direct.getInputStream().read());
        }
        log.await("ftp~test ended a connection from 127.0.0.2, which is not a trusted proxy");
    }
}
