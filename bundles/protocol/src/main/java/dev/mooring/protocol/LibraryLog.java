package dev.mooring.protocol;

import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import dev.mooring.common.OncePerMinute;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Escapes and limits the log of an engine's libraries, which quote text from clients. While an engine uses them, their messages and stack traces
 * are {@link ClientText}, and each logging class has one line a minute. Levels below {@code INFO}, which an operator must enable, are not limited.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class LibraryLog implements AutoCloseable {

    /** The loggers in use, by name. Guarded by this class. */
    private static final Map<String, Guard> GUARDS = new HashMap<>();

    private final List<String> names;

    private LibraryLog(List<String> names) {
        this.names = names;
    }

    /**
     * Guards loggers until the result is closed.
     *
     * @param names the names of the loggers; their children are guarded too
     * @return close it when the engine has ended
     */
    public static LibraryLog guard(List<String> names) {
        synchronized (LibraryLog.class) {
            names.forEach(name -> GUARDS.computeIfAbsent(name, fresh -> new Guard(Logger.getLogger(fresh)))
                    .begin());
        }
        return new LibraryLog(names);
    }

    @Override
    public void close() {
        synchronized (LibraryLog.class) {
            names.forEach(name -> GUARDS.computeIfPresent(name, (same, guard) -> guard.end() ? null : guard));
        }
    }

    private static final class Guard extends Handler {

        private final Logger logger;
        private final OncePerMinute limit = new OncePerMinute();
        private int users;

        Guard(Logger logger) {
            this.logger = logger;
            setFormatter(new SimpleFormatter());
        }

        void begin() {
            if (users++ == 0) {
                logger.addHandler(this);
                logger.setUseParentHandlers(false);
            }
        }

        /** Ends one use. Returns whether it was the last. */
        boolean end() {
            if (--users == 0) {
                logger.setUseParentHandlers(true);
                logger.removeHandler(this);
            }
            return users == 0;
        }

        @Override
        public void publish(LogRecord said) {
            boolean limited = said.getLevel().intValue() >= Level.INFO.intValue();
            int leftOut = limited ? limit.leftOut(String.valueOf(said.getLoggerName())) : 0;
            if (leftOut >= 0) {
                LogRecord safe = new LogRecord(
                        said.getLevel(),
                        ClientText.sentence(getFormatter().formatMessage(said)) + ClientLog.suffix(leftOut));
                safe.setLoggerName(said.getLoggerName());
                safe.setInstant(said.getInstant());
                Throwable thrown = said.getThrown();
                safe.setThrown(thrown == null ? null : ClientText.trace(thrown));
                pass(safe, logger.getParent());
            }
        }

        /** Passes the record to the handlers that would have received it. */
        private static void pass(LogRecord safe, @Nullable Logger first) {
            for (Logger above = first; above != null; above = above.getUseParentHandlers() ? above.getParent() : null) {
                for (Handler handler : above.getHandlers()) {
                    handler.publish(safe);
                }
            }
        }

        @Override
        public void flush() {
            // Nothing is buffered.
        }

        @Override
        public void close() {
            // Nothing is buffered.
        }
    }
}
