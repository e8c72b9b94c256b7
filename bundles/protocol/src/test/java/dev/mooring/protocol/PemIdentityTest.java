package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("files")
class PemIdentityTest {

    @TempDir
    Path directory;

    private PemIdentity identity() throws IOException {
        return new PemIdentity("test", directory.resolve("a.pem"), directory.resolve("a.key"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void keyUnderItsOlderNameIsRead(String algorithm) throws Exception {
        TestCertificates.make(directory, "a", algorithm);
        String pem = Files.readString(directory.resolve("a.key"));
        byte[] pkcs8 = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        Files.writeString(
                directory.resolve("a.key"), TestCertificates.pem(algorithm + " PRIVATE KEY", unwrapped(pkcs8)));

        assertTrue(PemIdentity.engine(identity().context()).getEnabledCipherSuites().length > 0);
    }

    /** The key that is in a PrivateKeyInfo (RFC 5208 section 5), after its version and algorithm. */
    private static byte[] unwrapped(byte[] pkcs8) {
        ByteBuffer der = ByteBuffer.wrap(pkcs8);
        enter(der);
        for (int skipped = 0; skipped < 2; skipped++) {
            int length = enter(der);
            der.position(der.position() + length);
        }
        byte[] key = new byte[enter(der)];
        der.get(key);
        return key;
    }

    private static int enter(ByteBuffer der) {
        der.get();
        int length = der.get() & 0xff;
        return switch (length) {
            case 0x81 -> der.get() & 0xff;
            case 0x82 -> der.getShort() & 0xffff;
            default -> length;
        };
    }

    @Test
    void contextIsTheSameAsLongAsTheFilesAre() throws Exception {
        TestCertificates.make(directory, "a", "EC");
        PemIdentity identity = identity();
        assertSame(identity.context(), identity.context());
    }

    @Test
    void filesThatGoKeepTheContextAndAreReportedOnce() throws Exception {
        TestCertificates.make(directory, "a", "EC");
        PemIdentity identity = identity();
        SSLContext context = identity.context();
        Files.move(directory.resolve("a.key"), directory.resolve("b.key"));
        try (CapturedLog log = new CapturedLog()) {
            String kept = log.await("keeps", () -> {
                assertSame(context, identity.context());
                return null;
            });
            assertEquals(
                    "SEVERE test keeps the certificate that it had: there is no file " + directory.resolve("a.key")
                            + "; set tls.key to a PEM file",
                    kept);
            Files.move(directory.resolve("b.key"), directory.resolve("a.key"));
            log.await("has read the certificate", identity::context);
            assertNotEquals(context, identity.context());
            assertEquals(2, log.lines().size(), () -> log.lines().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void keyOfAnotherCertificateIsRefused(String algorithm) throws Exception {
        TestCertificates.make(directory, "a", algorithm);
        identity();
        TestCertificates.make(directory, "b", algorithm);
        Files.copy(directory.resolve("b.key"), directory.resolve("a.key"), StandardCopyOption.REPLACE_EXISTING);

        Exception refusal = assertThrows(IOException.class, this::identity);

        assertEquals(
                "the key in " + directory.resolve("a.key") + " is not that of the certificate CN=a in "
                        + directory.resolve("a.pem"),
                refusal.getMessage());
    }

    @Test
    void keyThatMayNotBeReadIsSaidToBeSo() throws Exception {
        TestCertificates.make(directory, "a", "EC");
        Path key = directory.resolve("a.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(key), "root reads everything");

        Exception refusal = assertThrows(IOException.class, this::identity);

        assertEquals(
                key + " may not be read by '" + System.getProperty("user.name") + "'; let this user read it",
                refusal.getMessage());
    }

    /** A client and a server that hand their records to each other. */
    private static final class Pair {
        final SSLEngine client;
        final SSLEngine server;
        private final ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
        private final ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
        private final ByteBuffer plain = ByteBuffer.allocate(1 << 16);

        Pair(SSLContext context, String protocol, String... suites) throws Exception {
            SSLContext trusting = SSLContext.getInstance("TLS");
            trusting.init(null, new TrustManager[] {new TrustAll()}, null);
            client = trusting.createSSLEngine();
            client.setUseClientMode(true);
            client.setEnabledProtocols(new String[] {protocol});
            if (suites.length > 0) {
                client.setEnabledCipherSuites(suites);
            }
            server = PemIdentity.engine(context);
        }

        /** Begins a handshake, and moves what there is from one to the other until neither has any more. */
        void shake() throws SSLException {
            client.beginHandshake();
            while (step(client, toClient, toServer) | step(server, toServer, toClient)) {
                // Each answers the other.
            }
        }

        /** Sends what an engine has to send, or else takes what has come for it; whether there was any of that. */
        private boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
            boolean moved;
            if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
                moved = engine.wrap(ByteBuffer.allocate(0), out).bytesProduced() > 0;
            } else {
                moved = engine.unwrap(in.flip(), plain.clear()).bytesConsumed() > 0;
                in.compact();
            }
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
                moved = true;
            }
            return moved;
        }

        boolean isIdle() {
            return client.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING
                    && server.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
        }

        private static final class TrustAll extends X509ExtendedTrustManager {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
            })
    void suitesWithoutForwardSecrecyOrWithCbcAreRefused(String suite) throws Exception {
        TestCertificates.make(directory, "a", "RSA");
        SSLContext context = identity().context();
        assertThrows(SSLException.class, () -> new Pair(context, "TLSv1.2", suite).shake());
        Pair good = new Pair(context, "TLSv1.2");
        good.shake();
        assertTrue(good.isIdle());
    }

    @Test
    void aClientCannotRenegotiate() throws Exception {
        TestCertificates.make(directory, "a", "EC");
        Pair pair = new Pair(identity().context(), "TLSv1.2");
        pair.shake();
        PemIdentity.secured(pair.server);
        assertThrows(SSLException.class, pair::shake);
    }

    @Test
    void newKeysOfTls13AreTaken() throws Exception {
        TestCertificates.make(directory, "a", "EC");
        Pair pair = new Pair(identity().context(), "TLSv1.3");
        pair.shake();
        PemIdentity.secured(pair.server);
        pair.shake();
        assertTrue(pair.isIdle());
    }
}
