package dev.mooring.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.ServiceManager;
import dev.mooring.protocol.ProtocolServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemdServiceTest {

    private static final int PATIENCE_SECONDS = 20;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final List<ProtocolServer> servers = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private final Deque<Closeable> open = new ArrayDeque<>();
    private volatile @Nullable NamedSockets sockets;
    private volatile Runnable whenSuspended = () -> {};
    private volatile boolean present = true;
    private volatile int foreign;
    private volatile boolean inhibited;

    private final FakeTime time = new FakeTime();
    private final SystemdService service = new SystemdService(manager(), new Fakes(), time::exit, time);

    /** Time that passes when the test says so, and only as far as the thread has taken notice of it. */
    private final class FakeTime implements SystemdService.Time {

        private volatile long now = System.nanoTime();

        // Guarded by the service, on which its threads wait.
        private boolean waiting;
        private long waitsUntil;
        private boolean exited;

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void await(Object lock, long nanos) throws InterruptedException {
            waiting = true;
            waitsUntil = now + nanos;
            lock.notifyAll();
            lock.wait();
            waiting = false;
        }

        void exit() {
            synchronized (service) {
                exited = true;
                service.notifyAll();
            }
        }

        boolean exited() {
            synchronized (service) {
                return exited;
            }
        }

        /**
         * Lets time pass, and the thread do each time what it does after a wait. Ends early when the process is to exit, and fails if
         * there is no thread that waits for the time.
         */
        void pass(Duration duration) throws InterruptedException {
            synchronized (service) {
                long until = now + duration.toNanos();
                awaitWaiting();
                while (!exited && waitsUntil <= until) {
                    now = waitsUntil;
                    waiting = false;
                    service.notifyAll();
                    awaitWaiting();
                }
                now = until;
            }
        }

        private void awaitWaiting() throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!waiting && !exited) {
                long left = deadline - System.nanoTime();
                assertTrue(left > 0, "no thread waits");
                TimeUnit.NANOSECONDS.timedWait(service, left);
            }
        }
    }

    private ServiceManager manager() {
        return new ServiceManager() {
            @Override
            public boolean isPresent() {
                return present;
            }

            @Override
            public void send(String... assignments) {
                if (present) {
                    told.add(String.join(" | ", assignments));
                }
            }

            @Override
            public Optional<Duration> watchdog() {
                return Optional.empty();
            }

            @Override
            public List<String> problems() {
                return List.of();
            }
        };
    }

    private final class Fakes implements Servers {

        @Override
        public @Nullable NamedSockets sockets() {
            return sockets;
        }

        @Override
        public List<ProtocolServer> all() {
            return List.copyOf(servers);
        }

        @Override
        public boolean inhibited() {
            return inhibited;
        }

        @Override
        public void suspend() {
            asked.add("suspend");
            whenSuspended.run();
        }

        @Override
        public void resume() {
            asked.add("resume");
        }

        @Override
        public void drain() {
            asked.add("drain");
            servers.forEach(each -> ((FakeServer) each).drains());
        }
    }

    /** A socket as systemd would have passed it, and its server. */
    private FakeServer served() {
        NamedSocket bound = NamedSockets.bind(List.of("http=127.0.0.1:0")).all().get(0);
        NamedSocket socket = (NamedSocket) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {NamedSocket.class},
                (proxy, method, arguments) -> method.getName().equals("origin")
                        ? NamedSocket.Origin.INHERITED
                        : method.invoke(bound, arguments));
        sockets = new NamedSockets() {
            @Override
            public boolean activated() {
                return true;
            }

            @Override
            public List<NamedSocket> all() {
                return List.of(socket);
            }

            @Override
            public List<NamedSocket> named(String name) {
                return all();
            }

            @Override
            public NamedSocket get(String name) {
                return socket;
            }

            @Override
            public Set<String> names() {
                return Set.of("http");
            }

            @Override
            public List<String> problems() {
                return List.of();
            }

            @Override
            public int openConnections() {
                return foreign;
            }
        };
        FakeServer server = new FakeServer("http~public", socket);
        server.clock = time::nanoTime;
        server.left = time.nanoTime();
        servers.add(server);
        return server;
    }

    private Socket connect() {
        try {
            Socket client = new Socket(
                    "127.0.0.1", (int) servers.get(0).sockets().get(0).port());
            open.push(client);
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String next(BlockingQueue<String> queue) throws InterruptedException {
        String next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(next, "nothing came");
        return next;
    }

    @AfterEach
    void close() throws IOException {
        service.close();
        for (Closeable each : open) {
            each.close();
        }
    }

    @Test
    void itIsReadyWhenTheSocketsAreKnownAndAllHasSettled() throws InterruptedException {
        service.start();
        time.pass(Duration.ofSeconds(10));
        assertTrue(told.isEmpty(), () -> "before there is anything: " + told);
        FakeServer server = served();
        service.changed();
        time.pass(Duration.ofMillis(499));
        assertTrue(told.isEmpty(), () -> "before it has settled: " + told);
        time.pass(Duration.ofMillis(501));
        assertEquals("READY=1 | STATUS=http~public 0 connected", next(told));
        server.connections = 2;
        time.pass(Duration.ofSeconds(1));
        assertEquals("STATUS=http~public 2 connected", next(told));
        time.pass(Duration.ofSeconds(10));
        assertTrue(told.isEmpty(), () -> "nothing has changed: " + told);
    }

    @Test
    void itIsNotReadyWhileAServerRehearses() throws InterruptedException {
        FakeServer server = served();
        server.rehearsing = true;
        service.start();
        time.pass(Duration.ofSeconds(10));
        assertTrue(told.isEmpty(), told::toString);
        server.rehearsing = false;
        time.pass(Duration.ofSeconds(1));
        assertEquals("READY=1 | STATUS=http~public 0 connected", next(told));
    }

    @Test
    void aChangeIsAnnouncedAndItsEndToo() throws InterruptedException {
        served();
        service.start();
        time.pass(Duration.ofSeconds(1));
        assertTrue(next(told).startsWith("READY=1"));
        service.changed();
        assertEquals("RELOADING=1 | MONOTONIC_USEC=" + time.nanoTime() / 1000, next(told));
        time.pass(Duration.ofSeconds(1));
        assertTrue(next(told).startsWith("READY=1"));
    }

    @Test
    void theEndWaitsForTheServersAndAsksForTime() throws Exception {
        FakeServer server = served().connected(1);
        service.start();
        time.pass(Duration.ofSeconds(1));
        next(told);
        service.ending();
        Thread end = new Thread(service::stop);
        end.start();
        assertEquals("STOPPING=1 | EXTEND_TIMEOUT_USEC=15000000 | STATUS=ending; http~public 1 connected", next(told));
        assertEquals("drain", next(asked));
        for (int second = 0; second < 30; second++) {
            assertTrue(told.isEmpty(), told::toString);
            time.pass(Duration.ofMillis(1020));
            assertEquals("EXTEND_TIMEOUT_USEC=15000000 | STATUS=ending; http~public 1 connected", next(told));
        }
        assertTrue(end.isAlive());
        server.draining = false;
        service.changed(); // ends its wait
        end.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertFalse(end.isAlive());
    }

    @Test
    void itLeavesWhenNobodyHasComeAndAcceptsNothingMoreBefore() throws InterruptedException {
        present = false;
        served();
        service.setIdleExit(Duration.ofSeconds(300));
        time.pass(Duration.ofSeconds(300));
        assertFalse(time.exited());
        assertTrue(asked.isEmpty());
        time.pass(Duration.ofSeconds(2));
        assertTrue(time.exited());
        assertEquals(List.of("suspend"), List.copyOf(asked));
    }

    @Test
    void itStaysForAConnectionOfSomebodyElseAndForWhoeverForbidsIt() throws InterruptedException {
        served();
        foreign = 1;
        service.setIdleExit(Duration.ofSeconds(10));
        time.pass(Duration.ofSeconds(60));
        foreign = 0;
        inhibited = true;
        time.pass(Duration.ofSeconds(60));
        assertFalse(time.exited());
        inhibited = false;
        time.pass(Duration.ofSeconds(10));
        assertFalse(time.exited(), "the idle time begins anew");
        time.pass(Duration.ofSeconds(2));
        assertTrue(time.exited());
    }

    @Test
    void whoComesAtTheLastMomentIsServed() throws InterruptedException {
        FakeServer server = served();
        whenSuspended = () -> server.connections = 1;
        service.setIdleExit(Duration.ofSeconds(1));
        time.pass(Duration.ofSeconds(60));
        assertEquals(List.of("suspend", "resume"), List.copyOf(asked));
        assertFalse(time.exited());
    }

    @Test
    void whoHasBeenAcceptedAndNotYetCountedIsServedToo() throws Exception {
        served();
        try (ServerSocket other = new ServerSocket(0)) {
            whenSuspended = () -> {
                whenSuspended = () -> {};
                try {
                    open.push(new Socket("127.0.0.1", other.getLocalPort()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
            service.setIdleExit(Duration.ofSeconds(10));
            time.pass(Duration.ofSeconds(15));
            assertEquals(List.of("suspend", "resume"), List.copyOf(asked));
            assertFalse(time.exited());
        }
    }

    @Test
    void itStaysWhileSomebodyIsThereOrWaitsOrIsOnTheWayOut() throws Exception {
        FakeServer server = served();
        List<Runnable> reasons = List.of(
                () -> server.connections = 1, () -> server.transfers = 1, () -> server.draining = true, this::connect);
        service.setIdleExit(Duration.ofSeconds(1));
        for (Runnable reason : reasons) {
            reason.run();
            time.pass(Duration.ofSeconds(60));
            assertFalse(time.exited());
            assertTrue(asked.isEmpty(), asked::toString);
            server.connections = 0;
            server.transfers = 0;
            server.draining = false;
        }
        try (ServerSocketChannel socket = server.sockets.get(0).openServerSocketChannel()) {
            socket.accept().close();
        }
        time.pass(Duration.ofSeconds(4));
        assertTrue(time.exited(), "there is no reason any more");
    }

    @Test
    void itStaysWhileClientsComeAndGoBetweenTwoLooks() throws InterruptedException {
        FakeServer server = served();
        service.setIdleExit(Duration.ofSeconds(1));
        for (int i = 0; i < 60; i++) {
            time.pass(Duration.ofMillis(700));
            assertFalse(time.exited());
            server.left = time.nanoTime();
        }
        time.pass(Duration.ofSeconds(4));
        assertTrue(time.exited());
    }

    @Test
    void whereNobodyIsToBeToldAndNothingIsConfiguredThereIsNoThread() {
        present = false;
        service.start();
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("systemd")));
    }
}
