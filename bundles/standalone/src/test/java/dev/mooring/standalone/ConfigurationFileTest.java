package dev.mooring.standalone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.felix.fileinstall.shaded.util.properties.TypedProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationFileTest {

    @TempDir
    Path directory;

    private Map<String, Object> read(String text) throws IOException {
        Path file = directory.resolve("dev.mooring.http-a-b.cfg");
        return ConfigurationFile.read(Files.writeString(file, text, StandardCharsets.ISO_8859_1));
    }

    /** What File Install makes of it, as texts. */
    private static Map<String, Object> byFileInstall(String text) throws IOException {
        TypedProperties properties = new TypedProperties((name, key, variable) ->
                variable.startsWith("env:") ? System.getenv(variable.substring(4)) : System.getProperty(variable));
        properties.load(new StringReader(text));
        Map<String, Object> read = new HashMap<>();
        for (String key : properties.keySet()) {
            Object value = properties.get(key);
            read.put(key, value instanceof String[] ? value : value.toString());
        }
        return read;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = (socket.name=http)",
                "a = (socket.name=http)\nb=plain",
                "a: x\nb y\n! c\n# d \\\nc = \\#",
                "a = x \\\n   y\nb = trailing  ",
                "a=\nb",
                "a=1\na=2",
                "a=ä\\u00e4\nb\\ c=C:\\\\temp",
                "a = ${user.home}/x\nb = ${a}/${no.such}/y",
                "a = ${env:HOME}\nb = ${no.such:-other}/${user.home:-other}",
                "b=user\na=${${b}.home}",
                "a=*.{bak,tmp}\nb= }${user.home} $x",
                "a = \"x\"",
                "a = \"x\"\nb = I\"5\"\nc = B\"true\"",
                "a = \"x\"\nb = y",
            })
    void readsWhatFileInstallReads(String text) throws IOException {
        Map<String, Object> expected = byFileInstall(text);
        expected.put("service.pid", "dev.mooring.http~a-b");
        assertEquals(expected, read(text));
    }

    @Test
    void listsInBracketsAreArraysWhereEverythingIsTyped() throws IOException {
        String text = "a = [\"x\", \"y\"]\n";
        assertArrayEquals(
                (Object[]) byFileInstall(text).get("a"), (Object[]) read(text).get("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a = ${b}\nb = ${a}", "a = \\u00zz"})
    void malformedFilesAreRefusedAsFileInstallDoes(String text) {
        assertThrows(IllegalArgumentException.class, () -> byFileInstall(text));
        assertThrows(IllegalArgumentException.class, () -> read(text));
    }

    @ParameterizedTest
    @CsvSource({
        "dev.mooring.http-public.cfg, dev.mooring.http~public",
        "dev.mooring.http-a-b.cfg, dev.mooring.http~a-b",
        "dev.mooring.systemd.cfg, dev.mooring.systemd",
    })
    void thePidIsInTheNameOfTheFile(String file, String pid) {
        assertEquals(pid, ConfigurationFile.pid(file));
    }
}
