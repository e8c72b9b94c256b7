package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Account;
import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.kex.KexProposalOption;
import org.apache.sshd.common.session.ReservedSessionMessagesHandler;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClient.CopyMode;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHLimitsExtension;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class SftpServerTest {

    @TempDir
    Path directory;

    private Path file(String name) {
        return directory.resolve("files").resolve(name);
    }

    private SftpSettings settings() {
        return SftpSettings.defaults(directory.resolve("keys"));
    }

    private static KeyPair key(String algorithm) throws Exception {
        return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    }

    @Test
    void filesAreUploadedAndDownloaded() throws Exception {
        byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        try (TestServer server = new TestServer(directory);
                SftpClient sftp = server.sftp()) {
            try (OutputStream out = sftp.write("/large")) {
                out.write(content);
            }
            assertArrayEquals(content, Files.readAllBytes(file("large")));
            try (InputStream in = sftp.read("/large")) {
                assertArrayEquals(content, in.readAllBytes());
            }
        }
    }

    @Test
    void modesTimesAndLinksArePreserved() throws Exception {
        try (TestServer server = new TestServer(directory);
                SftpClient sftp = server.sftp()) {
            sftp.write("/x").close();
            sftp.setStat(
                    "/x",
                    new SftpClient.Attributes()
                            .perms(0640)
                            .modifyTime(1_000_000)
                            .size(5));
            sftp.symLink("/link", "x");

            assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("x"))));
            assertEquals(1_000_000, Files.getLastModifiedTime(file("x")).to(TimeUnit.SECONDS));
            assertEquals(5, Files.size(file("x")));
            assertEquals("x", sftp.readLink("/link"));
            assertTrue(sftp.lstat("/link").isSymbolicLink());
            assertEquals(5, sftp.stat("/link").getSize());
        }
    }

    @Test
    void filesOutsideTheShareAreNotAccessible() throws Exception {
        try (TestServer server = new TestServer(directory);
                SftpClient sftp = server.sftp()) {
            Files.writeString(directory.resolve("secret"), "secret");
            Files.createSymbolicLink(file("out"), directory.resolve("secret"));

            assertThrows(SftpException.class, () -> sftp.stat("/out"));
            assertThrows(SftpException.class, () -> sftp.stat("/../secret"));
            assertEquals("/secret", sftp.canonicalPath("/../secret"));
        }
    }

    @Test
    void readOnlyShareRefusesEveryChange() throws Exception {
        Files.createDirectories(directory.resolve("files/d"));
        Files.writeString(file("x"), "x");
        try (TestServer server = new TestServer(directory, new FakeAccounts(), settings(), true);
                SftpClient sftp = server.sftp()) {
            for (org.junit.jupiter.api.function.Executable change : List.<org.junit.jupiter.api.function.Executable>of(
                    () -> sftp.open("/y", SftpClient.OpenMode.Write, SftpClient.OpenMode.Create),
                    () -> sftp.remove("/x"),
                    () -> sftp.rmdir("/d"),
                    () -> sftp.mkdir("/e"),
                    () -> sftp.rename("/x", "/y", CopyMode.Atomic),
                    () -> sftp.symLink("/l", "x"),
                    () -> sftp.setStat("/x", new SftpClient.Attributes().perms(0600)))) {
                SftpException refusal = assertThrows(SftpException.class, change);
                assertEquals(SftpConstants.SSH_FX_PERMISSION_DENIED, refusal.getStatus(), refusal.getMessage());
            }
            assertEquals("x", Files.readString(file("x")));
        }
    }

    @Test
    void clientsThatAskForLimitsUseLargeReads() throws Exception {
        try (TestServer server = new TestServer(directory);
                SftpClient sftp = server.sftp()) {
            var limits = sftp.getExtension(OpenSSHLimitsExtension.class).limits();

            assertEquals(255 * 1024, limits.maxReadLength);
            assertEquals(255 * 1024, limits.maxWriteLength);
        }
    }

    @Test
    void everyVersionIsSupported() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            for (int version = 3; version <= 6; version++) {
                int wanted = version;
                try (ClientSession session = server.login("ada", "secret");
                        SftpClient sftp = SftpClientFactory.instance()
                                .createSftpClient(session, (s, initial, current, all) -> wanted)) {
                    assertEquals(version, sftp.getVersion());
                    sftp.write("/v" + version).close();
                    assertTrue(sftp.stat("/v" + version).isRegularFile());
                }
            }
        }
    }

    @Test
    void accountStartsInItsHomeAndMayHaveAnotherShare() throws Exception {
        Path other = Files.createDirectories(directory.resolve("other/people/bob"));
        Files.writeString(other.resolve("mine"), "mine");
        FakeAccounts accounts = new FakeAccounts()
                .add(new Account("bob", "team", SharePath.of("/people/bob"), true))
                .add(new Account("eve", "gone", SharePath.ROOT, false));
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory, accounts, settings(), false);
                var team = Shares.open("team", directory.resolve("other").toString(), false, List.of())) {
            server.server().shares().add(team);
            try (SftpClient sftp = SftpClientFactory.instance().createSftpClient(server.login("bob", "secret"))) {
                assertEquals("/people/bob", sftp.canonicalPath("."));
                assertEquals(4, sftp.stat("mine").getSize());
                assertThrows(SftpException.class, () -> sftp.mkdir("d"));
            }
            assertThrows(SshException.class, () -> server.login("eve", "secret"));
            log.await("cannot serve account 'eve', because share 'gone' does not exist");
        }
    }

    @Test
    void everyTypeOfKeyLogsIn() throws Exception {
        FakeAccounts accounts = new FakeAccounts();
        List<KeyPair> keys = List.of(key("Ed25519"), key("EC"), key("RSA"));
        keys.forEach(accounts::authorize);
        try (TestServer server = new TestServer(directory, accounts, settings(), false)) {
            server.login("ada", "secret").close();
            for (KeyPair key : keys) {
                assertTrue(server.login("ada", key).isAuthenticated());
            }
            assertThrows(SshException.class, () -> server.login("ada", key("Ed25519")));
        }
    }

    @Test
    void bothMethodsAreRequiredIfConfigured() throws Exception {
        KeyPair key = key("EC");
        SftpSettings both = new TestSettings(directory.resolve("keys"))
                .authentication("publickey,password")
                .get();
        try (TestServer server = new TestServer(directory, new FakeAccounts().authorize(key), both, false)) {
            assertThrows(SshException.class, () -> server.login("ada", "secret"));
            assertThrows(SshException.class, () -> server.login("ada", key));
            try (ClientSession session = server.connect("ada")) {
                session.addPublicKeyIdentity(key);
                session.addPasswordIdentity("secret");
                session.auth().verify(Duration.ofSeconds(20));
                assertTrue(session.isAuthenticated());
            }
        }
    }

    @Test
    void wrongLoginIsRefusedWithoutAStackTrace() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory)) {
            assertThrows(SshException.class, () -> server.login("ada", "wrong"));
            assertThrows(SshException.class, () -> server.login("nobody", "secret"));
            SshException limited = assertThrows(SshException.class, () -> server.login("limited", "secret"));
            assertTrue(limited.getMessage().contains("try again in 2 s"), limited.getMessage());
            assertFalse(log.hasStackTrace(), () -> log.lines().toString());
        }
    }

    @Test
    void onlyScpAndHashCommandsRun() throws Exception {
        try (TestServer server = new TestServer(directory);
                ClientSession session = server.login("ada", "secret")) {
            Files.writeString(file("it's \\ here"), "hello\n");
            assertEquals(
                    "0 \\b1946ac92492d2347c6235b4d2611184  it's \\\\ here\n",
                    run(session, "md5sum 'it'\\''s \\ here'"));
            assertEquals("0 da39a3ee5e6b4b0d3255bfef95601890afd80709  -\n", run(session, "sha1sum"));
            assertEquals("1 sha256sum: nope: No such file or directory\n", run(session, "sha256sum nope"));
            assertTrue(run(session, "sh -c ls").startsWith("127 sh: "));
            assertTrue(run(session, "md5sum 'x").startsWith("127 "));
        }
    }

    private static String run(ClientSession session, String line) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (ClientChannel channel = session.createExecChannel(line)) {
            channel.setIn(InputStream.nullInputStream());
            channel.setOut(output);
            channel.setErr(output);
            channel.open().verify(Duration.ofSeconds(20));
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), Duration.ofSeconds(20));
            return channel.getExitStatus() + " " + output.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void clientsWithAesGcmUseItWhateverTheyPrefer() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            server.client().setCipherFactories(List.of(BuiltinCiphers.cc20p1305_openssh, BuiltinCiphers.aes256gcm));
            try (ClientSession session = server.login("ada", "secret")) {
                assertEquals("aes256-gcm@openssh.com", session.getNegotiatedKexParameter(KexProposalOption.C2SENC));
            }
            server.client().setCipherFactories(List.of(BuiltinCiphers.cc20p1305_openssh));
            try (ClientSession session = server.login("ada", "secret")) {
                assertEquals(
                        "chacha20-poly1305@openssh.com", session.getNegotiatedKexParameter(KexProposalOption.C2SENC));
            }
        }
    }

    @Test
    void clientThatWaitsForTheServersProposalGetsIt() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            CoreModuleProperties.SEND_IMMEDIATE_KEXINIT.set(server.client(), false);
            assertTrue(server.login("ada", "secret").isAuthenticated());
        }
    }

    /** Otherwise a client that waits for an acknowledgement of its NEWKEYS waits for 40 ms. */
    @Test
    void newKeysOfTheClientAreAnsweredImmediately() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            List<Boolean> authenticated = new CopyOnWriteArrayList<>();
            server.client().setReservedSessionMessagesHandler(new ReservedSessionMessagesHandler() {
                @Override
                public void handleIgnoreMessage(org.apache.sshd.common.session.Session session, Buffer message) {
                    authenticated.add(session.isAuthenticated());
                }
            });
            assertTrue(server.login("ada", "secret").isAuthenticated());
            assertEquals(List.of(false), authenticated);
        }
    }

    @Test
    void clientWithOnlyOldAlgorithmsIsRefusedAndLogged() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory)) {
            server.client().setCipherFactories(List.of(BuiltinCiphers.aes128cbc));
            assertThrows(SshException.class, () -> server.login("ada", "secret"));
            String line = log.await("cannot connect");
            assertTrue(line.contains("aes128-cbc") && line.contains("encryption"), line);
            assertFalse(log.hasStackTrace());
        }
    }

    @Test
    void keysAreExchangedAgainDuringALongTransfer() throws Exception {
        byte[] content = new byte[4_000_000];
        new Random(3).nextBytes(content);
        AtomicInteger exchanges = new AtomicInteger();
        try (TestServer server = new TestServer(directory)) {
            CoreModuleProperties.REKEY_BYTES_LIMIT.set(server.client(), 500_000L);
            server.client().addSessionListener(new SessionListener() {
                @Override
                public void sessionEvent(Session session, Event event) {
                    if (event == Event.KeyEstablished) {
                        exchanges.incrementAndGet();
                    }
                }
            });
            try (SftpClient sftp = server.sftp()) {
                try (OutputStream out = sftp.write("/x")) {
                    out.write(content);
                }
                try (InputStream in = sftp.read("/x")) {
                    assertArrayEquals(content, in.readAllBytes());
                }
            }
            assertTrue(exchanges.get() > 5, () -> exchanges + " key exchanges");
        }
    }

    @Test
    void connectionsBeyondTheLimitAreRefusedWithAReason() throws Exception {
        SftpSettings few =
                new TestSettings(directory.resolve("keys")).unauthenticated(1).get();
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory, new FakeAccounts(), few, false);
                Socket first = new Socket(InetAddress.getByName("127.0.0.1"), server.port())) {
            assertEquals('S', first.getInputStream().read());
            try (Socket second = new Socket(InetAddress.getByName("127.0.0.1"), server.port())) {
                assertEquals(
                        "Too many connections: 1 connections from this address have not logged in or sent a request, which is the limit\r\n",
                        new String(second.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            }
            log.await("refuses connections: 1 connections from this address have not logged in");
        }
    }

    @Test
    void closeDisconnectsClientsAndLeavesTheSocketToASuccessor() throws Exception {
        try (TestServer server = new TestServer(directory);
                ClientSession session = server.login("ada", "secret");
                var share = Shares.open("default", directory.resolve("files").toString(), false, List.of());
                SftpServer successor = new SftpServer("sftp~next", share, settings())) {
            server.server().close();
            session.waitFor(EnumSet.of(ClientSession.ClientSessionEvent.CLOSED), Duration.ofSeconds(20));
            assertTrue(session.isClosed());

            successor.setAccounts(new FakeAccounts());
            successor.add(server.socket());
            successor.start();
            assertTrue(server.login("ada", "secret").isAuthenticated());
        }
    }

    @Test
    void socketsAreAddedAndRemovedWhileConnectionsContinue() throws Exception {
        try (TestServer server = new TestServer(directory);
                SftpClient sftp = server.sftp()) {
            var second = NamedSockets.bind(List.of("sftp=127.0.0.1:0")).get("sftp");
            server.server().add(second);
            server.client()
                    .connect("ada", "127.0.0.1", (int) second.port())
                    .verify(Duration.ofSeconds(20))
                    .getSession()
                    .close();
            server.server().remove(server.socket());

            assertTrue(sftp.stat("/").isDirectory());
        }
    }

    @Test
    void unixSocketIsServed() throws Exception {
        Path path = directory.resolve("unix.sock");
        byte[] content = new byte[3_000_000];
        new Random(2).nextBytes(content);
        try (TestServer server = new TestServer(directory);
                ServerSocketChannel front = ServerSocketChannel.open()) {
            server.server().add(NamedSockets.bind(List.of("sftp=unix:" + path)).get("sftp"));
            front.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            bridge(front, path);
            try (SftpClient sftp = SftpClientFactory.instance()
                    .createSftpClient(
                            server.login("ada", "secret", front.socket().getLocalPort()))) {
                try (OutputStream out = sftp.write("/x")) {
                    out.write(content);
                }
                try (InputStream in = sftp.read("/x")) {
                    assertArrayEquals(content, in.readAllBytes());
                }
            }
        }
    }

    /** SSHD's client only supports TCP. */
    private static void bridge(ServerSocketChannel front, Path path) {
        daemon(() -> {
            SocketChannel client = front.accept();
            SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(path));
            daemon(() -> copy(client, server));
            copy(server, client);
        });
    }

    private static void copy(SocketChannel from, SocketChannel to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(65536);
        while (from.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                to.write(buffer);
            }
            buffer.clear();
        }
        to.close();
    }

    private static void daemon(org.junit.jupiter.api.function.Executable task) {
        Thread thread = new Thread(() -> {
            try {
                task.execute();
            } catch (Throwable e) {
                // The other end is closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
