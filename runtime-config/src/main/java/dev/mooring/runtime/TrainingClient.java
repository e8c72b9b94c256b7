package dev.mooring.runtime;

import dev.mooring.sftp.internal.crypto.Algorithms;
import dev.mooring.sftp.internal.crypto.Ed25519;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.jspecify.annotations.Nullable;

/**
 * The client of a {@link Training}. It is a process of its own, so that all its connections are closed when the runtime stops: a server that is stopped with
 * a connection loads all classes of its bundle, which would be in the archive, and so in every later start.
 */
final class TrainingClient {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String HOST = "127.0.0.1";

    private final String password;
    private final TrainingFiles files;

    private TrainingClient(String password, TrainingFiles files) {
        this.password = password;
        this.files = files;
    }

    /**
     * Sends requests of each kind.
     *
     * @param arguments the directory of the training, the password, and a {@link TrainingServer} each
     * @throws Exception if a request fails
     */
    public static void main(String[] arguments) throws Exception {
        // SSHD's client logs too much.
        LogManager.getLogManager().getLogger("").setLevel(Level.SEVERE);
        Ed25519.register();
        TrainingClient client = new TrainingClient(arguments[1], new TrainingFiles(Path.of(arguments[0])));
        for (String each : List.of(arguments).subList(2, arguments.length)) {
            TrainingServer server = TrainingServer.parse(each);
            switch (server.protocol()) {
                case "http" -> client.overHttp(server);
                case "sftp" -> client.overSftp(server);
                default -> client.overFtp(server);
            }
        }
        System.exit(0); // the HTTP client of JDK 17 has no close()
    }

    private void overHttp(TrainingServer server) throws IOException, InterruptedException, GeneralSecurityException {
        // Without TLS it would ask for an upgrade, which nobody does.
        HttpClient.Builder client =
                HttpClient.newBuilder().version(server.secure() ? Version.HTTP_2 : Version.HTTP_1_1);
        if (server.secure()) {
            client.sslContext(files.trusting(server));
        }
        HttpClient kept = client.build();
        get(kept, server, TrainingFiles.FILE);
        get(kept, server, "");
        if (server.secure()) {
            get(client.version(Version.HTTP_1_1).build(), server, TrainingFiles.FILE);
        }
    }

    private static void get(HttpClient client, TrainingServer server, String path)
            throws IOException, InterruptedException {
        URI uri = URI.create((server.secure() ? "https" : "http") + "://" + HOST + ":" + server.port() + "/" + path);
        int status = client.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.discarding())
                .statusCode();
        if (status != 200) {
            throw new IOException(uri + " was answered with " + status);
        }
    }

    /** One session with a password, and one with a key of each kind. */
    private void overSftp(TrainingServer server) throws Exception {
        try (SshClient client = SshClient.setUpDefaultClient()) {
            client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
            // OpenSSH's order: it prefers an Ed25519 key of the server.
            client.setSignatureFactories(Algorithms.signatures());
            client.start();
            try (ClientSession session = connect(client, server)) {
                session.addPasswordIdentity(password);
                session.auth().verify(PATIENCE);
                useFiles(session);
            }
            for (KeyPair key : new FileKeyPairProvider(files.keys()).loadKeys(null)) {
                try (ClientSession session = connect(client, server)) {
                    session.addPublicKeyIdentity(key);
                    session.auth().verify(PATIENCE);
                    useFiles(session);
                }
            }
        }
    }

    private static ClientSession connect(SshClient client, TrainingServer server) throws IOException {
        return client.connect(TrainingFiles.USER, HOST, server.port())
                .verify(PATIENCE)
                .getSession();
    }

    private static void useFiles(ClientSession session) throws IOException {
        try (SftpClient files = SftpClientFactory.instance().createSftpClient(session)) {
            files.canonicalPath(".");
            files.lstat(TrainingFiles.FILE);
            files.stat(TrainingFiles.FILE);
            files.readDir(".").forEach(SftpClient.DirEntry::getFilename);
            try (InputStream content = files.read(TrainingFiles.FILE);
                    OutputStream copy = files.write("copy.txt")) {
                content.transferTo(copy);
            }
            files.remove("copy.txt");
        }
    }

    private void overFtp(TrainingServer server) throws IOException, GeneralSecurityException {
        @Nullable SSLContext tls = server.secure() ? files.trusting(server) : null;
        try (Socket plain = connect(server.port())) {
            Socket session = plain;
            reply(session);
            if (tls != null) {
                ask(session, "AUTH TLS");
                session = secure(tls, plain, server.port());
                ask(session, "PBSZ 0");
                ask(session, "PROT P");
            }
            for (String command : List.of("USER " + TrainingFiles.USER, "PASS " + password, "FEAT", "TYPE I", "PWD")) {
                ask(session, command);
            }
            for (String transfer : List.of("MLSD", "LIST", "RETR " + TrainingFiles.FILE)) {
                String passive = ask(session, "EPSV");
                int port = Integer.parseInt(passive.substring(passive.indexOf("|||") + 3, passive.lastIndexOf('|')));
                try (Socket transferred = connect(port)) {
                    ask(session, transfer);
                    (tls == null ? transferred : secure(tls, transferred, server.port()))
                            .getInputStream()
                            .readAllBytes();
                }
                reply(session);
            }
            ask(session, "QUIT");
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByName(HOST), port);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    /** @param port that of the control connection, so that data connections resume its session */
    private static Socket secure(SSLContext tls, Socket socket, int port) throws IOException {
        SSLSocketFactory factory = tls.getSocketFactory();
        return factory.createSocket(socket, HOST, port, true);
    }

    private static String ask(Socket session, String command) throws IOException {
        session.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        return reply(session);
    }

    /** The last line of a reply, RFC 959 section 4.2. */
    private static String reply(Socket session) throws IOException {
        String line = line(session);
        while (!line.matches("\\d{3} .*")) {
            line = line(session);
        }
        if (line.charAt(0) > '3') {
            throw new IOException("FTP answered " + line);
        }
        return line;
    }

    private static String line(Socket session) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = session.getInputStream().read();
                next != '\n';
                next = session.getInputStream().read()) {
            if (next < 0) {
                throw new IOException("FTP answered " + line + " and closed the connection");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
