package dev.mooring.benchmarks;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.sftp.client.SftpClientFactory;

/**
 * Opens idle sessions and keeps them open: HTTP connections after their first request, SFTP clients that have logged in and
 * opened the subsystem, FTP clients that have logged in.
 *
 * <pre>Idle http|sftp|ftp PORT COUNT USER PASSWORD KEYFILE</pre>
 *
 * <p>Prints "open" when all sessions are open, and keeps them until it is killed.
 */
public final class Idle {

    private static final int AT_ONCE = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int port;
    private final String user;
    private final String password;
    private final SshClient ssh = SshClient.setUpDefaultClient();

    private Idle(int port, String user, String password, Path key) {
        this.port = port;
        this.user = user;
        this.password = password;
        ssh.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
        ssh.setKeyIdentityProvider(new FileKeyPairProvider(key));
        ssh.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        ssh.start();
    }

    /** A way to open a session. */
    private interface Protocol {
        Closeable open() throws IOException;
    }

    /**
     * Opens sessions.
     *
     * @param arguments protocol, port, number of sessions, user, password, and the user's private key
     * @throws Exception if an argument is wrong
     */
    public static void main(String[] arguments) throws Exception {
        Idle idle = new Idle(Integer.parseInt(arguments[1]), arguments[3], arguments[4], Path.of(arguments[5]));
        Protocol protocol =
                switch (arguments[0]) {
                    case "http" -> idle::http;
                    case "sftp" -> idle::sftp;
                    case "ftp" -> idle::ftp;
                    default ->
                        throw new IllegalArgumentException(
                                "There is no protocol '" + arguments[0] + "'; use http, sftp or ftp");
                };
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        List<Future<Closeable>> sessions = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            sessions.add(threads.submit(protocol::open));
        }
        try {
            for (Future<Closeable> session : sessions) {
                session.get();
            }
        } catch (ExecutionException e) {
            System.out.println("The server refused a session: " + e.getCause());
            System.exit(1);
        }
        System.out.println("open");
        Thread.currentThread().join();
    }

    private Closeable http() throws IOException {
        Socket socket = connect();
        BufferedReader in = reader(socket);
        write(socket, "HEAD /1k.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
        String status = in.readLine();
        if (status == null || !status.startsWith("HTTP/1.1 200")) {
            throw new IOException("The server answered " + status);
        }
        while (!in.readLine().isEmpty()) {
            // Skips the header.
        }
        return socket;
    }

    private Closeable ftp() throws IOException {
        Socket socket = connect();
        BufferedReader in = reader(socket);
        expect(in, "220");
        write(socket, "USER " + user + "\r\n");
        expect(in, "331");
        write(socket, "PASS " + password + "\r\n");
        expect(in, "230");
        return socket;
    }

    private Closeable sftp() throws IOException {
        ClientSession session =
                ssh.connect(user, "127.0.0.1", port).verify(PATIENCE).getSession();
        session.auth().verify(PATIENCE);
        return SftpClientFactory.instance().createSftpClient(session);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void expect(BufferedReader in, String code) throws IOException {
        String line = in.readLine();
        while (line != null && !line.startsWith(code + " ")) {
            if (!line.startsWith(code)) {
                throw new IOException("The server answered " + line);
            }
            line = in.readLine();
        }
    }
}
