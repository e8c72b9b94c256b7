package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image of the JDK that {@code bin/mooring --archive --image} makes. */
class ImageIT {

    /** jlink, a start, a client of each protocol, and the JVM's dump of all classes take 20 s of a processor. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Variant variant = Variant.felix();

    @TempDir
    Path directory;

    /** Making the archive uses every protocol, with and without TLS, and each kind of login, so an image that lacks a module fails there. */
    @Test
    void aStartUsesTheImageAndItsArchive() throws Exception {
        Path jdk = Path.of(variant.javaHome());
        assumeTrue(Files.isExecutable(jdk.resolve("bin/jlink")), jdk + " has no jlink");
        Path home = Distribution.copy(directory.resolve("home"));
        Path files = Files.createDirectory(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");

        makeImage(home);

        String release = Files.readString(jdk.resolve("release"));
        String version = release.replaceAll("(?s).*JAVA_VERSION=\"([^\"]+)\".*", "$1");
        Path image = home.resolve("image").resolve(version);
        assertTrue(
                Files.readString(image.resolve("release")).contains(" java.sql"),
                "a named module is missing in the image");
        Distribution distribution =
                new Distribution(directory.resolve("mooring"), variant).at(home).serving(files);
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            assertEquals(image.resolve("bin/java"), executable(mooring));
            assertTrue(
                    Files.readString(mooring.proc("maps")).contains(home.resolve("archive") + "/"),
                    "the archive is not used");
            assertFalse(mooring.output().contains("there is no"), mooring.output());
        }

        // As after an upgrade of the JDK, which the image does not have.
        Files.setLastModifiedTime(image.resolve("made-from"), FileTime.fromMillis(0));
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            assertEquals(jdk.toRealPath().resolve("bin/java"), executable(mooring));
        }
    }

    private void makeImage(Path home) throws IOException, InterruptedException {
        ProcessBuilder builder = variant.mooring(home, "--archive", "--image");
        builder.environment().put("MOORING_IMAGE_MODULES", "java.sql");
        try (ChildProcess mooring = new ChildProcess(builder)) {
            int status = mooring.awaitExit(PATIENCE);
            assertEquals(0, status, mooring::output);
        }
    }

    private static Path executable(ChildProcess process) throws IOException {
        return process.proc("exe").toRealPath();
    }
}
