package dev.mooring.http.internal.content;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

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

    @Test
    void oneSlowReadInSixteenDoesNot() {
        for (int i = 0; i < 1000; i++) {
            take(SLOW, 1);
            take(FAST, 16);
        }
        assertTrue(reads.areFast());
    }

    @Test
    void oneSlowReadInFourEndsIt() {
        for (int i = 0; i < 5; i++) {
            take(SLOW, 1);
            take(FAST, 3);
        }
        assertFalse(reads.areFast());
    }
}
