package dev.mooring.itests;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The jars on the class path of the tests, for child processes. */
public final class Jars {

    private Jars() {}

    /** The jar of an artifact. */
    public static Path of(String artifactId) {
        return all(artifactId)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No jar of " + artifactId
                        + " is on the class path of the tests; run them in the verify phase"));
    }

    /** The jars whose file names begin with a prefix. */
    public static List<Path> startingWith(String prefix) {
        return files().filter(jar -> jar.getFileName().toString().startsWith(prefix))
                .toList();
    }

    /** The directory of the test classes. */
    static Path testClasses() {
        return files().filter(file -> file.endsWith("test-classes")).findFirst().orElseThrow();
    }

    private static Stream<Path> all(String artifactId) {
        return files().filter(jar -> jar.getFileName().toString().matches(Pattern.quote(artifactId) + "-\\d.*\\.jar"));
    }

    private static Stream<Path> files() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of);
    }
}
