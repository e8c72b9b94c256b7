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
 * Formats the log for standard error. If that is the journal, lines begin with their priority, such as {@code <4>} (sd-daemon(3)), and
 * have no time, because the journal records it. Otherwise they begin with the time and the level.
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
        // A tab before the text of further lines, so that no line of a message looks like another message.
        return prefix + logger
                + text.lines()
                        .map(JournalFormatter::printable)
                        .collect(Collectors.joining("\n" + prefix + logger + "\t"))
                + "\n";
    }

    /** Replaces characters that control a terminal or change the order in which it shows the others. */
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
     * Formats the time without a formatter and without a {@link java.time.ZoneId}. While the first client is waiting, they would load
     * locale data and search every jar of the class path and the module path for time-zone rules.
     */
    private static String time(LogRecord record) {
        int offset = TimeZone.getDefault().getOffset(record.getMillis());
        LocalTime time = LocalTime.ofInstant(
                record.getInstant(), ZoneOffset.ofTotalSeconds((int) TimeUnit.MILLISECONDS.toSeconds(offset)));
        // LocalTime.toString omits trailing zeros; an odd number of nanoseconds keeps all digits.
        String text = time.withNano(time.getNano() | 1).toString();
        return text.substring(0, "12:30:05.000".length());
    }
}
