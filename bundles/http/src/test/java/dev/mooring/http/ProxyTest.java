package dev.mooring.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.http.Client.Answer;
import dev.mooring.http.HttpSettings.Forwarded;
import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import dev.mooring.protocol.PrefixProxy;
import dev.mooring.protocol.TestCertificates;
import dev.mooring.protocol.TrustedProxies;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client's address behind proxies. */
@Timeout(60)
class ProxyTest {

    private static final String HEADER = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n";
    private static final String REQUEST = "GET /hello.txt HTTP/1.1\r\nHost: test\r\n";
    private static final String END = "Connection: close\r\n\r\n";

    @TempDir
    Path root;

    private final CapturedLog log = new CapturedLog();
    private ListeningSocket socket;
    private @Nullable HttpServer server;

    @BeforeEach
    void fill() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");
        TestServer.write(root.resolve("directory/x"), "x");
        socket = ListeningSocket.inet("http");
    }

    @AfterEach
    void close() throws IOException {
        log.close();
        if (server != null) {
            server.close();
        }
        socket.close();
    }

    private static TrustedProxies proxies(String... addresses) {
        return TrustedProxies.of("test", List.of(addresses));
    }

    private HttpServer serve(HttpSettings settings, @Nullable TrustedProxies proxies) {
        HttpServer made = new HttpServer("http~test", new DirectoryShare(root), settings);
        server = made;
        made.setAccessLog(true);
        made.setAccounts(new Accounts() {
            @Override
            public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
                return CompletableFuture.completedFuture(
                        peer.address() != null
                                        && peer.address().getHostAddress().equals("192.0.2.7")
                                ? new Verdict.Accepted(new Account(user, null, SharePath.ROOT, true))
                                : new Verdict.Refused());
            }

            @Override
            public @Nullable Account authorize(String user, byte[] key, Peer peer) {
                return null;
            }
        });
        if (proxies != null) {
            made.requireProxyProtocol(proxies);
        }
        made.add(socket);
        made.start();
        return made;
    }

    private Client client() {
        return new Client(socket.localAddress());
    }

    @Test
    void requestInThePacketOfTheHeaderIsServedAndLoggedWithItsClient() throws IOException {
        serve(HttpSettings.DEFAULT, proxies("127.0.0.1"));
        assertEquals("hello", client().sendRaw(HEADER + REQUEST + END, false).text());
        String line = log.await("\"GET /hello.txt HTTP/1.1\" 200 5 ");
        assertTrue(line.startsWith("INFO 192.0.2.7 - - ["), line);
    }

    @Test
    void requestWithoutAHeaderIsNotServed() throws IOException {
        HttpServer made = serve(HttpSettings.DEFAULT, proxies("127.0.0.1"));
        try (var connection = client().connect(REQUEST + END)) {
            assertEquals(-1, connection.read(ByteBuffer.allocate(1)));
        } catch (SocketException reset) {
            // The request was not read.
        }
        log.await("http~test ended a connection from 127.0.0.1, which did not begin with a PROXY header");
        assertEquals(0, made.connections());
        assertEquals(1, made.proxyErrors());
    }

    @Test
    void unixSocketIsServedBehindAProxy() throws IOException {
        Path path = root.resolve("http.sock");
        HttpServer made = serve(HttpSettings.DEFAULT, proxies("unix"));
        try (ListeningSocket unix = ListeningSocket.unix("unix", path)) {
            made.add(unix);
            assertEquals(
                    "hello",
                    new Client(UnixDomainSocketAddress.of(path))
                            .sendRaw(HEADER + REQUEST + END, false)
                            .text());
            log.await("INFO 192.0.2.7 - - [");
        }
    }

    @Test
    void passwordIsCheckedForTheAnnouncedClient() throws IOException {
        serve(HttpSettings.builder().authentication(true).build(), proxies("127.0.0.1"));
        String login = REQUEST + "Authorization: Basic YWRhOnNlY3JldA==\r\n" + END;
        assertEquals(200, client().sendRaw(HEADER + login, false).status());
        assertEquals(
                401,
                client().sendRaw(HEADER.replace(".7 ", ".8 ") + login, false).status());
    }

    @ParameterizedTest
    @EnumSource
    void headerComesBeforeTls(HttpClient.Version version) throws Exception {
        TestCertificates.make(root, "tls", "EC");
        serve(
                HttpSettings.builder()
                        .tls(new Tls(root.resolve("tls.pem"), root.resolve("tls.key"), null))
                        .build(),
                proxies("127.0.0.1"));
        try (PrefixProxy proxy = new PrefixProxy(socket.localAddress(), HEADER.getBytes(ISO_8859_1))) {
            assertEquals(
                    "hello",
                    HttpClient.newBuilder()
                            .version(version)
                            .sslContext(TestCertificates.trusting())
                            .build()
                            .send(
                                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:"
                                                    + proxy.address().getPort() + "/hello.txt"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .body());
        }
        String line = log.await("\" 200 5 ");
        assertTrue(line.startsWith("INFO 192.0.2.7 - - ["), line);
    }

    @Test
    void trustedHttpProxyNamesTheClient() throws IOException {
        serve(
                HttpSettings.builder()
                        .authentication(true)
                        .forwarded(new Forwarded(proxies("127.0.0.1"), "X-Forwarded-For"))
                        .build(),
                null);
        String login = "Authorization: Basic YWRhOnNlY3JldA==";
        assertEquals(
                200,
                client().get("/hello.txt", login, "X-Forwarded-For: 198.51.100.1, 192.0.2.7")
                        .status());
        String line = log.await("\"GET /hello.txt HTTP/1.1\" 200 5 ");
        assertTrue(line.startsWith("INFO 192.0.2.7 - ada ["), line);
        assertEquals(
                401,
                client().get("/hello.txt", login, "X-Forwarded-For: 192.0.2.7, 198.51.100.1")
                        .status());
        assertEquals(401, client().get("/hello.txt", login).status());
    }

    @Test
    void headersOfOthersHaveNoEffect() throws IOException {
        serve(
                HttpSettings.builder()
                        .forwarded(new Forwarded(proxies("127.0.0.2"), "X-Forwarded-For"))
                        .build(),
                null);
        client().get("/hello.txt", "X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.7");
        String line = log.await("\"GET /hello.txt HTTP/1.1\" 200 5 ");
        assertTrue(line.startsWith("INFO 127.0.0.1 - - ["), line);
    }

    /** A TCP proxy in front of an HTTP proxy: the first announces the second, which names the client. */
    @Test
    void announcedHttpProxyNamesTheClient() throws IOException {
        serve(
                HttpSettings.builder()
                        .forwarded(new Forwarded(proxies("192.0.2.7"), "Forwarded"))
                        .build(),
                proxies("127.0.0.1"));
        client().sendRaw(HEADER + REQUEST + "Forwarded: for=203.0.113.9\r\n" + END, false);
        log.await("INFO 203.0.113.9 - - [");
        client().sendRaw(HEADER.replace(".7 ", ".8 ") + REQUEST + "Forwarded: for=203.0.113.10\r\n" + END, false);
        log.await("INFO 192.0.2.8 - - [");
    }

    /** So the server needs neither X-Forwarded-Proto nor X-Forwarded-Host. */
    @Test
    void redirectHasNoSchemeAndNoHost() throws IOException {
        serve(
                HttpSettings.builder()
                        .forwarded(new Forwarded(proxies("127.0.0.1"), "X-Forwarded-For"))
                        .build(),
                null);
        Answer answer = client().get(
                        "/directory",
                        "X-Forwarded-Proto: https",
                        "X-Forwarded-Host: evil.example",
                        "X-Forwarded-Port: 1");
        assertEquals(301, answer.status());
        assertEquals("/directory/", answer.header("Location"));
        assertFalse(answer.text().contains("evil"));
    }
}
