package dev.mooring.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes an archive of the classes of a start, for {@code bin/mooring --archive}. It activates the runtime on loopback sockets, lets a client use each server,
 * and stops it; the JVM then writes the archive.
 */
public final class Training {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long SETTLING_MILLIS = 500;

    private final Path home;
    private final Path directory;
    private final TrainingFiles files;
    private final List<TrainingServer> servers = new ArrayList<>();
    private final String password;

    private Training(Path home, Path directory) {
        this.home = home;
        this.directory = directory;
        files = new TrainingFiles(directory);
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /**
     * Makes an archive.
     *
     * @param arguments the directory of the runtime, the file to make, and the protocols, separated by plus signs; then optionally a directory of
     *     configurations, so that the archive is for servers as they are configured there
     * @throws Exception if that fails; then it makes no file
     */
    public static void main(String[] arguments) throws Exception {
        Path archive = Path.of(arguments[1]);
        Path directory = Files.createTempDirectory("mooring-archive");
        try {
            Path made = directory.resolve("archive");
            Training training = new Training(Path.of(arguments[0]), directory);
            for (String protocol : arguments[2].split("\\+")) {
                training.add(protocol, arguments.length > 3 ? Path.of(arguments[3]) : null);
            }
            training.run(made);
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

    /** Adds the servers of a protocol: those that are configured, else one without TLS and, if it has TLS, one with it. */
    private void add(String protocol, @Nullable Path configured) throws IOException {
        List<String> kinds = new ArrayList<>();
        if (configured != null) {
            try (DirectoryStream<Path> all =
                    Files.newDirectoryStream(configured, "dev.mooring." + protocol + "[-.]*cfg")) {
                for (Path each : all) {
                    kinds.add(algorithm(each));
                }
            }
        }
        if (kinds.isEmpty()) {
            kinds.add("");
            if (!protocol.equals("sftp")) {
                kinds.add("EC");
            }
        }
        boolean first = true;
        for (String kind : new LinkedHashSet<>(kinds)) {
            // With the name that the shipped units give to a socket, the start is that of a unit.
            String name = first ? protocol : protocol + "-" + kind;
            servers.add(new TrainingServer(protocol, name, freePort(), kind.isEmpty() ? null : kind));
            first = false;
        }
    }

    /** The algorithm of the key of the configured certificate, {@code ""} if there is none. */
    private static String algorithm(Path configuration) throws IOException {
        Properties properties = new Properties();
        try (Reader text = Files.newBufferedReader(configuration)) {
            properties.load(text);
        }
        String certificate = properties.getProperty("tls.certificate", "").strip();
        if (certificate.isEmpty()) {
            return "";
        }
        try (InputStream pem = Files.newInputStream(Path.of(certificate))) {
            String algorithm = CertificateFactory.getInstance("X.509")
                    .generateCertificate(pem)
                    .getPublicKey()
                    .getAlgorithm();
            return algorithm.equals("RSA") ? "RSA" : "EC";
        } catch (IOException | CertificateException e) {
            return "EC"; // the service reports it
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void run(Path archive) throws IOException, InterruptedException, GeneralSecurityException {
        files.make(servers, password);
        Path log = directory.resolve("log");
        Process runtime = start(archive, log);
        try {
            awaitPort(runtime);
            useServers();
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

    private void useServers() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TrainingClient.class.getName(),
                directory.toString(),
                password));
        servers.forEach(server -> command.add(server.argument()));
        Path log = directory.resolve("client");
        Process client = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!client.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || client.exitValue() != 0) {
                throw new IOException("the client failed: " + Files.readString(log));
            }
        } finally {
            client.destroyForcibly();
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

    private List<String> command(Path archive) {
        List<String> command = new ArrayList<>(List.of("systemd-socket-activate"));
        for (TrainingServer server : servers) {
            command.addAll(List.of("-l", "127.0.0.1:" + server.port()));
        }
        command.add("--fdname=" + servers.stream().map(TrainingServer::name).collect(Collectors.joining(":")));
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
                files.configuration().toString(),
                "--cache",
                directory.resolve("cache").toString()));
        return command;
    }

    /** Waits for the listening socket and connects, which starts the runtime. */
    private void awaitPort(Process runtime) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (runtime.isAlive() && System.nanoTime() < deadline) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), servers.get(0).port()).close();
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        throw new IOException("the runtime did not start");
    }
}
