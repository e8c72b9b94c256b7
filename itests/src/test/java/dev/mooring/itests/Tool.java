package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program of a Debian package and waits for its end. */
final class Tool {

    private static final int SECONDS = 80;

    private final Path program;
    private Path input = Path.of("/dev/null");
    private final Map<String, String> environment = new LinkedHashMap<>();

    /** Exit status and output, standard error included. */
    record Outcome(int status, String output) {}

    private Tool(Path program) {
        this.program = program;
    }

    /** Finds a program by its name. Skips the test if its package is not installed. */
    static Tool of(String name, String debianPackage) {
        Path program = Path.of("/usr/bin", name);
        assumeTrue(Files.isExecutable(program), name + " is not installed (" + debianPackage + ")");
        return new Tool(program).variable("LC_ALL", "C.UTF-8");
    }

    /** Finds a program of the JDK that runs the tests. Skips the test if the JDK lacks it. */
    static Tool ofJdk(String name) {
        Path program = Path.of(Jdk.RUNNING.java()).resolveSibling(name);
        assumeTrue(Files.isExecutable(program), "the JDK has no " + name);
        return new Tool(program);
    }

    /** Sets an environment variable. */
    Tool variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Uses a file as standard input, which is empty by default. */
    Tool reading(Path file) {
        input = file;
        return this;
    }

    /** Runs it in a directory. */
    Outcome in(Path directory, String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("tool", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(program.toString())
                    .directory(directory.toFile())
                    .redirectInput(input.toFile())
                    .redirectOutput(output.toFile())
                    .redirectErrorStream(true);
            builder.command().addAll(List.of(arguments));
            builder.environment().put("HOME", directory.toString());
            builder.environment().remove("SSH_AUTH_SOCK");
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError(builder.command() + " did not end in " + SECONDS + " s: "
                            + Files.readString(output, StandardCharsets.UTF_8));
                }
            } finally {
                process.destroyForcibly();
            }
            return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    /** Runs the program, which must succeed, and returns its output. */
    String run(Path directory, String... arguments) throws IOException, InterruptedException {
        Outcome outcome = in(directory, arguments);
        assertEquals(0, outcome.status(), () -> program + " " + List.of(arguments) + ": " + outcome.output());
        return outcome.output();
    }
}
