package dev.mooring.ftp.internal.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.DataPort;
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

@SuppressWarnings("try") // a lent port is not used
class PassivePoolTest {

    private final BlockingQueue<String> served = new LinkedBlockingQueue<>();

    /** A session that gets a socket and returns it. Waits until the session is waiting. */
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
            assertTrue(System.nanoTime() < deadline, name + " is not waiting");
            Thread.onSpinWait();
        }
        return thread;
    }

    /** Before an idle exit all sockets are removed for a moment, and added again if a client has come. */
    @Test
    void sessionWaitsForASocketThatIsAddedAgain() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ListeningSocket socket = ListeningSocket.inet("ftp-data");
                ListeningSocket again = ListeningSocket.inet("ftp-data");
                PassivePool pool = new PassivePool("ftp~test")) {
            pool.add(socket);
            pool.remove(socket);
            Thread waiting = session("one", pool, loopback);
            pool.add(again);
            waiting.join();
            assertEquals("one", served.poll(0, TimeUnit.SECONDS));
        }
    }

    @Test
    void socketsAreLentInOrderOfRequest() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ListeningSocket socket = ListeningSocket.inet("ftp-data");
                PassivePool pool = new PassivePool("ftp~test")) {
            pool.add(socket);
            DataPort first = pool.lend(loopback, false);
            List<Thread> waiting = List.of(session("one", pool, loopback), session("two", pool, loopback));
            first.close();
            // This session asks again at once, like a client that renews its port.
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
    void waiterForAnotherAddressDoesNotBlockOthers() throws Exception {
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
