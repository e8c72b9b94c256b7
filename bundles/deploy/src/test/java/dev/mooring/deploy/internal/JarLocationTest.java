package dev.mooring.deploy.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JarLocationTest {

    private static final String AREA = "file:/opt/eclipse/";

    @ParameterizedTest
    @CsvSource({
        "file:/a/b.jar, /a/b.jar",
        "file:///a/b.jar, /a/b.jar",
        "reference:file:/a/b.jar, /a/b.jar",
        "file:/a/b%20c+d.jar, /a/b c+d.jar",
        "file:/a/100%.jar, /a/100%.jar",
        "initial@reference:file:plugins/b.jar, /opt/eclipse/plugins/b.jar",
        "initial@reference:file:../b.jar, /opt/b.jar"
    })
    void theFileIsFoundInEveryForm(String location, Path file) {
        assertEquals(file, JarLocation.of(location, AREA));
    }

    @Test
    void aNameThatOnlyLooksEncodedIsNotDecoded(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("a%20b.jar"));
        assertEquals(file, JarLocation.of("file:" + file, AREA));
    }

    @Test
    void aLocationThatIsNotAFileHasNoPath() {
        assertNull(JarLocation.of("mvn:dev.mooring/dev.mooring.http/1.0.0", AREA));
        assertNull(JarLocation.of("System Bundle", AREA));
    }

    @Test
    void aRelativePathStartsFromTheWorkingDirectory() {
        Path file = Path.of("plugins/b.jar").toAbsolutePath();
        assertEquals(file, JarLocation.of("file:plugins/b.jar", null));
        assertEquals(file, JarLocation.of("file:plugins/b.jar", AREA));
        assertEquals(file, JarLocation.of("reference:file:plugins/b.jar", null));
    }

    @Test
    void replacementHasAnotherLocationOfTheSameJar() {
        String first = JarLocation.next("file:/opt/a.jar");
        String second = JarLocation.next(first);

        assertEquals("file:/opt/a.jar?1", first);
        assertEquals("file:/opt/a.jar?2", second);
        assertEquals(Path.of("/opt/a.jar"), JarLocation.of(second, null));
    }
}
