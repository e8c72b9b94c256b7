package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FtpSettingsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static FtpSettings settings(
            FtpSettings.Tls tls, @Nullable String certificate, @Nullable String key, String address, String ports) {
        return new FtpSettings(
                tls,
                certificate == null ? null : Path.of(certificate),
                key == null ? null : Path.of(key),
                false,
                false,
                address,
                ports,
                SECOND,
                SECOND,
                1,
                1,
                1);
    }

    private static String refusal(
            FtpSettings.Tls tls, @Nullable String certificate, @Nullable String key, String address, String ports) {
        return assertThrows(IllegalArgumentException.class, () -> settings(tls, certificate, key, address, ports))
                .getMessage();
    }

    @Test
    void errorNamesTheSettingAndTheRemedy() {
        FtpSettings.Tls off = FtpSettings.Tls.OFF;
        assertEquals(
                "tls.certificate = 'a.pem' has no key; set tls.key to the PEM file of its private key",
                refusal(off, "a.pem", null, "", ""));
        assertEquals(
                "tls.key = 'a.key' has no certificate; set tls.certificate to its PEM file",
                refusal(off, null, "a.key", "", ""));
        assertEquals(
                "tls = 'required' needs a certificate; set tls.certificate and tls.key to PEM files",
                refusal(FtpSettings.Tls.REQUIRED, null, null, "", ""));
        assertEquals(
                "tls.reuse = 'required' has no effect, because the server has no TLS; set tls.certificate and tls.key to"
                        + " PEM files, and tls to allowed, required or implicit",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new FtpSettings(off, null, null, true, false, "", "", SECOND, SECOND, 1, 1, 1))
                        .getMessage());
        for (String address : new String[] {"host", "1.2.3", "1.2.3.400", "::1"}) {
            assertEquals(
                    "passive.address = '" + address + "' is not an IPv4 address; write it like 192.0.2.1",
                    refusal(off, null, null, address, ""));
        }
        for (String ports : new String[] {"1", "0-5", "7-5", "1-99999", "a-b"}) {
            assertEquals(
                    "passive.ports = '" + ports + "' is not a port range; write it like 61000-61100",
                    refusal(off, null, null, "", ports));
        }
    }

    @Test
    void portRangeIsParsed() {
        FtpSettings settings = settings(FtpSettings.Tls.OFF, null, null, "192.0.2.1", "61000 - 61100");
        assertEquals(61000, settings.firstPassivePort());
        assertEquals(61100, settings.lastPassivePort());
    }
}
