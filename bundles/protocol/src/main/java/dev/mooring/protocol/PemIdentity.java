package dev.mooring.protocol;

import dev.mooring.common.FileFingerprint;
import dev.mooring.protocol.internal.tls.PemFiles;
import dev.mooring.protocol.internal.tls.TlsContexts;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate with its key, and the authorities that sign the certificates of clients, in PEM files (RFC 7468). The files are read again when they
 * change. If they are then invalid, the previous content stays in use, and the error is logged once.
 *
 * <p>Keys are PKCS #8, or OpenSSL's older formats ({@code RSA PRIVATE KEY}, {@code EC PRIVATE KEY}), not encrypted.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class PemIdentity {

    /** TLS 1.2 and later, in the order of preference. */
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

    /** RFC 8446 section 4.6.1. The default of the JDK is a day, after which the client of a longer connection could not resume its session. */
    private static final int LONGEST_TICKET_SECONDS = 7 * 24 * 60 * 60;

    private static final String CERTIFICATE = "tls.certificate";
    private static final String KEY = "tls.key";
    private static final String CLIENT_CA = "tls.client.ca";
    private static final Logger LOG = System.getLogger(PemIdentity.class.getName());
    private static final long CHECK_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private final String name;
    private final Path certificate;
    private final Path key;
    private final @Nullable Path clientCa;

    // Guarded by this.
    private @Nullable List<FileFingerprint> seen;
    private @Nullable X509ExtendedKeyManager keys;
    private @Nullable SSLContext context;
    private long checked;

    /**
     * Reads the files.
     *
     * @param name the name of the server, for the log
     * @param certificate the file of the server's certificate, followed by the certificates of the authorities that signed it
     * @param key the file of the certificate's key
     * @throws IOException if a file is invalid; the message names the file, the problem and the remedy
     */
    public PemIdentity(String name, Path certificate, Path key) throws IOException {
        this(name, certificate, key, null);
    }

    /**
     * Reads the files.
     *
     * @param name the name of the server, for the log
     * @param certificate the file of the server's certificate, followed by the certificates of the authorities that signed it
     * @param key the file of the certificate's key
     * @param clientCa the file of the authorities that sign the certificates of clients; {@code null} to request none
     * @throws IOException if a file is invalid; the message names the file, the problem and the remedy
     */
    public PemIdentity(String name, Path certificate, Path key, @Nullable Path clientCa) throws IOException {
        this.name = name;
        this.certificate = certificate;
        this.key = key;
        this.clientCa = clientCa;
        seen = state();
        load();
        checked = System.nanoTime();
    }

    /**
     * The context for the next connection. Checks the files for changes at most once a second.
     *
     * @return the same object until the files change, so that clients can resume their sessions
     */
    public synchronized SSLContext context() {
        if (System.nanoTime() - checked > CHECK_PAUSE || context == null) {
            checked = System.nanoTime();
            refresh();
        }
        return Objects.requireNonNull(context);
    }

    /**
     * Makes a context for the connections of one client, with the certificate of {@link #context()}. It requests no certificate of the client. No other
     * context can resume its TLS sessions, and it resumes none of another.
     *
     * @return a new context
     * @throws IOException if the JDK cannot make it
     */
    public synchronized SSLContext newContext() throws IOException {
        context();
        SSLContext made = TlsContexts.of(Objects.requireNonNull(keys), null);
        made.getServerSessionContext().setSessionTimeout(LONGEST_TICKET_SECONDS);
        return made;
    }

    private void refresh() {
        List<FileFingerprint> now = null;
        try {
            now = state();
            if (now.equals(seen)) {
                return;
            }
            load();
            LOG.log(Level.INFO, "{0} has read the certificate {1} again", name, certificate);
        } catch (IOException e) {
            if (now != null || seen != null) {
                LOG.log(Level.ERROR, "{0} keeps the certificate that it had: {1}", name, e.getMessage());
            }
        }
        seen = now;
    }

    private List<FileFingerprint> state() throws IOException {
        List<FileFingerprint> state = new ArrayList<>(List.of(state(certificate, CERTIFICATE), state(key, KEY)));
        if (clientCa != null) {
            state.add(state(clientCa, CLIENT_CA));
        }
        return state;
    }

    private static FileFingerprint state(Path file, String setting) throws IOException {
        try {
            return FileFingerprint.of(file, Files.readAttributes(file, BasicFileAttributes.class));
        } catch (IOException e) {
            throw PemFiles.unreadable(file, setting, e);
        }
    }

    /**
     * Makes an engine for the server's side of a connection. It supports TLS 1.3 and 1.2 with cipher suites that have forward secrecy and authenticated
     * encryption, the same for every protocol.
     *
     * @param context the result of {@link #context()} or {@link #newContext()}
     * @return the engine; call {@link #secured} after its handshake
     */
    public static SSLEngine engine(SSLContext context) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        configure(engine);
        return engine;
    }

    /**
     * Applies the settings of {@link #engine} to another engine.
     *
     * @param engine an engine before its handshake
     */
    public static void configure(SSLEngine engine) {
        engine.setEnabledProtocols(PROTOCOLS.clone());
        engine.setEnabledCipherSuites(CIPHER_SUITES.clone());
    }

    /**
     * Prevents renegotiation, which TLS 1.2 allows: a further handshake finds no common version, and the alert ends the connection. Key updates of TLS 1.3
     * still work.
     *
     * @param engine an engine after its handshake
     */
    public static void secured(SSLEngine engine) {
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
    }

    private void load() throws IOException {
        X509Certificate[] chain = PemFiles.certificates(certificate, CERTIFICATE);
        X509Certificate[] authorities = clientCa == null ? null : PemFiles.certificates(clientCa, CLIENT_CA);
        X509ExtendedKeyManager read = TlsContexts.keys(chain, key, KEY, certificate);
        SSLContext made = TlsContexts.of(read, authorities);
        warn(chain[0]);
        keys = read;
        context = made;
    }

    /** Warns of an expired certificate and of a key that everybody can read. */
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
}
