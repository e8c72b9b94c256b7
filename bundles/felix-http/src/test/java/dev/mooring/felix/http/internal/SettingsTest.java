package dev.mooring.felix.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.activation.NamedSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private static final String OBJECT_CLASS = "objectClass";
    private static final String SOCKET = NamedSocket.class.getName();

    @Test
    void withoutAConfigurationSocketsNamedConsoleMatch() {
        Settings settings = Settings.of(Map.of());
        assertTrue(settings.sockets().matches(Map.of(OBJECT_CLASS, SOCKET, NamedSocket.SOCKET_NAME, "console")));
        assertFalse(settings.sockets().matches(Map.of(OBJECT_CLASS, SOCKET, NamedSocket.SOCKET_NAME, "http")));
        assertEquals(Duration.ofSeconds(60), settings.idleTimeout());
    }

    @Test
    void equalConfigurationsAreEqual() {
        assertEquals(Settings.of(Map.of()), Settings.of(Map.of("sockets.target", "(socket.name=console)")));
    }

    @Test
    void aWrongFilterIsNamed() {
        assertWrong(
                "sockets.target",
                "console",
                "sockets.target = 'console' is no filter; write one, like (socket.name=console)");
    }

    @Test
    void aTimeoutThatIsTooShortIsNamed() {
        assertWrong("idle.timeout", "0", "idle.timeout = '0' is too short; write it in seconds, 1 or more");
        assertWrong("drain.timeout", "-1", "drain.timeout = '-1' is too short; write it in seconds, 0 or more");
    }

    private static void assertWrong(String key, String value, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> Settings.of(Map.of(key, value)))
                        .getMessage());
    }
}
