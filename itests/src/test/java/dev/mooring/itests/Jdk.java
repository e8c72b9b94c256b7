package dev.mooring.itests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** JDKs for child processes. */
public enum Jdk {
    /** The JDK that runs the tests, 17 or later. */
    RUNNING {
        @Override
        Optional<Path> home() {
            return Optional.of(Path.of(System.getProperty("java.home")));
        }

        @Override
        public String toString() {
            return "JDK " + Runtime.version().feature();
        }
    },
    /** A JDK 25: {@code $MOORING_JDK25}, or one that Debian or Temurin installed. */
    JDK_25 {
        @Override
        Optional<Path> home() {
            String configured = System.getenv("MOORING_JDK25");
            if (configured != null) {
                return Optional.of(Path.of(configured));
            }
            Path installed = Path.of("/usr/lib/jvm");
            if (!Files.isDirectory(installed)) {
                return Optional.empty();
            }
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(installed, "*25*")) {
                for (Path home : homes) {
                    if (Files.isExecutable(home.resolve("bin/java"))) {
                        return Optional.of(home);
                    }
                }
                return Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String toString() {
            return "JDK 25";
        }
    };

    abstract Optional<Path> home();

    /** Its {@code java} program. Skips the test if the JDK is not installed. */
    public String java() {
        assumeTrue(this == RUNNING || Runtime.version().feature() != 25, "the tests already run on JDK 25");
        Optional<Path> home = home();
        assumeTrue(home.isPresent(), "no JDK 25: install one under /usr/lib/jvm or set MOORING_JDK25 to its home");
        return home.orElseThrow().resolve("bin/java").toString();
    }
}
