package dev.mooring.accounts.internal.password;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThrottleTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long now = Long.MAX_VALUE - SECOND;
    private final Throttle throttle = new Throttle(() -> now);
    private final Throttle.Source source = source("192.0.2.7");
    private byte next;

    @Test
    void blockDoublesWithEachFailureFromTheFifthOn() {
        for (int i = 0; i < 4; i++) {
            assertEquals(0, fail(source));
            assertEquals(0, throttle.blocked(source));
        }
        long expected = 2 * SECOND;
        for (int i = 0; i < 20; i++) {
            assertEquals(expected, fail(source));
            assertEquals(expected, throttle.blocked(source));
            assertEquals(expected, throttle.begin(source));
            now += expected - 1;
            assertEquals(1, throttle.begin(source));
            now++;
            expected = Math.min(2 * expected, Throttle.LONGEST_BLOCK);
        }
    }

    @Test
    void otherAddressesAreNotBlocked() {
        for (int i = 0; i < 5; i++) {
            fail(source);
        }
        assertTrue(throttle.blocked(source) > 0);
        assertEquals(0, throttle.begin(source("192.0.2.8")));
    }

    @Test
    void addressesOfOneIpv6NetworkAreBlockedTogether() {
        for (int i = 0; i < 5; i++) {
            fail(source("2001:db8:0:1::" + i));
        }
        assertTrue(throttle.blocked(source("2001:db8:0:1:ffff::")) > 0);
        assertEquals(0, throttle.blocked(source("2001:db8:0:2::")));
    }

    @Test
    void parallelLoginsCountAsFailures() {
        for (int i = 0; i < 5; i++) {
            assertEquals(0, throttle.begin(source));
        }
        assertTrue(throttle.begin(source) > 0);
        throttle.end(source);
        assertEquals(0, throttle.begin(source));
    }

    @Test
    void successDoesNotRemoveFailures() {
        for (int i = 0; i < 4; i++) {
            fail(source);
            throttle.begin(source);
            throttle.end(source);
        }
        assertTrue(fail(source) > 0);
    }

    @Test
    void failuresAreForgottenAfterHalfAnHourWithoutOne() {
        for (int i = 0; i < 4; i++) {
            fail(source);
        }
        now += Throttle.RESET_AFTER;
        for (int i = 0; i < 4; i++) {
            assertEquals(0, fail(source));
        }
        now += Throttle.RESET_AFTER - 1;
        assertTrue(fail(source) > 0);
    }

    @Test
    void repeatedGuessIsRecognizedOnlyFromTheSameAddress() {
        throttle.begin(source);
        throttle.fail(source, new byte[] {1});
        assertTrue(throttle.isRepeated(source, new byte[] {1}));
        assertFalse(throttle.isRepeated(source, new byte[] {2}));
        assertFalse(throttle.isRepeated(source("192.0.2.8"), new byte[] {1}));
    }

    @Test
    void peersWithoutAnAddressAreLimitedButNeverBlocked() {
        Throttle.Source none = Throttle.Source.of(null);
        for (int i = 0; i < 100; i++) {
            assertEquals(0, fail(none));
        }
        for (int i = 0; i < Throttle.MAX_WITHOUT_ADDRESS; i++) {
            assertEquals(0, throttle.begin(none));
        }
        assertTrue(throttle.begin(none) > 0);
    }

    @Test
    void memoryIsBoundedAndASuccessTakesNone() {
        for (int i = 0; i < Throttle.MAX_SOURCES + 10; i++) {
            fail(source("10.0." + i / 256 + "." + i % 256));
        }
        assertEquals(Throttle.MAX_SOURCES, throttle.size());
        Throttle fresh = new Throttle(() -> now);
        fresh.begin(source);
        fresh.end(source);
        assertEquals(0, fresh.size());
    }

    private long fail(Throttle.Source from) {
        assertEquals(0, throttle.begin(from));
        long block = throttle.fail(from, new byte[] {next++});
        throttle.end(from);
        return block;
    }

    private static Throttle.Source source(String address) {
        try {
            return Throttle.Source.of(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
