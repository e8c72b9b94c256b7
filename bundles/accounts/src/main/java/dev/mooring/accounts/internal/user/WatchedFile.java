package dev.mooring.accounts.internal.user;

import dev.mooring.common.ClientText;
import dev.mooring.common.FileFingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The parsed content of a file, which is read again after a change. {@link #latest} looks for a change each time, {@link #get} at most once a second.
 * While the content is the same, the value is the same object.
 */
public final class WatchedFile<T> {

    /** Makes a value from the lines. Reports errors with {@link Line#warn}. */
    public interface Parser<T> {
        T parse(List<Line> lines);
    }

    /** A line that is neither empty nor a comment. */
    public record Line(int number, String text, Consumer<String> log) {

        /** Logs a problem. The text must not have content of the line, which may be secret. */
        public void warn(String why) {
            log.accept("line " + number + " " + why);
        }
    }

    /** In {@code error} the text of a client is encoded. */
    private record Content<T>(
            long checked, @Nullable FileFingerprint fingerprint, byte @Nullable [] bytes, String error, T value) {}

    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    /** A second change within this time may not change the fingerprint. */
    private static final Duration TICK = Duration.ofSeconds(2);

    private static final int LARGEST = 16 << 20;

    private final Path path;
    private final boolean required;
    private final Parser<T> parser;
    private final T unreadable;
    private final Consumer<String> log;
    private final LongSupplier nanos;
    private volatile @Nullable Content<T> content;

    public WatchedFile(
            Path path, boolean required, Parser<T> parser, T unreadable, Consumer<String> log, LongSupplier nanos) {
        this.path = path;
        this.required = required;
        this.parser = parser;
        this.unreadable = unreadable;
        this.log = what -> log.accept(path + " " + what);
        this.nanos = nanos;
    }

    /** The content of the file not more than a second ago. */
    public T get() {
        Content<T> last = content;
        return isRecent(last) ? last.value : getLocked();
    }

    private synchronized T getLocked() {
        Content<T> last = content;
        return isRecent(last) ? last.value : latest();
    }

    private boolean isRecent(@Nullable Content<T> last) {
        return last != null && nanos.getAsLong() - last.checked < INTERVAL;
    }

    /** The content of the file now. */
    public T latest() {
        return latest(log);
    }

    /**
     * The content of the file now.
     *
     * @param problems receives the problems that are new, in place of the log, without the path of the file
     */
    public synchronized T latest(Consumer<String> problems) {
        Content<T> next = read(content, nanos.getAsLong(), problems);
        content = next;
        return next.value;
    }

    private Content<T> read(@Nullable Content<T> last, long now, Consumer<String> problems) {
        String before = last == null ? "" : last.error;
        try {
            FileFingerprint fingerprint = fingerprint();
            if (last != null && fingerprint.equals(last.fingerprint)) {
                return new Content<>(now, fingerprint, last.bytes, before, last.value);
            }
            byte[] bytes = Files.readAllBytes(path);
            FileFingerprint after = fingerprint();
            boolean settled = fingerprint.equals(after)
                    && fingerprint.changed().toInstant().plus(TICK).isBefore(Instant.now());
            T value = last != null && Arrays.equals(bytes, last.bytes)
                    ? last.value
                    : parser.parse(lines(bytes, problems));
            return new Content<>(now, settled ? fingerprint : null, bytes, "", value);
        } catch (IOException | SecurityException e) {
            String error = e instanceof NoSuchFileException
                    ? "does not exist"
                    : e instanceof AccessDeniedException
                            ? "cannot be read by user " + System.getProperty("user.name") + "; let this user read it"
                            : "cannot be read: " + ClientText.sentence(e.getMessage());
            if (!error.equals(before) && (required || !(e instanceof NoSuchFileException))) {
                problems.accept(error);
            }
            return new Content<>(now, null, null, error, unreadable);
        }
    }

    private FileFingerprint fingerprint() throws IOException {
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        if (!file.isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        if (file.size() > LARGEST) {
            throw new IOException("it is larger than 16 MiB");
        }
        PosixFileAttributeView posix = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (posix != null && posix.readAttributes().permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("it is world-writable; run chmod o-w " + path);
        }
        return FileFingerprint.of(path, file);
    }

    private static List<Line> lines(byte[] bytes, Consumer<String> problems) {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
            number++;
            String text = (number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line).strip();
            if (!text.isEmpty() && text.charAt(0) != '#') {
                lines.add(new Line(number, text, problems));
            }
        }
        return lines;
    }
}
