package dev.mooring.ftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.ListeningSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a port only has to be lent
class PassivePoolTest {

    private final BlockingQueue<String> served = new LinkedBlockingQueue<>();

    /** A session that has its turn, and gives the socket back. */
    private Thread session(String name, PassivePool pool, InetAddress address) {
        Thread thread = new Thread(
                () -> {
                    try (DataPort port = pool.lend(address, false)) {
                        served.add(name);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                name);
        thread.start();
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(System.nanoTime() < deadline, name + " does not wait");
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void socketsAreLentFirstComeFirstServed() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ListeningSocket socket = ListeningSocket.inet("ftp-data");
                PassivePool pool = new PassivePool("ftp~test")) {
            pool.add(socket);
            DataPort first = pool.lend(loopback, false);
            List<Thread> waiting = List.of(session("one", pool, loopback), session("two", pool, loopback));
            first.close();
            // This one asks again at once, as a client does that renews its port.
            try (DataPort again = pool.lend(loopback, false)) {
                assertEquals(socket.port(), again.port());
                assertEquals("one", served.poll(0, TimeUnit.SECONDS));
                assertEquals("two", served.poll(0, TimeUnit.SECONDS));
            }
            for (Thread each : waiting) {
                each.join();
            }
        }
    }

    @Test
    void whoWaitsForAnotherAddressHoldsNobodyUp() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        InetAddress loopback6 = InetAddress.getByName("::1");
        try (ListeningSocket socket = ListeningSocket.inet("ftp-data");
                ListeningSocket socket6 = ListeningSocket.inet6("ftp-data");
                PassivePool pool = new PassivePool("ftp~test")) {
            pool.add(socket);
            pool.add(socket6);
            DataPort first = pool.lend(loopback6, false);
            Thread waiting = session("six", pool, loopback6);
            try (DataPort four = pool.lend(loopback, false)) {
                assertEquals(socket.port(), four.port());
            }
            first.close();
            waiting.join();
        }
    }
}
