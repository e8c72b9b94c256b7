package dev.mooring.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ConfigurationTest {

    @interface Config {
        int port() default 80;

        boolean read_only() default true;

        String key__store() default "";

        String $class() default "";

        String[] max$_$age() default {"1", "2"};

        long dollar$$() default 3;
    }

    private static Configuration of(String key, Object value) {
        return new Configuration(Config.class, Map.of(key, value));
    }

    private static String refusal(Executable reading) {
        return assertThrows(IllegalArgumentException.class, reading).getMessage();
    }

    @Test
    void unsetKeyHasTheDefaultOfTheType() {
        Configuration empty = new Configuration(Config.class, Map.of());
        assertEquals(80, empty.integer("port"));
        assertEquals(3, empty.number("dollar$"));
        assertTrue(empty.flag("read.only"));
        assertEquals("", empty.text("key_store"));
        assertNull(empty.path("key_store"));
        assertEquals(List.of("1", "2"), empty.list("max-age"));
    }

    @Test
    void valuesMayBeTextsOrTypedAsInConfigurationAdmin() {
        assertEquals(8080, of("port", "8080").integer("port"));
        assertEquals(8080, of("port", 8080).integer("port"));
        assertEquals(Duration.ofSeconds(5), of("dollar$", 5L).seconds("dollar$"));
        assertFalse(of("read.only", "FALSE").flag("read.only"));
        assertFalse(of("read.only", false).flag("read.only"));
        assertEquals(Path.of("/a"), of("key_store", " /a ").path("key_store"));
        assertEquals("x", of("key_store", new String[] {"x", "y"}).text("key_store"));
        assertEquals(List.of("x,y"), of("max-age", "x,y").list("max-age"));
        assertEquals(List.of("1", "2"), of("max-age", new int[] {1, 2}).list("max-age"));
        assertEquals(
                List.of("a", "b", "c"), of("max-age", List.of("a, b,", ",c")).commaSeparated("max-age"));
    }

    @Test
    void ambiguousValuesAreRefused() {
        assertEquals("read.only = 'yes' is neither true nor false", refusal(() -> of("read.only", "yes")
                .flag("read.only")));
        assertEquals("port = '8O' is not a number; write one, like 80", refusal(() -> of("port", "8O")
                .integer("port")));
        assertEquals("port = '9999999999' is not a number; write one, like 80", refusal(() -> of("port", "9999999999")
                .integer("port")));
        assertTrue(refusal(() -> of("key_store", "a\0").path("key_store")).startsWith("key_store = 'a"));
    }

    @Test
    void warningHasTheUnknownKeyThePidAndTheKnownKeys() {
        assertEquals(
                List.of(
                        "WARNING Configuration dev.mooring.share~a: unknown key 'Port' is ignored;"
                                + " the keys are class, dollar$, key_store, max-age, port, read.only",
                        "WARNING Configuration dev.mooring.share~a: unknown key 'read_only' is ignored;"
                                + " the keys are class, dollar$, key_store, max-age, port, read.only",
                        "WARNING Configuration dev.mooring.share~a: unknown key 'socket.target' is ignored;"
                                + " the keys are class, dollar$, key_store, max-age, port, read.only"),
                warnings(Map.of("Port", 1, "read_only", "", "socket.target", "", "port", 2)));
    }

    @Test
    void keysAreMappedAsInDeclarativeServices() {
        assertEquals(
                List.of(),
                warnings(Map.of("port", 1, "read.only", 1, "key_store", 1, "class", 1, "max-age", 1, "dollar$", 1)));
    }

    @Test
    void keysOfFrameworksAreNotReported() {
        assertEquals(
                List.of(),
                warnings(Stream.of(
                                "service.factoryPid",
                                "service.id",
                                "component.name",
                                "component.id",
                                "osgi.ds.satisfying.condition.target",
                                "felix.fileinstall.filename",
                                "org.apache.karaf.features.configKey",
                                "objectClass",
                                "sockets.cardinality.minimum",
                                ".secret")
                        .collect(Collectors.toMap(key -> key, key -> ""))));
    }

    private static List<String> warnings(Map<String, ?> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put("service.pid", "dev.mooring.share~a");
        try (LogRecorder log = new LogRecorder("test")) {
            new Configuration(Config.class, all).warnOfUnknown(System.getLogger("test"));
            return log.lines().stream().sorted().toList();
        }
    }
}
