package dev.mooring.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class JournalFormatterTest {

    private static LogRecord record(Level level, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName("dev.mooring.http");
        return record;
    }

    @Test
    void theJournalGetsPrioritiesAndNoTime() {
        JournalFormatter formatter = new JournalFormatter(true);
        assertEquals("<3>dev.mooring.http: no\n", formatter.format(record(Level.SEVERE, "no")));
        assertEquals("<4>dev.mooring.http: hm\n", formatter.format(record(Level.WARNING, "hm")));
        assertEquals("<6>dev.mooring.http: yes\n", formatter.format(record(Level.INFO, "yes")));
        assertEquals("<7>dev.mooring.http: so\n", formatter.format(record(Level.FINE, "so")));
    }

    @Test
    void everyLineOfATraceHasThePriority() {
        LogRecord record = record(Level.WARNING, "hm");
        record.setThrown(new IllegalStateException("why"));
        assertTrue(new JournalFormatter(true).format(record).lines().allMatch(line -> line.startsWith("<4>")));
    }

    @Test
    void aPersonGetsTheTimeAndWhatIsWrong() {
        String line = new JournalFormatter(false).format(record(Level.WARNING, "hm"));
        assertTrue(line.matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} warning dev\\.mooring\\.http: hm\n"), line);
    }

    @Test
    void onlyTheFirstLineLooksLikeAMessage() {
        LogRecord record = record(Level.WARNING, "one\ndev.mooring.accounts: two\rthree");
        record.setThrown(new IllegalStateException("why\n<3>dev.mooring.accounts: four"));
        for (String line :
                new JournalFormatter(true).format(record).lines().skip(1).toList()) {
            assertTrue(line.startsWith("<4>dev.mooring.http: \t"), line);
        }
    }

    @Test
    void nothingDrivesATerminal() {
        String line = new JournalFormatter(true).format(record(Level.INFO, "\u001b[31mred \u202eback\u0085 gr\u00fcn"));
        assertEquals("<6>dev.mooring.http: ?[31mred ?back? gr\u00fcn\n", line);
    }
}
