package dev.mooring.accounts.internal.password;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                // htpasswd -B -C 10, -m, -s, -2, -5, -5 -r 10000, of Debian's apache2-utils 2.4
                "$2y$10$5bonsxcMi5UiwUWxOyhcLeqrM8T3lVQo6mf5uxLYcoU0BzbydXzO2",
                "$apr1$reqofpGD$EwL7UA5JtELQ8mZBdd0Ov1",
                "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=",
                "$5$HHo69Q0m.HAbeuzV$4mj7nN.SR7spVe3aID/oxeI1UEHRQfM9VvadYgzX4D5",
                "$6$db1w2njHpgMQD/mD$TGdkYpF.dCGpmgXpovZIXVlv42cb/IP1OlbAAjeY0rGQVhPMPt1jmbfzjkFyv/LKSx6RO5MGY8NfBUsiTaiD2.",
                "$6$rounds=10000$7ZZ4NnY7yRQ78bTJ$Xtqefmq7z5K9SwsSExB0ixee2czsfgQ.1kF0BUi5egWqGb1xPh2OijV.VPhb7PEdDagL1nKc4rvCmHiBtvp4O0",
                // openssl passwd -6 -salt saltstring, -5 -salt 'rounds=2000$saltst'
                "$6$saltstring$.r0X7ub5wGR2v4Xz7svCIozfnlorFh19V89t8KC9Umd81uGhFgsyTRNyzQDXDIm17fFcR9z3z7oBNdsyYBbtm/",
                "$5$rounds=2000$saltst$KuPoLoD9NeHoBkdQWv5ywimj1sfywQETYAegW74CscD",
                // crypt(3) of libxcrypt
                "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            })
    void hashesOfOtherToolsMatch(String hash) {
        assertNull(PasswordHashes.problem(hash));
        byte[] password = utf8("correct horse");
        assertTrue(PasswordHashes.matches(password, hash));
        assertEquals("correct horse", new String(password, StandardCharsets.UTF_8));
        assertFalse(PasswordHashes.matches(utf8("correct horsf"), hash));
        assertFalse(PasswordHashes.matches(utf8(""), hash));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // htpasswd -B -C 5; openssl passwd -apr1, -6; crypt(3) of libxcrypt
                "$2y$05$MnO6jhBfSqIK1MVQotiDV.WrMUUsZCJiLnRuY.t.rLo0z/wts/t82",
                "$apr1$JWccdeIO$y0cO2bjDES.UxGR6EtQ9V.",
                "$6$71iXC7hNRcxmWeDz$sgHSujbNjYaNVkOZSddP/0zukraVABhpYs58s.EC.EMq60x0FUN2BkmWxXCKQKxHHMJy9LH0Rv4c0OMxmkP/y.",
                "$2a$04$abcdefghijklmnopqrstuuKRze7BjvIHM2j/Mlifwl1ZipE2V9mZ.",
                "$2y$04$abcdefghijklmnopqrstuuKRze7BjvIHM2j/Mlifwl1ZipE2V9mZ.",
            })
    void passwordsAreHashedAsUtf8(String hash) {
        assertNull(PasswordHashes.problem(hash));
        assertTrue(PasswordHashes.matches(utf8("päss word"), hash));
        assertFalse(PasswordHashes.matches("päss word".getBytes(StandardCharsets.ISO_8859_1), hash));
    }

    @Test
    void bcryptUses72BytesLikeHtpasswd() {
        String hash = "$2y$04$.E9/rq9VnaF9OxI5qbvNUusqmmJTHRFHTCTMcYjXAeexRcSYFRc5.";
        assertTrue(PasswordHashes.matches(utf8("x".repeat(80)), hash));
        assertTrue(PasswordHashes.matches(utf8("x".repeat(72)), hash));
        assertFalse(PasswordHashes.matches(utf8("x".repeat(71)), hash));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // htpasswd -d and -p, md5crypt, an unsafe bcrypt, and damaged hashes
                "oR4GLyMwsYw2o",
                "correct horse",
                "",
                "$",
                "$1$abcdefgh$abcdefghijklmnopqrstuv",
                "$2x$10$5bonsxcMi5UiwUWxOyhcLeqrM8T3lVQo6mf5uxLYcoU0BzbydXzO2",
                "$2y$10$5bonsxcMi5UiwUWxOyhcLeqrM8T3lVQo6mf5uxLYcoU0BzbydXzO",
                "$2y$31$5bonsxcMi5UiwUWxOyhcLeqrM8T3lVQo6mf5uxLYcoU0BzbydXzO2",
                "$2y$03$5bonsxcMi5UiwUWxOyhcLeqrM8T3lVQo6mf5uxLYcoU0BzbydXzO2",
                "$5$rounds=999999999$saltst$KuPoLoD9NeHoBkdQWv5ywimj1sfywQETYAegW74CscD",
                "$6$saltst$KuPoLoD9NeHoBkdQWv5ywimj1sfywQETYAegW74CscD",
                "{SHA}L55TUjtiq8FBorTWAZ0jy6g129",
                "{SSHA}L55TUjtiq8FBorTWAZ0jy6g129A=",
            })
    void plainTextAndUnsupportedHashesAreRefusedWithoutTheirContent(String hash) {
        String problem = PasswordHashes.problem(hash);
        assertNotNull(problem);
        assertTrue(hash.length() < 2 || !problem.toLowerCase(Locale.ROOT).contains(hash.toLowerCase(Locale.ROOT)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
