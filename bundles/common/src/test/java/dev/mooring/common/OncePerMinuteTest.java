package dev.mooring.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OncePerMinuteTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - OncePerMinute.MINUTE / 2);
    private final OncePerMinute limit = new OncePerMinute(now::get);

    @Test
    void eventHappensOnceAMinuteAndReportsTheSuppressedOnes() {
        assertEquals(0, limit.leftOut("a"));
        assertEquals(-1, limit.leftOut("a"));
        now.addAndGet(OncePerMinute.MINUTE - 1);
        assertEquals(-1, limit.leftOut("a"));
        assertEquals(0, limit.leftOut("b"));
        now.addAndGet(1);
        assertEquals(2, limit.leftOut("a"));
        now.addAndGet(OncePerMinute.MINUTE);
        assertEquals(0, limit.leftOut("a"));
    }

    @Test
    void manySourcesTakeLittleMemory() {
        int happened = 0;
        for (int i = 0; i < 100_000; i++) {
            happened += limit.leftOut(i) >= 0 ? 1 : 0;
        }
        assertEquals(OncePerMinute.MOST_SOURCES + 1, happened);
        assertEquals(OncePerMinute.MOST_SOURCES + 1, limit.size());
        now.addAndGet(OncePerMinute.MINUTE);
        assertEquals(0, limit.leftOut("new"));
        assertEquals(2, limit.size(), "the new source, and the shared one with its count");
    }

    @Test
    void ipv6NetworkIsOneSource() throws UnknownHostException {
        assertEquals(network("2001:db8::1"), network("2001:db8::ffff:0:0:2"));
        assertNotEquals(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assertNotEquals(network("192.0.2.1"), network("192.0.2.2"));
        assertNotEquals(network("192.0.2.1"), ClientNetwork.of(null));
    }

    private static Object network(String address) throws UnknownHostException {
        return ClientNetwork.of(InetAddress.getByName(address));
    }
}
