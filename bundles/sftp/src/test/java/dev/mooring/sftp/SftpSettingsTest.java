package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SftpSettingsTest {

    private static SftpSettings settings(String authentication, int sessions, long login) {
        return new SftpSettings(
                Path.of("keys"),
                List.of(),
                authentication,
                sessions,
                sessions,
                1,
                1,
                Duration.ofSeconds(login),
                Duration.ZERO,
                Duration.ZERO,
                false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "publickey",
                "password",
                "publickey password",
                "publickey,password",
                "publickey,password password"
            })
    void listsOfMethodsAreAlternatives(String authentication) {
        assertEquals(authentication, settings(authentication, 1, 1).authentication());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "none", "publickey, ,password", "Password"})
    void unknownMethodIsRefused(String authentication) {
        Exception refusal = assertThrows(IllegalArgumentException.class, () -> settings(authentication, 1, 1));
        assertTrue(refusal.getMessage().startsWith("authentication = '"), refusal.getMessage());
    }

    @Test
    void limitsThatRefuseEveryClientAreRejected() {
        assertThrows(IllegalArgumentException.class, () -> settings("password", 0, 1));
        assertThrows(IllegalArgumentException.class, () -> settings("password", 1, 0));
    }
}
