package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.ClientText;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficTest {

    private final Traffic traffic = new Traffic("http~public");

    @Test
    void nothingIsLoggedAtFirst() {
        try (CapturedLog log = new CapturedLog()) {
            traffic.log(null, null, "GET", "/", "HTTP/1.1", 200, 0, Duration.ZERO);

            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void lineHasWhoWhatBytesAndTime() {
        traffic.setLogged(true);
        try (CapturedLog log = new CapturedLog()) {
            traffic.log(
                    new InetSocketAddress("192.0.2.7", 1),
                    "ada",
                    "GET",
                    "/b%20c.txt?x",
                    "HTTP/1.1",
                    200,
                    1024,
                    Duration.ofMillis(3));

            assertTrue(
                    log.lines()
                            .get(0)
                            .matches(
                                    "INFO 192\\.0\\.2\\.7 - ada \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}]"
                                            + " \"GET /b%20c\\.txt\\?x HTTP/1\\.1\" 200 1024 0\\.003 http~public"),
                    log.lines()::toString);
        }
    }

    @Test
    void aServerIsIdleFromItsLastConnectionOn() {
        traffic.connected();
        traffic.connected();
        traffic.disconnected();
        assertEquals(Duration.ZERO, traffic.idle());
        long left = System.nanoTime();
        traffic.disconnected();
        Duration idle = traffic.idle();
        assertTrue(!idle.isNegative() && idle.toNanos() <= System.nanoTime() - left, idle::toString);
    }

    @Test
    void noNameEndsAFieldOrTheLine() {
        traffic.setLogged(true);
        try (CapturedLog log = new CapturedLog()) {
            traffic.log(
                    UnixDomainSocketAddress.of(""),
                    "a\"b\n",
                    "RETR",
                    ClientText.encode("/a b\r\n{0}%\"\\\u00e9\u0085"),
                    "FTP",
                    226,
                    0,
                    Duration.ZERO);

            String line = log.lines().get(0);
            assertTrue(line.startsWith("INFO unix - a%22b%0A ["), line);
            assertTrue(line.contains("\"RETR /a%20b%0D%0A{0}%25%22%5C%C3%A9%C2%85 FTP\""), line);
        }
    }

    @Test
    void whatGoesOnIsCounted() {
        traffic.connected();
        traffic.connected();
        traffic.disconnected();
        traffic.begun();
        traffic.moved(7);

        assertEquals(List.of(1L, 1L, 7L), List.of(traffic.connections(), traffic.transfers(), traffic.bytes()));
    }
}
