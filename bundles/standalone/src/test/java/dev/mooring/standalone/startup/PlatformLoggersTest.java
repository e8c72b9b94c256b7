package dev.mooring.standalone.startup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlatformLoggersTest {

    private final Logger target = Logger.getLogger("dev.mooring.standalone.test");
    private final List<LogRecord> records = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            records.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final System.Logger logger =
            new PlatformLoggers().getLogger(target.getName(), PlatformLoggersTest.class.getModule());

    @BeforeEach
    void listen() {
        target.setUseParentHandlers(false);
        target.setLevel(Level.INFO);
        target.addHandler(handler);
    }

    @AfterEach
    void leave() {
        target.removeHandler(handler);
    }

    @Test
    void aMessageWithParametersComesThroughAsTheJdkWouldHaveIt() {
        logger.log(System.Logger.Level.WARNING, "{0} is not {1}", "a", "b");
        LogRecord entry = records.get(0);
        assertEquals(Level.WARNING, entry.getLevel());
        assertEquals(target.getName(), entry.getLoggerName());
        assertEquals("a is not b", new SimpleFormatter().formatMessage(entry));
    }

    @Test
    void soDoesWhatWasThrown() {
        Throwable thrown = new IllegalStateException("x");
        logger.log(System.Logger.Level.ERROR, "It failed", thrown);
        assertEquals(Level.SEVERE, records.get(0).getLevel());
        assertSame(thrown, records.get(0).getThrown());
    }

    @Test
    void whatIsBelowTheLevelIsNotLogged() {
        logger.log(System.Logger.Level.DEBUG, "unheard");
        assertFalse(logger.isLoggable(System.Logger.Level.TRACE));
        assertEquals(List.of(), records);
    }
}
