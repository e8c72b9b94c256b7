package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Peer;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.PrefixProxy;
import dev.mooring.protocol.TrustedProxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.Random;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client's address behind a proxy. */
@Timeout(60)
class ProxyTest {

    @TempDir
    Path directory;

    private final FakeAccounts accounts = new FakeAccounts();

    private TestServer serve() throws IOException {
        return new TestServer(
                directory,
                accounts,
                SftpSettings.defaults(directory.resolve("keys")),
                false,
                TrustedProxies.of("proxy.trusted", List.of("127.0.0.1")));
    }

    @Test
    void loginAndLogHaveTheAddressOfTheAnnouncedClient() throws Exception {
        byte[] content = new byte[1_000_000];
        new Random(1).nextBytes(content);
        Peer client = new Peer("ssh", InetAddress.getByName("192.0.2.7"));
        try (CapturedLog log = new CapturedLog();
                TestServer server = serve();
                PrefixProxy proxy =
                        PrefixProxy.announcing("192.0.2.7", server.socket().localAddress())) {
            server.server().setAccessLog(true);
            int port = proxy.address().getPort();
            try (SftpClient sftp = SftpClientFactory.instance().createSftpClient(server.login("ada", "secret", port))) {
                try (var out = sftp.write("/x")) {
                    out.write(content);
                }
            }
            assertArrayEquals(content, Files.readAllBytes(directory.resolve("files/x")));
            String line = log.await("\"WRITE /x SFTP\" 0 1000000 ");
            assertTrue(line.startsWith("INFO 192.0.2.7 - ada ["), line);
            assertEquals(List.of(client), accounts.peers().stream().distinct().toList());

            // from= of keys is checked for this address.
            accounts.peers().clear();
            assertThrows(IOException.class, () -> {
                try (var session = server.client()
                        .connect("ada", "127.0.0.1", port)
                        .verify()
                        .getSession()) {
                    session.addPublicKeyIdentity(
                            KeyPairGenerator.getInstance("EC").generateKeyPair());
                    session.auth().verify();
                }
            });
            assertEquals(List.of(client), accounts.peers().stream().distinct().toList());
        }
    }

    @Test
    void directConnectionIsEndedWithoutAnIdentification() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = serve();
                Socket direct = new Socket(
                        InetAddress.getByName("127.0.0.1"), server.port(), InetAddress.getByName("127.0.0.2"), 0)) {
            assertEquals(-1, direct.getInputStream().read());
            log.await("sftp~test ended a connection from 127.0.0.2, which is not a trusted proxy");
            assertEquals(1, server.server().proxyErrors());
        }
    }

    /** An SSH server speaks first, but not before the header. */
    @Test
    void identificationWaitsForTheHeader() throws Exception {
        try (TestServer server = serve();
                Socket proxy = new Socket()) {
            proxy.connect(new InetSocketAddress("127.0.0.1", server.port()));
            proxy.getOutputStream().write("PROXY UNKNOWN".getBytes());
            try (PrefixProxy other =
                            PrefixProxy.announcing("192.0.2.7", server.socket().localAddress());
                    Socket client = new Socket("127.0.0.1", other.address().getPort())) {
                assertEquals('S', client.getInputStream().read());
            }
            assertEquals(0, proxy.getInputStream().available());
            proxy.getOutputStream().write("\r\n".getBytes());
            assertEquals('S', proxy.getInputStream().read());
        }
    }
}
