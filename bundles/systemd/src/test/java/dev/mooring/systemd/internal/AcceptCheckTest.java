package dev.mooring.systemd.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.mooring.protocol.ListeningSocket;
import dev.mooring.systemd.FakeServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcceptCheckTest {

    private static final Set<Integer> QUEUED = Set.of(3);
    private static final long SECOND = 1_000_000_000;

    private final AcceptCheck check = new AcceptCheck(Duration.ofSeconds(2));
    private ListeningSocket socket;
    private FakeServer server;

    @BeforeEach
    void listen() throws IOException {
        socket = ListeningSocket.inet("http"); // says that it is descriptor 3
        server = new FakeServer("http~public", socket);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    private String stuck(Set<Integer> queued, long seconds) {
        return check.stuck(List.of(server), queued, seconds * SECOND);
    }

    @Test
    void aConnectionThatStaysInTheQueueShowsThatNobodyAccepts() {
        assertNull(stuck(QUEUED, 10));
        assertNull(stuck(QUEUED, 11));
        assertEquals("http~public has not accepted from fd 3 (socket 'http') for 2000 ms", stuck(QUEUED, 12));
    }

    @Test
    void aQueueThatIsEmptyNowAndThenIsTakenFrom() {
        assertNull(stuck(QUEUED, 10));
        assertNull(stuck(Set.of(), 11));
        assertNull(stuck(QUEUED, 12));
        assertNull(stuck(QUEUED, 13));
    }

    @Test
    void aServerThatIsBusyCountsSomething() {
        for (int seconds = 10; seconds < 20; seconds++) {
            assertNull(stuck(QUEUED, seconds));
            server.bytes++;
        }
    }

    @Test
    void whatNoServerHasIsNoServersFault() {
        server.sockets = List.of();
        assertNull(stuck(QUEUED, 10));
        assertNull(stuck(QUEUED, 20));
    }

    @Test
    void aSuccessorHasItsOwnTime() {
        assertNull(stuck(QUEUED, 10));
        server = new FakeServer("http~public", socket);
        assertNull(stuck(QUEUED, 12));
    }
}
