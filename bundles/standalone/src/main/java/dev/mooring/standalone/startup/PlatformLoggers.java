package dev.mooring.standalone.startup;

import java.util.ResourceBundle;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Provides the platform loggers of {@code java.util.logging}. This is the JDK's default too, but without a provider the JDK searches all jars of the
 * module path before it makes the first logger, while a client is waiting. It continues searching after the first provider, so the module provides two.
 */
public class PlatformLoggers extends System.LoggerFinder {

    /** For {@link java.util.ServiceLoader}. */
    public PlatformLoggers() {}

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new Platform(Logger.getLogger(name));
    }

    private record Platform(Logger logger) implements System.Logger {

        @Override
        public String getName() {
            return logger.getName();
        }

        @Override
        public boolean isLoggable(Level level) {
            return logger.isLoggable(of(level));
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle words, @Nullable String message, @Nullable Throwable thrown) {
            LogRecord entry = new LogRecord(of(level), message);
            entry.setThrown(thrown);
            log(entry, words);
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle words, @Nullable String format, Object... parameters) {
            LogRecord entry = new LogRecord(of(level), format);
            entry.setParameters(parameters);
            log(entry, words);
        }

        private void log(LogRecord entry, @Nullable ResourceBundle words) {
            entry.setLoggerName(getName());
            entry.setResourceBundle(words);
            logger.log(entry);
        }

        /** The mapping that {@link System.Logger.Level} documents. */
        private static java.util.logging.Level of(Level level) {
            return switch (level) {
                case ALL -> java.util.logging.Level.ALL;
                case TRACE -> java.util.logging.Level.FINER;
                case DEBUG -> java.util.logging.Level.FINE;
                case INFO -> java.util.logging.Level.INFO;
                case WARNING -> java.util.logging.Level.WARNING;
                case ERROR -> java.util.logging.Level.SEVERE;
                case OFF -> java.util.logging.Level.OFF;
            };
        }
    }

    /** The second provider, which ends the search. */
    public static final class Again extends PlatformLoggers {

        /** For {@link java.util.ServiceLoader}. */
        public Again() {}
    }
}
