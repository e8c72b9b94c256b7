package dev.mooring.sftp;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.TrustedProxies;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Shares;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.jspecify.annotations.Nullable;

/** A server on an ephemeral port of 127.0.0.1, and its client. */
public final class TestServer implements Closeable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final OwnedShare share;
    private final SftpServer server;
    private final NamedSocket socket;
    private final SshClient client = SshClient.setUpDefaultClient();

    /** Serves {@code files} of a directory for reading and writing, and keeps its keys in {@code keys}. */
    public TestServer(Path directory) throws IOException {
        this(directory, new FakeAccounts(), SftpSettings.defaults(directory.resolve("keys")), false);
    }

    /** Serves {@code files} of a directory with other settings. */
    public TestServer(Path directory, FakeAccounts accounts, SftpSettings settings, boolean readOnly)
            throws IOException {
        this(directory, accounts, settings, readOnly, null);
    }

    /** Serves {@code files} of a directory behind proxies that must send a header, unless they are {@code null}. */
    public TestServer(
            Path directory,
            FakeAccounts accounts,
            SftpSettings settings,
            boolean readOnly,
            @Nullable TrustedProxies proxies)
            throws IOException {
        Path files = Files.createDirectories(directory.resolve("files"));
        share = Shares.open("default", files.toString(), readOnly, List.of());
        socket = NamedSockets.bind(List.of("sftp=127.0.0.1:0")).get("sftp");
        server = new SftpServer("sftp~test", share, settings);
        server.setAccounts(accounts);
        if (proxies != null) {
            server.requireProxyProtocol(proxies);
        }
        server.add(socket);
        server.start();
        client.setServerKeyVerifier((session, address, key) -> true);
        client.start();
    }

    /** The server. */
    public SftpServer server() {
        return server;
    }

    /** Its port. */
    public int port() {
        return (int) socket.port();
    }

    /** Its socket. */
    public NamedSocket socket() {
        return socket;
    }

    /** The client, so that a test can change its settings. */
    public SshClient client() {
        return client;
    }

    /** Connects without a login. */
    public ClientSession connect(String user) throws IOException {
        return client.connect(user, "127.0.0.1", port()).verify(TIMEOUT).getSession();
    }

    /** Logs in with a password. */
    public ClientSession login(String user, String password) throws IOException {
        return login(user, password, port());
    }

    /** Logs in with a password on another port. */
    public ClientSession login(String user, String password, int port) throws IOException {
        ClientSession session =
                client.connect(user, "127.0.0.1", port).verify(TIMEOUT).getSession();
        session.addPasswordIdentity(password);
        session.auth().verify(TIMEOUT);
        return session;
    }

    /** Logs in with a key. */
    public ClientSession login(String user, KeyPair key) throws IOException {
        ClientSession session = connect(user);
        session.addPublicKeyIdentity(key);
        session.auth().verify(TIMEOUT);
        return session;
    }

    /** Opens an SFTP session as {@code ada}. */
    public SftpClient sftp() throws IOException {
        return SftpClientFactory.instance()
                .createSftpClient(login("ada", "secret"))
                .singleSessionInstance();
    }

    @Override
    public void close() throws IOException {
        client.close(true).await(TIMEOUT);
        server.close();
        share.close();
    }
}
