package dev.mooring.share;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationKeysTest {

    @interface Config {
        int port();

        boolean read_only();

        String key__store();

        String $class();

        String max$_$age();

        String dollar$$();
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
