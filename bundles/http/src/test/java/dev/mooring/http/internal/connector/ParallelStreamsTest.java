package dev.mooring.http.internal.connector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.internal.connector.ParallelStreams.OfConnection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParallelStreamsTest {

    private final ParallelStreams all = new ParallelStreams(16);

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }

    private static int open(OfConnection streams) {
        int open = 0;
        while (open < 100 && streams.opened()) {
            open++;
        }
        return open;
    }

    @Test
    void theFirstStreamOfAConnectionDoesNotCount() throws Exception {
        List<OfConnection> connections = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            connections.add(all.of(address("192.0.2.1")));
        }
        assertTrue(connections.stream().allMatch(OfConnection::opened));
        assertEquals(4, open(connections.get(0)));
        assertFalse(connections.get(1).opened());
    }

    @Test
    void anAddressHasAQuarterOfAll() throws Exception {
        assertEquals(5, open(all.of(address("192.0.2.1"))));
        assertEquals(5, open(all.of(address("2001:db8::1"))));
        assertEquals(1, open(all.of(address("2001:db8::2"))), "the same /64");
        assertEquals(9, open(all.of(null)), "the rest");
        assertEquals(1, open(all.of(address("192.0.2.2"))));
    }

    @Test
    void closedStreamsMakePlaceForOthers() throws Exception {
        OfConnection one = all.of(address("192.0.2.1"));
        OfConnection other = all.of(address("192.0.2.1"));
        assertEquals(5, open(one));
        assertEquals(1, open(other));
        one.closed();
        assertTrue(other.opened());
        assertFalse(one.opened());
        one.end();
        one.closed();
        assertEquals(3, open(other));
        other.end();
        assertFalse(other.opened());
        assertEquals(5, open(all.of(address("192.0.2.1"))));
    }
}
