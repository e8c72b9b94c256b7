package dev.mooring.ftp.internal.control;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdleTimerTest {

    private static long in(int seconds) {
        return System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void activityDoesNotProlongTheTimeForALogin() {
        IdleTimer timer = new IdleTimer();
        timer.setLimit(Duration.ofSeconds(300));
        timer.awaitLogin(Duration.ofSeconds(60));
        timer.reset();
        assertFalse(timer.isOver(in(30)));
        assertTrue(timer.isOver(in(61)));
        timer.loggedIn();
        assertFalse(timer.isOver(in(61)));
        assertTrue(timer.isOver(in(301)));
    }
}
