package dev.mooring.protocol;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged while this is open, by our code and by the libraries. */
public final class CapturedLog extends Handler implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 60;
    private static final int AGAIN_MILLIS = 20;

    private static final Logger ROOT = Logger.getLogger("");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    /** Begins to listen. */
    public CapturedLog() {
        ROOT.addHandler(this);
    }

    /** The lines at INFO and above, each as {@code LEVEL message}, without the limits of servers, which depend on the machine. */
    public List<String> lines() {
        return records.stream()
                .map(entry -> entry.getLevel() + " "
                        + (entry.getParameters() == null
                                ? entry.getMessage()
                                : MessageFormat.format(entry.getMessage(), entry.getParameters())))
                .filter(line -> !line.contains(" takes up to "))
                .toList();
    }

    /** Waits for a line with this text in it. */
    public String await(String text) {
        try {
            return await(text, () -> null);
        } catch (Exception e) {
            throw new AssertionError("Interrupted in the wait for '" + text + "'", e);
        }
    }

    /** Does something again and again until there is a line with this text in it. */
    public String await(String text, Callable<?> again) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            for (String line : lines()) {
                if (line.contains(text)) {
                    return line;
                }
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Nothing says '" + text + "' within " + PATIENCE_SECONDS + " s: " + lines());
            }
            again.call(); // without the lock: others log meanwhile
            synchronized (this) {
                wait(AGAIN_MILLIS);
            }
        }
    }

    /** Whether any line came with a stack trace. */
    public boolean hasStackTrace() {
        return records.stream().anyMatch(entry -> entry.getThrown() != null);
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        records.add(entry);
        notifyAll();
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
