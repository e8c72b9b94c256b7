package dev.mooring.protocol.startup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.TestCertificates;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsWarmUpTest {

    /** An alert has less than 10 bytes; the server's part of a handshake contains its certificate. */
    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void theServerCompletesItsPart(String algorithm, @TempDir Path directory) throws Exception {
        TestCertificates.make(directory, "own", algorithm);
        PemIdentity identity = new PemIdentity("test", directory.resolve("own.pem"), directory.resolve("own.key"));
        int answered = TlsWarmUp.answer(identity.context());
        assertTrue(answered > 500, () -> answered + " bytes");
    }
}
