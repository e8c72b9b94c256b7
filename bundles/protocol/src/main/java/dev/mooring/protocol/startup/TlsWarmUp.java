package dev.mooring.protocol.startup;

import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.internal.tls.PemFiles;
import dev.mooring.protocol.internal.tls.TlsContexts;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Properties;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * Runs the server's part of a TLS handshake ahead of the first client. It answers a message that a client might have sent: this exchanges keys, signs with the
 * configured key, and encrypts, which is slow the first time.
 */
final class TlsWarmUp {

    /**
     * A ClientHello of TLS 1.3 (RFC 8446 section 4.1.2) in a record. It supports AES in GCM, X25519 and the signatures ECDSA and RSA-PSS. Its random bytes
     * are zero, and its X25519 key is that of the base point (RFC 7748 section 4.1).
     */
    private static final byte[] CLIENT_HELLO = HexFormat.of()
            .parseHex(
                    "16030100a2" // a record with a handshake message
                            + "0100009e" // ClientHello
                            + "0303" + "00".repeat(32) + "20" + "00".repeat(32) // version, random, session
                            + "000413011302" + "0100" // cipher suites, no compression
                            + "0051" // extensions
                            + "002b0003020304" // versions
                            + "000a00040002001d" // groups
                            + "000d00140012040305030603080408050806040105010601" // signatures
                            + "003300260024001d0020" + "09" + "00".repeat(31)); // key

    private TlsWarmUp() {}

    /**
     * Runs a handshake with the certificate of the first configuration that has one.
     *
     * @param configurations the directory of the {@code .cfg} files
     * @param protocols the protocols that clients wait for
     */
    static void run(Path configurations, Set<String> protocols) throws IOException {
        for (String protocol : protocols) {
            try (DirectoryStream<Path> all =
                    Files.newDirectoryStream(configurations, "dev.mooring." + protocol + "-*.cfg")) {
                for (Path each : all) {
                    Properties properties = new Properties();
                    try (Reader text = Files.newBufferedReader(each)) {
                        properties.load(text);
                    }
                    String certificate = properties.getProperty("tls.certificate");
                    String key = properties.getProperty("tls.key");
                    if (certificate != null && key != null) {
                        handshake(Path.of(certificate.strip()), Path.of(key.strip()));
                        return;
                    }
                }
            }
        }
    }

    private static void handshake(Path certificate, Path key) throws IOException {
        X509Certificate[] chain = PemFiles.certificates(certificate, "tls.certificate");
        answer(TlsContexts.of(TlsContexts.keys(chain, key, "tls.key", certificate), null));
    }

    /** Lets a server answer {@link #CLIENT_HELLO}. Returns the number of bytes of its answer. */
    static int answer(SSLContext context) throws SSLException {
        SSLEngine engine = PemIdentity.engine(context);
        ByteBuffer decrypted = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        ByteBuffer sent = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        int count = 0;
        HandshakeStatus next =
                engine.unwrap(ByteBuffer.wrap(CLIENT_HELLO), decrypted).getHandshakeStatus();
        while (next == HandshakeStatus.NEED_TASK || next == HandshakeStatus.NEED_WRAP) {
            if (next == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
                next = engine.getHandshakeStatus();
            } else {
                next = engine.wrap(ByteBuffer.allocate(0), sent.clear()).getHandshakeStatus();
                count += sent.position();
            }
        }
        return count;
    }
}
