package dev.mooring.accounts.internal.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

public class AuthorizedKeyTest {

    // ssh-keygen of OpenSSH 9.2
    public static final String ED25519 =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINRecjzSd9rMBvVris3FCuIVvXfgtC599/1p7b0e0Sxu";
    private static final String ECDSA =
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDG0UCb0"
                    + "P8yHsoOwGgFQ3BS6iBdMgdu4n/MMNVagbDgfsbD5LzSoTHazRK13IlYvGe2SlMO48mr9xqLkq1kyC8c=";
    private static final String RSA =
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCygK3G9vHe9UOCdt2wD9Bt6fS/oBG3AdQKaMSzOPZmba7R5BYnuhIE7tm+6qsxb7ad"
                    + "GaPly7ZozX2M3j25h7xw7FUcZd+zasRnWUKYMXg011BRhAY5NGqH0MSfeeH/Zjh2qRrDMLzlknBw92wK40nluTNiWdNK"
                    + "hrqohbw+Yek9nds83oDJZ/5nFb0zile5zx2L8ZckNH63YhOMClpdJiJW4roCqokRRmWTwSAJVC2iaR/DOAisB+NownR/"
                    + "XzDXdkzO8fUozymoc6eSIX+JbXWQTkpreLPpsmFBOTvajWvDANYqJNLvXJh3HQnWjUBSfyCy815p044cnog+0d2POLii"
                    + "47ECjtq/Oycia9vqXi7urD00CPnPi9nwUrSn1DRfkPP/MJloJ2ijWmONEvmXnCDXp//wFpQ3dEMUURse0Y3IqN4ShJu3"
                    + "+xopUVEaf8FU2CpVI0/u1lvgNM8fkg7NP3tb7MdqLU34JhYRKNHZLTwZ5giHkCUQQFef10FJgebsVbE=";
    private static final String RSA_1024 =
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDZw5RHY3jsZMhOtzLFIuWCADc6Pf/ThYV2gj2IN63o4IH+nZRPxQPAsLMheebAQFuv"
                    + "AE2SvDKKKUU1DF9IEYERF856yZtmP97/1M7e1J1MC28fWUY9JmyNOeLUFkLoYIViewn5SBX3CiOQPps7vDpYayq9TxUj"
                    + "a1hVVnF3cXPv1Q==";
    private static final String DSA = "ssh-dss AAAAB3NzaC1kc3MAAACBANH+";

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @ParameterizedTest
    @ValueSource(strings = {ED25519, ECDSA, RSA})
    void keysOfSshKeygenAreParsed(String key) {
        for (String line : new String[] {key, key + " ada@example, her laptop", "restrict,pty\t" + key + " c"}) {
            AuthorizedKey read = key(line);
            assertTrue(read.is(blob(key)));
            assertNull(read.refusalReason(null, NOW));
        }
        assertFalse(key(key).is(new byte[0]));
        assertFalse(key(key).is(blob(key.equals(RSA) ? ECDSA : RSA)));
    }

    @Test
    void keysOfSecurityKeysAreParsed() {
        String type = "sk-ssh-ed25519@openssh.com";
        byte[] blob = ByteBuffer.allocate(100)
                .putInt(type.length())
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .putInt(32)
                .array();
        assertTrue(key(type + " " + Base64.getEncoder().encodeToString(blob)).is(blob));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-pty,no-port-forwarding,no-agent-forwarding,no-X11-forwarding,no-user-rc",
                "RESTRICT",
                "permitopen=\"host:1\",permitlisten=\"2\",permitopen=\"other:3\"",
                "environment=\"A=b \\\" c, d\",tunnel=\"0\"",
                "no-touch-required",
            })
    void optionsForMissingFeaturesHaveNoEffect(String options) {
        assertNull(key(options + " " + ED25519).refusalReason(null, NOW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cert-authority",
                "command=\"internal-sftp\"",
                "principals=\"ada\"",
                "verify-required",
                "from",
                "from=",
                "from=\"host.example.org\"",
                "from=\"*.example.org\"",
                "from=\"*,!evil.example.org\"",
                "from=\"10.0.0.1/8\"",
                "from=\"10.0.0.0/33\"",
                "from=\"10.0.0.256\"",
                "from=\"2001:db8::/129\"",
                "from=\"2001:db8:*\"",
                "from=\"\"",
                "from=\"10.0.0.1",
                "expiry-time=\"soon\"",
                "expiry-time=\"20261341\"",
                "expiry-time",
                "restrict,",
                ",restrict",
                "restrict;pty",
                "unheard-of",
            })
    void keyWithAnUnsupportedOptionIsRefused(String options) {
        String why = refused(options + " " + ED25519);
        assertFalse(why.contains("AAAA"), why);
        assertFalse(why.contains("example"), why);
    }

    @Test
    void weakKeysAreRefusedWithTheRemedy() {
        assertEquals("its RSA key has less than 2048 bits; make an Ed25519 key with ssh-keygen", refused(RSA_1024));
        assertEquals("DSA keys are too weak; make an Ed25519 key with ssh-keygen", refused(DSA));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssh-ed25519",
                "ssh-ed25519 ?",
                "ssh-ed25519 AAAA",
                "ssh-ed25519 AAAAC3Nz",
                "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAINRecjzSd9rMBvVris3FCuIVvXfgtC599/1p7b0e0Sxu",
                "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB",
                "ssh-rsa-cert-v01@openssh.com AAAA",
                "restrict",
                "restrict ",
                "AAAAC3NzaC1lZDI1NTE5AAAAINRecjzSd9rMBvVris3FCuIVvXfgtC599/1p7b0e0Sxu",
            })
    void invalidKeyIsRefused(String line) {
        assertNotNull(refused(line));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.7             | 192.0.2.7   | true",
                "192.0.2.7             | 192.0.2.70  | false",
                "192.0.2.0/24          | 192.0.2.255 | true",
                "192.0.2.0/24          | 192.0.3.0   | false",
                "0.0.0.0/0             | 198.51.100.1| true",
                "0.0.0.0/0             | ::2         | false",
                "192.0.2.*             | 192.0.2.7   | true",
                "192.0.2.*             | 192.0.20.7  | false",
                "192.0.2.?             | 192.0.2.7   | true",
                "192.0.2.?             | 192.0.2.17  | false",
                "*                     | 2001:db8::1 | true",
                "2001:db8::/32         | 2001:db8::1 | true",
                "2001:db8::/32         | 2001:db9::1 | false",
                "2001:DB8:0::1         | 2001:db8::1 | true",
                "10.0.0.0/8,192.0.2.7  | 192.0.2.7   | true",
                "192.0.2.0/24,!192.0.2.7 | 192.0.2.7 | false",
                "192.0.2.0/24,!192.0.2.7 | 192.0.2.8 | true",
                "!192.0.2.7            | 192.0.2.8   | false",
            })
    void fromAllowsAddressesThatOnePatternAndNoNegatedOneMatches(String from, String address, boolean allowed)
            throws UnknownHostException {
        AuthorizedKey key = key("from=\"" + from + "\" " + ED25519);
        assertEquals(
                allowed ? null : "line 7 does not allow this address",
                key.refusalReason(InetAddress.getByName(address), NOW));
    }

    @Test
    void peerWithoutAnAddressMatchesNoFrom() {
        assertNotNull(key("from=\"*\" " + ED25519).refusalReason(null, NOW));
    }

    @Test
    void eachOfSeveralFromOptionsMustAllow() throws UnknownHostException {
        AuthorizedKey key = key("from=\"192.0.2.*\",from=\"*.7\" " + ED25519);
        assertNull(key.refusalReason(InetAddress.getByName("192.0.2.7"), NOW));
        assertNotNull(key.refusalReason(InetAddress.getByName("192.0.2.8"), NOW));
    }

    @ParameterizedTest
    @CsvSource({
        "20261123, true",
        "20261122, false",
        "202611221301, true",
        "202611221259, false",
        "202611221201Z, true",
        "20261122115959Z, false",
        "20261122120000Z, true",
    })
    void keyExpiresAtItsTimeInTheZoneOfTheSystemOrUtc(String time, boolean good) {
        AuthorizedKey key = key("expiry-time=\"" + time + "\" " + ED25519);
        assertEquals(good ? null : "line 7 has expired", key.refusalReason(null, NOW));
    }

    @Test
    void earliestOfSeveralExpiryTimesCounts() {
        assertNotNull(key("expiry-time=\"20300101\",expiry-time=\"20200101\",expiry-time=\"20310101\" " + ED25519)
                .refusalReason(null, NOW));
    }

    private static AuthorizedKey key(String line) {
        return AuthorizedKey.of(7, line, TimeZone.getTimeZone("Europe/Berlin"));
    }

    private static String refused(String line) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> key(line)).getMessage());
    }

    public static byte[] blob(String key) {
        return Base64.getDecoder().decode(key.split(" ")[1]);
    }
}
