package dev.mooring.itests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A real systemd with its own files and network, which are gone when this is closed; see {@code systemd-sandbox}. */
final class Systemd implements AutoCloseable {

    private static final int CANNOT_RUN_HERE = 77;
    private static final int CAP_SYS_TIME = 25;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path directory;
    private final Process sandbox;

    private Systemd(Path directory) throws IOException {
        this.directory = directory;
        sandbox = sandbox("up").redirectErrorStream(true).start();
    }

    /** Exit status and output of a command, standard error included. */
    record Result(int status, byte[] bytes) {

        String text() {
            return new String(bytes, UTF_8).strip();
        }
    }

    /** Boots a systemd, or skips the test with the reason why this machine cannot. */
    static Systemd boot() throws IOException {
        Systemd systemd = new Systemd(Files.createTempDirectory("mooring-systemd"));
        try {
            systemd.awaitBoot();
            return systemd;
        } catch (Throwable e) {
            systemd.close();
            throw e;
        }
    }

    private void awaitBoot() throws IOException {
        BufferedReader out = sandbox.inputReader(UTF_8); // ends by itself, because `up` has a deadline
        String line = out.readLine();
        if ("up".equals(line)) {
            // The clock has no namespace, so neither PID 1 nor other commands may be able to set the machine's clock.
            for (String process : List.of("1", "self")) {
                String bounding = run("sed", "-n", "s/^CapBnd:\\s*//p", "/proc/" + process + "/status");
                assertEquals(0, Long.parseUnsignedLong(bounding, 16) >> CAP_SYS_TIME & 1, "CAP_SYS_TIME of " + process);
            }
            return;
        }
        String rest = String.join("\n", out.lines().toList());
        if (exitStatus(sandbox) == CANNOT_RUN_HERE) {
            abort(line);
        }
        fail("systemd did not boot: " + line + "\n" + rest);
    }

    /** Runs a command inside, as root. */
    Result exec(String... command) {
        return result(start(command));
    }

    /** Starts a command inside, as root, for {@link #result}. */
    Process start(String... command) {
        return startFor(TIMEOUT, command);
    }

    /** The same with another deadline. */
    Process startFor(Duration atMost, String... command) {
        try {
            List<String> bounded = new ArrayList<>(List.of("timeout", "" + atMost.toSeconds()));
            bounded.addAll(List.of(command));
            return sandbox("exec", bounded.toArray(String[]::new))
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result result(Process process) {
        try {
            byte[] bytes = process.getInputStream().readAllBytes();
            return new Result(exitStatus(process), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command that must succeed, and returns its output. */
    String run(String... command) {
        Result result = exec(command);
        assertEquals(0, result.status(), () -> String.join(" ", command) + ": " + result.text());
        return result.text();
    }

    /** Runs a shell script inside that must succeed. */
    String shell(String script) {
        return run("sh", "-euc", script);
    }

    /**
     * Connects another one to this by a cable.
     *
     * @param name of the interface here; that of the other one is {@code eth0}
     */
    void link(Systemd other, String name) throws IOException {
        Process link = sandbox("link", other.directory.resolve("state").toString(), name)
                .redirectErrorStream(true)
                .start();
        Result result = result(link);
        assertEquals(0, result.status(), result::text);
    }

    /** Writes a file inside; makes its directories. */
    void write(String path, byte[] content) {
        Process writer = start("sh", "-euc", "mkdir -p \"${1%/*}\"; cat > \"$1\"", "write", path);
        try (OutputStream in = writer.getOutputStream()) {
            in.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": " + result(writer).text(), e);
        }
        Result result = result(writer);
        assertEquals(0, result.status(), result::text);
    }

    void write(String path, String content) {
        write(path, content.getBytes(UTF_8));
    }

    /** A property of a unit; see systemctl(1). */
    String property(String unit, String property) {
        return run("systemctl", "show", "--property=" + property, "--value", unit);
    }

    /** The journal's messages of one identifier and one priority since a time. */
    List<String> journal(String identifier, Instant since, int priority) {
        run("journalctl", "--sync");
        // Not --after-cursor, which omits the first entry if filters apply (systemd 252).
        return run(
                        "journalctl",
                        "--quiet",
                        "--output=cat",
                        "--identifier=" + identifier,
                        "--priority=" + priority + ".." + priority,
                        "--since=@%d.%06d".formatted(since.getEpochSecond(), since.getNano() / 1000))
                .lines()
                .toList();
    }

    /** Waits until a condition holds. */
    void await(String what, Duration atMost, Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.get()) { // each check starts a process, so this does not spin
            if (System.nanoTime() > deadline) {
                fail(what + ": not within " + atMost.toSeconds() + " s");
            }
        }
    }

    @Override
    public void close() throws IOException {
        sandbox.getOutputStream().close();
        try {
            if (!sandbox.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                sandbox.destroy();
                exitStatus(sandbox("down").inheritIO().start());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(directory);
    }

    private ProcessBuilder sandbox(String verb, String... command) {
        try {
            String script = Path.of(
                            Systemd.class.getResource("/systemd-sandbox").toURI())
                    .toString();
            List<String> arguments = new ArrayList<>(
                    List.of("bash", script, verb, directory.resolve("state").toString()));
            arguments.addAll(List.of(command));
            return new ProcessBuilder(arguments);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int exitStatus(Process process) {
        try {
            if (process.waitFor(TIMEOUT.toSeconds() + 15, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            process.destroy();
            return fail("Still running: " + process.info().commandLine().orElse("a command"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while a command ran", e);
        }
    }
}
