package dev.mooring.systemd;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Formats the log for standard error: with priorities as sd-daemon(3) has them, {@code <4>}, where that is the journal,
 * which keeps the time itself; with the time for a person elsewhere.
 */
public final class JournalFormatter extends Formatter {

    private final boolean journal;

    /** Used by java.util.logging. */
    public JournalFormatter() {
        this(isJournal(System.getenv("JOURNAL_STREAM")));
    }

    JournalFormatter(boolean journal) {
        this.journal = journal;
    }

    /** Whether standard error is the stream that systemd connected to the journal, systemd.exec(5). */
    private static boolean isJournal(@Nullable String stream) {
        if (stream == null) {
            return false;
        }
        Path standardError = Path.of("/proc/self/fd/2");
        try {
            return stream.equals(Files.getAttribute(standardError, "unix:dev") + ":"
                    + Files.getAttribute(standardError, "unix:ino"));
        } catch (IOException unreadable) {
            return false;
        }
    }

    @Override
    public String format(LogRecord record) {
        String text = formatMessage(record);
        if (record.getThrown() != null) {
            StringWriter trace = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(trace, true));
            text += "\n" + trace;
        }
        String prefix =
                journal ? "<" + priority(record.getLevel()) + ">" : time(record) + " " + word(record.getLevel());
        String logger = record.getLoggerName() == null ? "" : record.getLoggerName() + ": ";
        // Only a first line begins right after the name of the logger: no line in a message looks like another message.
        return prefix + logger
                + text.lines()
                        .map(JournalFormatter::printable)
                        .collect(Collectors.joining("\n" + prefix + logger + "\t"))
                + "\n";
    }

    /** A line that cannot drive a terminal, or show its characters in another order than they have. */
    private static String printable(String line) {
        StringBuilder printable = new StringBuilder(line.length());
        line.codePoints()
                .map(c -> c >= ' ' && c < 0x7f || c == '\t' || c > 0x7f && isVisible(c) ? c : '?')
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static int priority(Level level) {
        int value = level.intValue();
        return value >= Level.SEVERE.intValue()
                ? 3
                : value >= Level.WARNING.intValue() ? 4 : value >= Level.INFO.intValue() ? 6 : 7;
    }

    private static String word(Level level) {
        return switch (priority(level)) {
            case 3 -> "error ";
            case 4 -> "warning ";
            default -> "";
        };
    }

    /**
     * Without a formatter and without a {@link java.time.ZoneId}: before the first client has its answer they would load the data of a
     * locale, and look for rules of zones in each jar of the class path and the module path.
     */
    private static String time(LogRecord record) {
        int offset = TimeZone.getDefault().getOffset(record.getMillis());
        LocalTime time = LocalTime.ofInstant(
                record.getInstant(), ZoneOffset.ofTotalSeconds((int) TimeUnit.MILLISECONDS.toSeconds(offset)));
        // With an odd number of nanoseconds all digits are there.
        String text = time.withNano(time.getNano() | 1).toString();
        return text.substring(0, "12:30:05.000".length());
    }
}
