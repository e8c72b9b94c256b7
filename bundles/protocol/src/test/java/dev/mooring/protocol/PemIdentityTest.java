package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import javax.net.ssl.SSLContext;
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
}
