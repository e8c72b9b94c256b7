package dev.mooring.http.internal.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecentReadsTest {

    private static final long FAST = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(2);

    private final RecentReads reads = new RecentReads();

    private void take(long nanos, int times) {
        for (int i = 0; i < times; i++) {
            reads.took(nanos);
        }
    }

    @Test
    void fourSlowReadsInARowEndIt() {
        take(FAST, 1000);
        take(SLOW, 3);
        assertTrue(reads.areFast());
        take(SLOW, 1);
        assertFalse(reads.areFast());
    }

    @ParameterizedTest
    @CsvSource({"16, true", "3, false"})
    void slowReadsAmongFastOnesEndItIfThereAreMany(int fastForEachSlow, boolean fast) {
        for (int i = 0; i < 1000; i++) {
            take(SLOW, 1);
            take(FAST, fastForEachSlow);
        }
        assertEquals(fast, reads.areFast());
    }
}
