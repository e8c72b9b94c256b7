package dev.mooring.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A command that runs as a child of the test. A test can read its output and wait for lines of it; {@link #close()} stops it. A wait
 * fails after {@link #PATIENCE}, with the whole output in the message.
 */
public class ChildProcess implements AutoCloseable {

    /** Deadline for any wait; the test fails after it. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);
    private static final int LOOK_AGAIN_MILLIS = 10;

    private final Process process;
    private final PrintWriter input;
    private final List<String> lines = new ArrayList<>();
    private int streams = 2;

    /** Starts the command. */
    public ChildProcess(ProcessBuilder builder) throws IOException {
        process = builder.start();
        input = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
        read(process.getInputStream());
        read(process.getErrorStream());
    }

    private void read(InputStream stream) {
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader in =
                            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        in.lines().forEach(this::add);
                    } catch (IOException | UncheckedIOException closed) {
                        // the process has ended
                    } finally {
                        ended();
                    }
                },
                "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    private synchronized void ended() {
        streams--;
        notifyAll();
    }

    /** The process id, which exec does not change. */
    public final long pid() {
        return process.pid();
    }

    public final boolean isAlive() {
        return process.isAlive();
    }

    /** Writes a line to its standard input. */
    public final void send(String line) {
        input.println(line);
    }

    /** The output so far, standard output and standard error in the order of their arrival. */
    public final synchronized String output() {
        return String.join("\n", lines);
    }

    /** Number of lines so far, as a start for a wait. */
    public final synchronized int mark() {
        return lines.size();
    }

    /** Waits for a line that contains a text. */
    public final String awaitLine(String text) {
        return awaitLine(0, text);
    }

    /** Waits for a line that contains a text, after {@link #mark()}. */
    public final String awaitLine(int mark, String text) {
        return awaitLine(mark, line -> line.contains(text), "a line with '" + text + "'");
    }

    /** Waits for a line, after {@link #mark()}. */
    public final String awaitLine(int mark, Predicate<String> wanted, String what) {
        return await(
                written -> written.subList(mark, written.size()).stream()
                        .filter(wanted)
                        .findFirst(),
                what);
    }

    /** Waits until the lines so far yield a value. */
    public final synchronized <T> T await(Function<List<String>, Optional<T>> question, String what) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            boolean over = streams == 0;
            Optional<T> answer = question.apply(lines);
            if (answer.isPresent()) {
                return answer.get();
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (over || left <= 0) {
                throw new AssertionError("No sign of " + what
                        + (over ? ": the process has ended" : " after " + PATIENCE.toSeconds() + " s")
                        + ". Its output:\n"
                        + output());
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new AssertionError("Interrupted while waiting for " + what, e);
            }
        }
    }

    /** Waits until the process ends by itself. */
    public final int awaitExit() throws InterruptedException {
        return awaitExit(PATIENCE);
    }

    /** The same with another deadline. */
    public final int awaitExit(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(
                    "The process did not end in " + patience.toSeconds() + " s. Its output:\n" + output());
        }
        awaitOutput();
        return process.exitValue();
    }

    /** Waits until the last output has been read, but not for long: a child of the process may keep the pipe open. */
    private synchronized void awaitOutput() throws InterruptedException {
        long deadline = System.nanoTime() + LAST_OUTPUT.toNanos();
        for (long left = LAST_OUTPUT.toMillis();
                streams > 0 && left > 0;
                left = (deadline - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    /** The targets of its open descriptors according to {@code /proc}: {@code socket:[123]}, a path, …. */
    public final List<String> descriptors() throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> links = Files.list(proc("fd"))) {
            for (Path link : (Iterable<Path>) links::iterator) {
                target(link).ifPresent(targets::add);
            }
        }
        return targets;
    }

    /** Waits until its descriptors meet a condition. Polls, because no event reports changes. */
    public final void awaitDescriptors(Predicate<List<String>> condition, String what)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.test(descriptors())) {
            if (process.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new AssertionError("No sign of " + what + ". Its output:\n" + output());
            }
        }
    }

    /** The target of one of its descriptors; empty if it is not open. */
    public final Optional<String> descriptor(int number) {
        return target(proc("fd/" + number));
    }

    private static Optional<String> target(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (IOException closed) {
            return Optional.empty();
        }
    }

    /** A file of {@code /proc/PID}. */
    public final Path proc(String file) {
        return Path.of("/proc", Long.toString(pid()), file);
    }

    /** Sends SIGTERM and waits; kills the process if it does not end. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        input.close();
    }
}
