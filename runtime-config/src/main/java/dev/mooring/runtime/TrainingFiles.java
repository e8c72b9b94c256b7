package dev.mooring.runtime;

import dev.mooring.sftp.internal.crypto.Ed25519;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;

/** The files of a {@link Training}: the share, the configuration, keys and certificates. */
final class TrainingFiles {

    static final String USER = "training";
    static final String FILE = "file.txt";
    private static final char[] STORE_PASSWORD = "training".toCharArray();

    /** P-256, the usual curve. The default of the JDK is another one. */
    private static final String CURVE = "secp256r1";

    private static final List<String> KEY_ALGORITHMS = List.of("Ed25519", "EC", "RSA");

    private final Path directory;

    /** @param directory an existing directory for all files */
    TrainingFiles(Path directory) {
        this.directory = directory;
    }

    /** The directory of the configuration. */
    Path configuration() {
        return directory.resolve("conf");
    }

    /** Makes all files. */
    void make(List<TrainingServer> servers, String password)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path root = Files.createDirectory(directory.resolve("share"));
        Path file = Files.writeString(root.resolve(FILE), "training\n".repeat(100));
        // HTTP does not cache a file that was just changed.
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        byte[] hash = MessageDigest.getInstance("SHA-1").digest(password.getBytes(StandardCharsets.UTF_8));
        Path passwords = Files.writeString(
                directory.resolve("passwords"),
                USER + ":{SHA}" + Base64.getEncoder().encodeToString(hash) + "\n");
        Files.createDirectory(configuration());
        configure("share-default", "root = " + root, "read.only = false");
        configure("accounts-default", "passwords = " + passwords, "authorized.keys = " + makeKeys());
        for (TrainingServer server : servers) {
            List<String> lines = new ArrayList<>(List.of("sockets.target = (socket.name=" + server.name() + ")"));
            if (server.protocol().equals("sftp")) {
                lines.add("host.key.directory = " + directory.resolve("keys"));
            }
            String algorithm = server.algorithm();
            if (algorithm != null) {
                lines.addAll(certificate(algorithm));
                if (server.protocol().equals("ftp")) {
                    lines.add("tls = allowed");
                }
            }
            configure(server.protocol() + "-" + server.name(), lines.toArray(String[]::new));
        }
    }

    private void configure(String name, String... lines) throws IOException {
        Files.write(configuration().resolve("dev.mooring." + name + ".cfg"), List.of(lines));
    }

    /** Makes keys that are those of the host and those of the user. Otherwise the very first start would generate the host's. Returns the list of the user's. */
    private Path makeKeys() throws IOException, GeneralSecurityException {
        Ed25519.register();
        Files.createDirectory(directory.resolve("keys"));
        List<String> authorized = new ArrayList<>();
        for (String algorithm : KEY_ALGORITHMS) {
            KeyPair pair = generate(algorithm);
            Path file = Files.createFile(
                    key(algorithm), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (OutputStream out = Files.newOutputStream(file)) {
                OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, USER, null, out);
            }
            authorized.add(PublicKeyEntry.toString(pair.getPublic()));
        }
        return Files.write(directory.resolve("authorized_keys"), authorized);
    }

    private static KeyPair generate(String algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec(CURVE));
        }
        return generator.generateKeyPair();
    }

    private Path key(String algorithm) {
        String kind = algorithm.equals("EC") ? "ecdsa" : algorithm.toLowerCase(Locale.ROOT);
        return directory.resolve("keys").resolve("ssh_host_" + kind + "_key");
    }

    /** The private keys of the user. */
    List<Path> keys() {
        return KEY_ALGORITHMS.stream().map(this::key).toList();
    }

    /** Makes a certificate, because the JDK has no API for that but its tool does. Returns the lines of the configuration. */
    private List<String> certificate(String algorithm)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path certificate = directory.resolve(algorithm + ".pem");
        Path key = directory.resolve(algorithm + ".key");
        if (!Files.exists(certificate)) {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    USER,
                    "-keyalg",
                    algorithm,
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "SAN=IP:127.0.0.1",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    storeFile(algorithm).toString(),
                    "-storepass",
                    String.valueOf(STORE_PASSWORD)));
            if (algorithm.equals("EC")) {
                command.addAll(List.of("-groupname", CURVE));
            }
            Process keytool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool made no certificate: " + output);
            }
            KeyStore store = store(algorithm);
            Files.writeString(
                    certificate, pem("CERTIFICATE", store.getCertificate(USER).getEncoded()));
            Files.writeString(
                    key, pem("PRIVATE KEY", store.getKey(USER, STORE_PASSWORD).getEncoded()));
        }
        return List.of("tls.certificate = " + certificate, "tls.key = " + key);
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + kind
                + "-----\n";
    }

    private Path storeFile(String algorithm) {
        return directory.resolve(algorithm + ".p12");
    }

    private KeyStore store(String algorithm) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(storeFile(algorithm))) {
            store.load(in, STORE_PASSWORD);
        }
        return store;
    }

    /** The settings of a client that trusts the certificate of a server, and no other. */
    SSLContext trusting(TrainingServer server) throws IOException, GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store(String.valueOf(server.algorithm())));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
