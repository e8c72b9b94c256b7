package dev.mooring.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;

/**
 * Makes an archive of the classes of a start, for {@code bin/mooring --archive}. It activates the runtime on a loopback socket for each protocol, sends
 * one request over each, and stops it; the JVM then writes the archive.
 */
public final class Training {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long SETTLING_MILLIS = 500;
    private static final String USER = "training";
    private static final String FILE = "file.txt";

    private final Path home;
    private final Path directory;
    private final String password;
    private final SortedMap<String, Integer> ports = new TreeMap<>();

    private Training(Path home, Path directory, String protocols) throws IOException {
        this.home = home;
        this.directory = directory;
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        for (String protocol : protocols.split("\\+")) {
            ports.put(protocol, freePort());
        }
    }

    /**
     * Makes an archive.
     *
     * @param arguments the directory of the runtime, the file to make, and the protocols, separated by plus signs
     * @throws Exception if that fails; then it makes no file
     */
    public static void main(String[] arguments) throws Exception {
        // SSHD's client logs too much.
        LogManager.getLogManager().getLogger("").setLevel(Level.SEVERE);
        Path archive = Path.of(arguments[1]);
        Path directory = Files.createTempDirectory("mooring-archive");
        try {
            Path made = directory.resolve("archive");
            new Training(Path.of(arguments[0]), directory, arguments[2]).run(made);
            Files.createDirectories(archive.getParent());
            Path beside = archive.resolveSibling(archive.getFileName() + ".new");
            Files.copy(made, beside, StandardCopyOption.REPLACE_EXISTING);
            Files.move(beside, archive, StandardCopyOption.ATOMIC_MOVE);
            System.out.println("Made " + archive + ", " + Files.size(archive) / (1 << 20) + " MiB");
        } catch (IOException e) {
            System.err.println("mooring: no archive was made: " + e.getMessage());
            System.exit(1);
        } finally {
            try (Stream<Path> all = Files.walk(directory)) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(each -> each.toFile().delete());
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void run(Path archive)
            throws IOException, InterruptedException, GeneralSecurityException, ClassNotFoundException {
        configure();
        Path log = directory.resolve("log");
        Process runtime = start(archive, log);
        try {
            awaitPort(runtime);
            for (Map.Entry<String, Integer> each : ports.entrySet()) {
                switch (each.getKey()) {
                    case "http" -> overHttp(each.getValue());
                    case "sftp" -> overSftp(each.getValue());
                    default -> overFtp(each.getValue());
                }
            }
            // A server that is stopped with a connection loads all classes of its bundle. They would be in the archive,
            // and so in every later start.
            TimeUnit.MILLISECONDS.sleep(SETTLING_MILLIS);
            runtime.destroy();
            if (!runtime.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || !Files.exists(archive)) {
                throw new IOException("the JVM wrote none");
            }
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; the runtime said:\n" + Files.readString(log), e);
        } finally {
            runtime.destroyForcibly();
        }
    }

    private Process start(Path archive, Path log) throws IOException {
        try {
            return new ProcessBuilder(command(archive))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new IOException("systemd-socket-activate does not start; install it: apt install systemd", e);
        }
    }

    private void configure() throws IOException, GeneralSecurityException, ClassNotFoundException {
        Path root = Files.createDirectory(directory.resolve("share"));
        Path file = Files.writeString(root.resolve(FILE), "training\n".repeat(100));
        // HTTP does not cache a file that was just changed.
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        Path conf = Files.createDirectory(directory.resolve("conf"));
        byte[] hash = MessageDigest.getInstance("SHA-1").digest(password.getBytes(StandardCharsets.UTF_8));
        Path passwords = Files.writeString(
                directory.resolve("passwords"),
                USER + ":{SHA}" + Base64.getEncoder().encodeToString(hash) + "\n");
        Files.writeString(conf.resolve("dev.mooring.share-default.cfg"), "root = " + root + "\nread.only = false\n");
        Files.writeString(conf.resolve("dev.mooring.accounts-default.cfg"), "passwords = " + passwords + "\n");
        for (String protocol : ports.keySet()) {
            Files.writeString(
                    conf.resolve("dev.mooring." + protocol + "-public.cfg"),
                    protocol.equals("sftp")
                            ? "host.key.directory = " + hostKeys() + "\n"
                            : "sockets.target = (socket.name=" + protocol + ")\n");
        }
    }

    /** Host keys, because only the very first start generates them. */
    private Path hostKeys() throws IOException, GeneralSecurityException, ClassNotFoundException {
        // Makes Ed25519 known to SSHD.
        Class.forName("dev.mooring.sftp.internal.engine.SshEngine");
        Path keys = Files.createDirectory(directory.resolve("keys"));
        for (String algorithm : List.of("Ed25519", "EC", "RSA")) {
            String kind = algorithm.equals("EC") ? "ecdsa" : algorithm.toLowerCase(Locale.ROOT);
            Path file = Files.createFile(
                    keys.resolve("ssh_host_" + kind + "_key"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (OutputStream out = Files.newOutputStream(file)) {
                OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(
                        KeyPairGenerator.getInstance(algorithm).generateKeyPair(), USER, null, out);
            }
        }
        return keys;
    }

    private List<String> command(Path archive) {
        List<String> command = new ArrayList<>(List.of("systemd-socket-activate"));
        for (int port : ports.values()) {
            command.addAll(List.of("-l", "127.0.0.1:" + port));
        }
        command.add("--fdname=" + String.join(":", ports.keySet()));
        for (String variable : List.of("JAVA_HOME", "MOORING_JAVA_OPTIONS", "MOORING_RUNTIME", "TMPDIR")) {
            String value = System.getenv(variable);
            if (value != null) {
                command.addAll(List.of("-E", variable + "=" + value));
            }
        }
        command.addAll(List.of("-E", "MOORING_TRAINING=" + archive));
        command.addAll(List.of(
                home.resolve("bin/mooring").toString(),
                "--conf",
                directory.resolve("conf").toString(),
                "--cache",
                directory.resolve("cache").toString()));
        return command;
    }

    /** Waits for the listening socket and connects, which starts the runtime. */
    private void awaitPort(Process runtime) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (runtime.isAlive() && System.nanoTime() < deadline) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), ports.get(ports.firstKey())).close();
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        throw new IOException("the runtime did not start");
    }

    private static void overHttp(int port) throws IOException {
        get(port, FILE, "keep-alive");
        get(port, "", "keep-alive");
        get(port, FILE, "close");
    }

    private static void get(int port, String path, String then) throws IOException {
        URLConnection connection =
                URI.create("http://127.0.0.1:" + port + "/" + path).toURL().openConnection();
        connection.setReadTimeout((int) PATIENCE.toMillis());
        connection.setRequestProperty("Connection", then);
        try (InputStream body = connection.getInputStream()) {
            body.readAllBytes();
        }
    }

    private void overSftp(int port) throws IOException {
        try (SshClient client = SshClient.setUpDefaultClient()) {
            client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
            client.start();
            try (ClientSession session =
                    client.connect(USER, "127.0.0.1", port).verify(PATIENCE).getSession()) {
                session.addPasswordIdentity(password);
                session.auth().verify(PATIENCE);
                try (SftpClient files = SftpClientFactory.instance().createSftpClient(session)) {
                    files.readDir(".").forEach(SftpClient.DirEntry::getFilename);
                    try (InputStream content = files.read(FILE);
                            OutputStream copy = files.write("copy.txt")) {
                        content.transferTo(copy);
                    }
                    files.remove("copy.txt");
                }
            }
        }
    }

    private void overFtp(int port) throws IOException {
        try (Socket session = new Socket(InetAddress.getLoopbackAddress(), port)) {
            session.setSoTimeout((int) PATIENCE.toMillis());
            BufferedReader replies =
                    new BufferedReader(new InputStreamReader(session.getInputStream(), StandardCharsets.UTF_8));
            OutputStream commands = session.getOutputStream();
            reply(replies);
            for (String command : List.of("USER " + USER, "PASS " + password, "FEAT", "TYPE I", "PWD")) {
                ask(commands, replies, command);
            }
            for (String transfer : List.of("MLSD", "LIST", "RETR " + FILE)) {
                String passive = ask(commands, replies, "EPSV");
                int data = Integer.parseInt(passive.substring(passive.indexOf("|||") + 3, passive.lastIndexOf('|')));
                try (Socket transferred = new Socket(InetAddress.getLoopbackAddress(), data)) {
                    ask(commands, replies, transfer);
                    transferred.getInputStream().readAllBytes();
                }
                reply(replies);
            }
            ask(commands, replies, "QUIT");
        }
    }

    private static String ask(OutputStream commands, BufferedReader replies, String command) throws IOException {
        commands.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        return reply(replies);
    }

    /** The last line of a reply, RFC 959 section 4.2. */
    private static String reply(BufferedReader replies) throws IOException {
        String line = replies.readLine();
        while (line != null && !line.matches("\\d{3} .*")) {
            line = replies.readLine();
        }
        if (line == null || line.charAt(0) > '3') {
            throw new IOException("FTP answered " + line);
        }
        return line;
    }
}
