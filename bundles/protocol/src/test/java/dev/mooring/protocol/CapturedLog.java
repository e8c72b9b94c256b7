package dev.mooring.protocol;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged while this is open, by our code and by the libraries. */
public final class CapturedLog extends Handler implements AutoCloseable {

    private static final Logger ROOT = Logger.getLogger("");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    /** Begins to listen. */
    public CapturedLog() {
        ROOT.addHandler(this);
    }

    /** The lines at INFO and above, each as {@code LEVEL message}. */
    public List<String> lines() {
        return records.stream()
                .map(entry -> entry.getLevel() + " "
                        + (entry.getParameters() == null
                                ? entry.getMessage()
                                : MessageFormat.format(entry.getMessage(), entry.getParameters())))
                .toList();
    }

    /** Waits for a line with this text in it. */
    public String await(String text) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < deadline) {
            for (String line : lines()) {
                if (line.contains(text)) {
                    return line;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        throw new AssertionError("Nothing says '" + text + "' within 10 s: " + lines());
    }

    /** Whether any line came with a stack trace. */
    public boolean hasStackTrace() {
        return records.stream().anyMatch(entry -> entry.getThrown() != null);
    }

    @Override
    public void publish(LogRecord entry) {
        records.add(entry);
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        ROOT.removeHandler(this);
    }
}
