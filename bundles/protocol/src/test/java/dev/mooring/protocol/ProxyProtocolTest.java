package dev.mooring.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.activation.NamedSocket;
import dev.mooring.common.Configuration;
import dev.mooring.protocol.internal.accept.AcceptedConnection;
import dev.mooring.protocol.internal.accept.Admission;
import dev.mooring.protocol.internal.accept.HeaderReader;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Timeouts of connections are tested without a server, because those of a server are long. */
@Timeout(60)
@SuppressWarnings("try") // some connections are only held open
class ProxyProtocolTest {

    private static final Limits LIMITS = new Limits(10, 2, 10, 10);
    private static final String HEADER = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n";
    private static final String OTHER_HEADER = "PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n";

    @TempDir
    Path root;

    private final CapturedLog log = new CapturedLog();
    private final BlockingQueue<String> served = new LinkedBlockingQueue<>();
    private ListeningSocket socket;
    private OwnedShare share;
    private FakeServer server;

    /** Notes where connections come from, and what can be read first. */
    private final class FakeServer extends SocketServer {

        private final Queue<ClientConnection> connections = new ConcurrentLinkedQueue<>();

        FakeServer(Share share) {
            super("fake~test", "fake", share, LIMITS, 1);
        }

        @Override
        protected Engine engine() {
            return new Engine() {
                @Override
                public void serve(ClientConnection connection) {
                    connections.add(connection);
                    served.add(connection.source() + " " + first(connection.channel()));
                }

                @Override
                public byte[] refusal(String reason) {
                    return reason.getBytes(ISO_8859_1);
                }

                @Override
                public void dismissIdle() {
                    // Clients end by themselves.
                }

                @Override
                public void close() {
                    connections.forEach(ClientConnection::close);
                }
            };
        }
    }

    private static String first(SocketChannel channel) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(100);
            channel.read(bytes);
            return new String(bytes.array(), 0, bytes.position(), ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @BeforeEach
    void make() throws IOException {
        socket = ListeningSocket.inet("web");
        share = Shares.open("default", root.toString(), true, List.of());
        server = new FakeServer(share);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        socket.close();
        share.close();
        log.close();
    }

    private void start(NamedSocket on, String... trusted) {
        server.requireProxyProtocol(TrustedProxies.of("proxy.trusted", List.of(trusted)));
        server.add(on);
        server.start();
    }

    private SocketChannel connect(String text) throws IOException {
        SocketChannel channel = SocketChannel.open(socket.localAddress());
        write(channel, text);
        return channel;
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }

    private String next() throws InterruptedException {
        return served.take();
    }

    /** Everything until the end of the connection. */
    private static String rest(SocketChannel channel) {
        StringBuilder rest = new StringBuilder();
        ByteBuffer bytes = ByteBuffer.allocate(1000);
        try {
            while (channel.read(bytes.clear()) >= 0) {
                rest.append(new String(bytes.array(), 0, bytes.position(), ISO_8859_1));
            }
        } catch (IOException reset) {
            // The server had not read everything when it closed the connection.
        }
        return rest.toString();
    }

    /** Waits until every connection that was made before has been accepted. */
    private void awaitAccepted() throws Exception {
        try (SocketChannel last = connect(OTHER_HEADER)) {
            next();
            server.connections.remove().close();
        }
    }

    @Test
    void headerThatHasArrivedIsReadAndNothingElse() throws Exception {
        try (SocketChannel client = connect(HEADER + "GET / HTTP/1.1")) {
            start(socket, "127.0.0.0/8");
            assertEquals("/192.0.2.7:4711 GET / HTTP/1.1", next());
            ClientConnection connection = server.connections.element();
            assertEquals("192.0.2.7", connection.address().getHostAddress());
            assertEquals(client.getLocalAddress(), connection.peer());
        }
    }

    @Test
    void slowHeaderDelaysNoOtherConnection() throws Exception {
        start(socket, "127.0.0.1");
        try (SocketChannel slow = connect("PROXY TC");
                SocketChannel silent = connect("")) {
            try (SocketChannel quick = connect(OTHER_HEADER + "quick")) {
                assertEquals("/[2001:db8:0:0:0:0:0:7]:4711 quick", next());
                write(slow, HEADER.substring(8) + "slow");
                assertEquals("/192.0.2.7:4711 slow", next());
                write(silent, HEADER);
                assertEquals("/192.0.2.7:4711 ", next());
            }
        }
        assertEquals(0, server.proxyErrors());
    }

    @Test
    void protocolCannotBeRequiredAfterTheStart() {
        server.start();
        assertThrows(
                IllegalStateException.class,
                () -> server.requireProxyProtocol(TrustedProxies.of("proxy.trusted", List.of("127.0.0.1"))));
    }

    @Test
    void healthCheckKeepsTheAddressOfTheProxy() throws Exception {
        start(socket, "127.0.0.1");
        try (SocketChannel check = connect("\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0")) {
            assertEquals(check.getLocalAddress() + " ", next());
        }
        try (SocketChannel unknown = connect("PROXY UNKNOWN\r\nx")) {
            assertEquals(unknown.getLocalAddress() + " x", next());
        }
    }

    @Test
    void peerThatIsNotTrustedIsEndedCountedAndLoggedOnce() throws Exception {
        start(socket, "127.0.0.2", "unix");
        for (int i = 1; i <= 3; i++) {
            try (SocketChannel client = connect(HEADER)) {
                assertEquals("", rest(client));
            }
            assertEquals(i, server.proxyErrors());
        }
        assertEquals(
                List.of("WARNING fake~test ended a connection from 127.0.0.1, which is not a trusted proxy;"
                        + " connect to the proxy, or add this address to proxy.trusted"),
                warnings());
        assertEquals(0, server.connections());
        assertTrue(served.isEmpty());
    }

    private List<String> warnings() {
        return log.lines().stream().filter(line -> line.startsWith("WARNING")).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "'GET / HTTP/1.1', did not begin with a PROXY header",
        "'PROXY TCP4 a b 1 2\r\n', sent a malformed PROXY header",
        "'PROXY', ended before its PROXY header was complete"
    })
    void invalidHeaderEndsTheConnection(String text, String problem) throws Exception {
        start(socket, "127.0.0.1");
        try (SocketChannel client = connect(text)) {
            client.shutdownOutput();
            assertEquals("", rest(client));
        }
        log.await("WARNING fake~test ended a connection from 127.0.0.1, which " + problem
                + "; switch the PROXY protocol on in the proxy, or set proxy.protocol = off here");
        assertEquals(0, server.connections());
        assertEquals(1, server.proxyErrors());
        assertTrue(served.isEmpty());
    }

    @Test
    void connectionWithoutAByteIsNoError() throws Exception {
        start(socket, "127.0.0.1");
        try (SocketChannel client = connect("")) {
            client.shutdownOutput();
            assertEquals("", rest(client));
        }
        assertEquals(0, server.connections());
        assertEquals(0, server.proxyErrors());
        assertEquals(List.of(), warnings());
    }

    @Test
    void limitsPerAddressApplyToAnnouncedClients() throws Exception {
        start(socket, "127.0.0.1");
        try (SocketChannel one = connect(HEADER);
                SocketChannel two = connect(HEADER)) {
            next();
            next();
            try (SocketChannel three = connect(HEADER);
                    SocketChannel other = connect(OTHER_HEADER)) {
                assertEquals("/[2001:db8:0:0:0:0:0:7]:4711 ", next());
                assertEquals("there are 2 connections from this address, which is the limit", rest(three));
            }
            assertEquals(3, server.connections());
            server.connections.remove().close();
            try (SocketChannel again = connect(HEADER)) {
                assertEquals("/192.0.2.7:4711 ", next());
            }
        }
    }

    @Test
    void connectionsWithoutAHeaderAreLimitedTogether() throws Exception {
        start(socket, "127.0.0.1");
        SocketChannel[] silent = new SocketChannel[LIMITS.pending()];
        for (int i = 0; i < silent.length; i++) {
            silent[i] = connect("");
        }
        try (SocketChannel another = connect("")) {
            assertEquals("there are 10 connections, which is the limit", rest(another));
        }
        for (SocketChannel each : silent) {
            each.close();
        }
    }

    @Test
    void unixSocketIsTrustedByTheWordUnix() throws Exception {
        Path path = root.resolve("web.sock");
        try (ListeningSocket unix = ListeningSocket.unix("unix", path)) {
            start(unix, "unix");
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                write(client, HEADER + "x");
                assertEquals("/192.0.2.7:4711 x", next());
                assertTrue(server.connections.element().peer() instanceof UnixDomainSocketAddress);
            }
        }
    }

    @Test
    void unixSocketIsNotTrustedByAddresses() throws Exception {
        Path path = root.resolve("web.sock");
        try (ListeningSocket unix = ListeningSocket.unix("unix", path)) {
            start(unix, "0.0.0.0/0", "::/0");
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertEquals("", rest(client));
            }
            log.await("fake~test ended a connection from a unix socket, which is not a trusted proxy");
        }
    }

    @Test
    void drainServesConnectionsWhoseHeaderArrivesLate() throws Exception {
        start(socket, "127.0.0.1");
        try (SocketChannel client = connect("PROXY")) {
            awaitAccepted();
            assertEquals(1, server.connections());
            BlockingQueue<String> ended = new LinkedBlockingQueue<>();
            server.drain(Duration.ofMinutes(1), () -> ended.add("ended"));
            write(client, HEADER.substring(5) + "x");
            assertEquals("/192.0.2.7:4711 x", next());
            server.connections.remove().close();
            assertEquals("ended", ended.take());
        }
    }

    @Test
    void closeEndsConnectionsWithoutAHeader() throws Exception {
        start(socket, "127.0.0.1");
        try (SocketChannel client = connect("PROXY")) {
            awaitAccepted();
            assertEquals(1, server.connections());
            server.close();
            assertEquals("", rest(client));
            assertEquals(0, server.connections());
        }
        assertEquals(0, server.proxyErrors());
    }

    /** A receiver that notes what it is told. */
    private final class Receiver implements HeaderReader.Receiver {
        @Override
        public void complete(AcceptedConnection connection, @Nullable InetSocketAddress client) {
            served.add("complete");
        }

        @Override
        public void failed(AcceptedConnection connection, @Nullable String problem) {
            served.add("failed: " + problem);
            connection.close();
        }
    }

    private AcceptedConnection admitted(Admission admission) throws IOException {
        SocketChannel channel = socket.openServerSocketChannel().accept();
        channel.configureBlocking(false);
        SocketAddress peer = channel.getRemoteAddress();
        AcceptedConnection connection = new AcceptedConnection(socket, channel, peer, true, admission);
        assertEquals(null, admission.admit(connection));
        return connection;
    }

    @Test
    void headerThatDoesNotArriveInTimeFails() throws Exception {
        ServerMetrics metrics = new ServerMetrics("test");
        Admission admission = new Admission(LIMITS, Duration.ZERO, metrics);
        try (HeaderReader reader = new HeaderReader("test", Duration.ofMillis(1), new Receiver());
                SocketChannel client = connect("PROXY")) {
            reader.read(admitted(admission));
            assertEquals("failed: sent no PROXY header within 0 s", next());
            assertEquals("", rest(client));
        }
        assertEquals(0, metrics.connections());
    }

    @Test
    void evictedConnectionLeavesTheReader() throws Exception {
        ServerMetrics metrics = new ServerMetrics("test");
        Admission admission = new Admission(new Limits(9, 9, 1, 1), Duration.ZERO, metrics);
        try (HeaderReader reader = new HeaderReader("test", Duration.ofMinutes(1), new Receiver());
                SocketChannel silent = connect("")) {
            reader.read(admitted(admission));
            try (SocketChannel next = connect(HEADER)) {
                AcceptedConnection second = admitted(admission);
                assertEquals("failed: null", next());
                assertEquals("", rest(silent));
                reader.read(second);
                assertEquals("complete", next());
                second.close();
            }
        }
        assertEquals(0, metrics.connections());
    }

    @interface Keys {
        String sockets_target() default "(socket.name=web)";

        long drain_timeout() default 60;

        long replaced_timeout() default 0;

        boolean access_log() default false;

        String proxy_protocol() default "off";

        String[] proxy_trusted() default {};
    }

    private final class Provider implements ServerProvider {
        @Override
        public String pid() {
            return "dev.mooring.fake";
        }

        @Override
        public Class<? extends Annotation> keys() {
            return Keys.class;
        }

        @Override
        public SocketServer make(String name, Share share, Configuration configuration, Path directory) {
            return server;
        }
    }

    private @Nullable String problem(String protocol, String trusted) {
        Map<String, Object> properties =
                Map.of("service.pid", "dev.mooring.fake~test", "proxy.protocol", protocol, "proxy.trusted", trusted);
        return new ConfiguredServer(new Provider(), new Configuration(Keys.class, properties), share, root)
                .visible()
                .problem();
    }

    @Test
    void configurationIsChecked() {
        assertEquals(null, problem("off", ""));
        assertEquals(null, problem("off", "192.0.2.7"));
        assertEquals(null, problem(" required", "192.0.2.0/24 , 2001:db8::/32, unix,"));
        assertEquals(
                "its configuration is wrong: proxy.protocol = 'required' lets nobody in, because proxy.trusted is empty;"
                        + " set proxy.trusted to the addresses of the proxies, like 192.0.2.7",
                problem("required", ""));
        assertEquals(
                "its configuration is wrong: proxy.protocol = 'on' is neither off nor required",
                problem("on", "192.0.2.7"));
        assertEquals(
                "its configuration is wrong: proxy.trusted = 'proxy.example.org' is not an IP address;"
                        + " write addresses and networks like 192.0.2.7 or 192.0.2.0/24, and unix for clients of unix sockets",
                problem("off", "proxy.example.org"));
    }
}
