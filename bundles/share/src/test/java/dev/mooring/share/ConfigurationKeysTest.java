package dev.mooring.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationKeysTest {

    @interface Config {
        int port() default 80;

        boolean read_only();

        String key__store();

        String $class();

        String max$_$age();

        String dollar$$();
    }

    private static String refusal(String key, Object value) {
        return assertThrows(
                        IllegalArgumentException.class, () -> ConfigurationKeys.check(Config.class, Map.of(key, value)))
                .getMessage();
    }

    @Test
    void valuesThatWouldBeTakenForSomethingElseAreRefused() {
        assertEquals("read.only = 'yes' is neither true nor false", refusal("read.only", "yes"));
        assertEquals("port = '8O' is no number; write one, like 80", refusal("port", "8O"));
        assertEquals("port = '9999999999' is no number; write one, like 80", refusal("port", "9999999999"));
        ConfigurationKeys.check(Config.class, Map.of("port", "8080", "read.only", "TRUE", "key_store", "x"));
        ConfigurationKeys.check(Config.class, Map.of("port", 8080, "read.only", true));
    }

    @Test
    void unknownKeysAreNamedWithThePidAndTheKeysThatThereAre() {
        assertEquals(
                List.of(
                        "WARNING Configuration dev.mooring.share~a: unknown key 'Port' is ignored;"
                                + " the keys are class, dollar$, key_store, max-age, port, read.only",
                        "WARNING Configuration dev.mooring.share~a: unknown key 'read_only' is ignored;"
                                + " the keys are class, dollar$, key_store, max-age, port, read.only"),
                warnings(Map.of("Port", 1, "read_only", "", "port", 2)));
    }

    @Test
    void keysOfTheTypeAreKnownInTheFormThatDeclarativeServicesGivesThem() {
        assertEquals(
                List.of(),
                warnings(Map.of("port", 1, "read.only", 1, "key_store", 1, "class", 1, "max-age", 1, "dollar$", 1)));
    }

    @Test
    void whatTheFrameworkAddsIsNoMistake() {
        assertEquals(
                List.of(),
                warnings(Map.of(
                        "service.factoryPid",
                        "",
                        "service.id",
                        1,
                        "component.name",
                        "",
                        "component.id",
                        1,
                        "felix.fileinstall.filename",
                        "",
                        "objectClass",
                        "",
                        "share.target",
                        "",
                        "sockets.cardinality.minimum",
                        1,
                        ".secret",
                        "")));
    }

    private static List<String> warnings(Map<String, ?> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put("service.pid", "dev.mooring.share~a");
        try (LogRecorder log = new LogRecorder()) {
            ConfigurationKeys.warnOfUnknown(Config.class, all, System.getLogger(Share.PID));
            return log.lines();
        }
    }
}
