package dev.mooring.protocol;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A certificate and its key in PEM files (RFC 7468), and the authorities whose certificates clients must have, read again when
 * they have changed. While what is there is no good, the last that was good is used, which is logged once.
 *
 * <p>Keys are PKCS #8, or what OpenSSL writes by older names ({@code RSA PRIVATE KEY}, {@code EC PRIVATE KEY}), not encrypted.
 * Instances are safe for use by several threads.
 */
public final class PemIdentity {

    /** The versions that are spoken: TLS 1.2 and later, the best first. */
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Forward secrecy and authenticated encryption: no CBC, no static RSA (RFC 9325 section 4.2). The client's order decides. */
    private static final String[] CIPHER_SUITES = {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    };

    private static final String CERTIFICATE = "tls.certificate";
    private static final String KEY = "tls.key";
    private static final String CLIENT_CA = "tls.client.ca";
    private static final Logger LOG = System.getLogger(PemIdentity.class.getName());
    private static final long CHECK_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);

    private final String name;
    private final Path certificate;
    private final Path key;
    private final @Nullable Path clientCa;
    private @Nullable List<State> seen;
    private @Nullable SSLContext context;
    private long checked;

    /** What a file is like. */
    private record State(Path file, @Nullable Object identity, FileTime changed, long size) {}

    /**
     * Names the files, which are read now.
     *
     * @param name who uses it, for the log
     * @param certificate the certificate and what it was signed by, the server's own first
     * @param key the key of the certificate
     * @throws IOException if they are no good; the message says what is wrong with which, and the remedy
     */
    public PemIdentity(String name, Path certificate, Path key) throws IOException {
        this(name, certificate, key, null);
    }

    /**
     * Names the files, which are read now.
     *
     * @param name who uses it, for the log
     * @param certificate the certificate and what it was signed by, the server's own first
     * @param key the key of the certificate
     * @param clientCa certificates of the authorities that sign those of clients, {@code null} where none are asked for
     * @throws IOException if they are no good; the message says what is wrong with which, and the remedy
     */
    public PemIdentity(String name, Path certificate, Path key, @Nullable Path clientCa) throws IOException {
        this.name = name;
        this.certificate = certificate;
        this.key = key;
        this.clientCa = clientCa;
        seen = state();
        context = load();
        checked = System.nanoTime();
    }

    /**
     * The context for the next connection. The files are looked at once a second at most.
     *
     * @return the same as long as the files are: a client can resume its sessions
     */
    public synchronized SSLContext context() {
        if (System.nanoTime() - checked > CHECK_PAUSE || context == null) {
            checked = System.nanoTime();
            refresh();
        }
        return Objects.requireNonNull(context);
    }

    private void refresh() {
        List<State> now = null;
        try {
            now = state();
            if (now.equals(seen)) {
                return;
            }
            context = load();
            LOG.log(Level.INFO, "{0} has read the certificate {1} again", name, certificate);
        } catch (IOException e) {
            if (now != null || seen != null) {
                LOG.log(Level.ERROR, "{0} keeps the certificate that it had: {1}", name, e.getMessage());
            }
        }
        seen = now;
    }

    private List<State> state() throws IOException {
        List<State> state = new ArrayList<>(List.of(state(certificate, CERTIFICATE), state(key, KEY)));
        if (clientCa != null) {
            state.add(state(clientCa, CLIENT_CA));
        }
        return state;
    }

    private static State state(Path file, String setting) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new State(file, attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
        } catch (IOException e) {
            throw unreadable(file, setting, e);
        }
    }

    private static IOException unreadable(Path file, String setting, IOException cause) {
        return new IOException(
                cause instanceof NoSuchFileException
                        ? "there is no file " + file + "; set " + setting + " to a PEM file"
                        : cause instanceof AccessDeniedException
                                ? file + " may not be read by '" + System.getProperty("user.name")
                                        + "'; let this user read it"
                                : file + " cannot be read: " + cause.getMessage(),
                cause);
    }

    /**
     * An engine for the server's side of one connection. It speaks TLS 1.3 and 1.2 with the same cipher suites for every protocol:
     * those with forward secrecy and authenticated encryption.
     *
     * @param context what {@link #context()} gave
     * @return the engine; call {@link #secured} after its handshake
     */
    public static SSLEngine engine(SSLContext context) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        configure(engine);
        return engine;
    }

    /**
     * Gives an engine that something else has made the settings of {@link #engine}.
     *
     * @param engine before its handshake
     */
    public static void configure(SSLEngine engine) {
        engine.setEnabledProtocols(PROTOCOLS.clone());
        engine.setEnabledCipherSuites(CIPHER_SUITES.clone());
    }

    /**
     * Keeps the client from renegotiating, which TLS 1.2 has: a further handshake finds no version in common, and the alert ends the
     * connection. What follows the handshake of TLS 1.3, such as new keys, goes on.
     *
     * @param engine after its handshake
     */
    public static void secured(SSLEngine engine) {
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
    }

    private SSLContext load() throws IOException {
        try {
            X509Certificate[] chain = certificates(certificate, CERTIFICATE);
            PrivateKey secret = key(chain[0]);
            char[] password = new char[0];
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, password);
            store.setKeyEntry("server", secret, password, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(keys.getKeyManagers(), clientCa == null ? null : trusting(clientCa), new SecureRandom());
            warn(chain[0]);
            return made;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the certificate " + certificate + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trusting(Path authorities) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (X509Certificate authority : certificates(authorities, CLIENT_CA)) {
            store.setCertificateEntry(String.valueOf(store.size()), authority);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    /** Tells of what works, but should not be so. */
    private void warn(X509Certificate own) throws IOException {
        Instant now = Instant.now();
        if (now.isAfter(own.getNotAfter().toInstant())
                || now.isBefore(own.getNotBefore().toInstant())) {
            LOG.log(
                    Level.WARNING,
                    "{0}: clients will refuse the certificate {1}, which is valid from {2} to {3}; put a new one in its"
                            + " place, it is read at once",
                    name,
                    certificate,
                    own.getNotBefore().toInstant(),
                    own.getNotAfter().toInstant());
        }
        if (key.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ)) {
            LOG.log(Level.WARNING, "{0}: everybody can read the key {1}; take that away with chmod o= {1}", name, key);
        }
    }

    private static String read(Path file, String setting) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unreadable(file, setting, e);
        }
    }

    private static X509Certificate[] certificates(Path file, String setting) throws IOException {
        StringBuilder certificates = new StringBuilder();
        Matcher block = PEM.matcher(read(file, setting));
        while (block.find()) {
            if (block.group(1).endsWith("CERTIFICATE")) {
                certificates.append(block.group()).append('\n');
            }
        }
        try {
            X509Certificate[] all = CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(certificates.toString().getBytes(StandardCharsets.ISO_8859_1)))
                    .toArray(X509Certificate[]::new);
            if (all.length == 0) {
                throw new IOException(file + " has no certificate in it; it should have a part BEGIN CERTIFICATE");
            }
            return all;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate in " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private PrivateKey key(X509Certificate owner) throws IOException, GeneralSecurityException {
        String text = read(key, KEY);
        Matcher block = PEM.matcher(text);
        while (block.find()) {
            String kind = block.group(1);
            if (kind.equals("ENCRYPTED PRIVATE KEY") || block.group(2).contains("ENCRYPTED")) {
                throw new IOException("the key in " + key + " is encrypted; decrypt it with 'openssl pkey'");
            }
            if (kind.endsWith("PRIVATE KEY")) {
                PrivateKey secret = decode(kind, Base64.getMimeDecoder().decode(block.group(2)), owner);
                if (!fits(secret, owner)) {
                    throw new IOException("the key in " + key + " is not that of the certificate "
                            + owner.getSubjectX500Principal() + " in " + certificate);
                }
                return secret;
            }
        }
        throw new IOException(key + " has no key in it; it should have a part BEGIN PRIVATE KEY");
    }

    private PrivateKey decode(String kind, byte[] der, Certificate owner) throws IOException {
        String algorithm = owner.getPublicKey().getAlgorithm();
        byte[] encoded =
                switch (kind) {
                    case "PRIVATE KEY" -> der;
                    case "RSA PRIVATE KEY" -> wrap(RSA, der);
                    case "EC PRIVATE KEY" -> wrap(algorithmOf(owner), der);
                    default ->
                        throw new IOException(
                                "the key in " + key + " is a " + kind + "; convert it with 'openssl pkey'");
                };
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the key in " + key + " is no " + algorithm + " key, as the certificate in " + certificate
                            + " needs it",
                    e);
        }
    }

    /** AlgorithmIdentifier of rsaEncryption, RFC 8017 appendix A.1. */
    private static final byte[] RSA = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    /** The AlgorithmIdentifier of a public key, which begins its SubjectPublicKeyInfo (RFC 5280 section 4.1). */
    private static byte[] algorithmOf(Certificate owner) {
        byte[] info = owner.getPublicKey().getEncoded();
        int at = 1 + lengthOfLength(info, 1);
        int length = 1 + lengthOfLength(info, at + 1) + info[at + 1];
        return java.util.Arrays.copyOfRange(info, at, at + length);
    }

    private static int lengthOfLength(byte[] der, int at) {
        return der[at] >= 0 ? 1 : 1 + (der[at] & 0x7f);
    }

    /** PrivateKeyInfo, RFC 5208 section 5. */
    private static byte[] wrap(byte[] algorithm, byte[] der) {
        byte[] octets = tagged(0x04, der);
        byte[] content = new byte[3 + algorithm.length + octets.length];
        content[0] = 0x02;
        content[1] = 0x01;
        System.arraycopy(algorithm, 0, content, 3, algorithm.length);
        System.arraycopy(octets, 0, content, 3 + algorithm.length, octets.length);
        return tagged(0x30, content);
    }

    private static byte[] tagged(int tag, byte[] content) {
        byte[] header = content.length < 0x80
                ? new byte[] {(byte) tag, (byte) content.length}
                : content.length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) content.length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        byte[] all = java.util.Arrays.copyOf(header, header.length + content.length);
        System.arraycopy(content, 0, all, header.length, content.length);
        return all;
    }

    private static boolean fits(PrivateKey secret, Certificate owner) throws GeneralSecurityException {
        String algorithm =
                switch (secret.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> secret.getAlgorithm();
                };
        byte[] probe = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(secret);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(owner.getPublicKey());
        signature.update(probe);
        return signature.verify(signed);
    }
}
