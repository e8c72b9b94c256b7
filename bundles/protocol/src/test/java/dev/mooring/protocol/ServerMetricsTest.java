package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.common.ClientText;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerMetricsTest {

    private final ServerMetrics metrics = new ServerMetrics("http~public");

    @Test
    void nothingIsLoggedAtFirst() {
        try (CapturedLog log = new CapturedLog()) {
            metrics.log(null, null, "GET", "/", "HTTP/1.1", 200, 0, Duration.ZERO);

            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void lineHasWhoWhatBytesAndTime() {
        metrics.setLogged(true);
        try (CapturedLog log = new CapturedLog()) {
            metrics.log(
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
        metrics.connected();
        metrics.connected();
        metrics.disconnected();
        assertEquals(Duration.ZERO, metrics.idle());
        long left = System.nanoTime();
        metrics.disconnected();
        Duration idle = metrics.idle();
        assertTrue(!idle.isNegative() && idle.toNanos() <= System.nanoTime() - left, idle::toString);
    }

    @Test
    void noNameEndsAFieldOrTheLine() {
        metrics.setLogged(true);
        try (CapturedLog log = new CapturedLog()) {
            metrics.log(
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
        metrics.connected();
        metrics.connected();
        metrics.disconnected();
        metrics.begun();
        metrics.moved(7);

        assertEquals(List.of(1L, 1L, 7L), List.of(metrics.connections(), metrics.transfers(), metrics.bytes()));
    }
}
