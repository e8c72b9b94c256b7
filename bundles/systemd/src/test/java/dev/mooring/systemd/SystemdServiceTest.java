package dev.mooring.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
    private final CountDownLatch exited = new CountDownLatch(1);
    private final Deque<Closeable> open = new ArrayDeque<>();
    private volatile @Nullable NamedSockets sockets;
    private volatile Runnable whenSuspended = () -> {};
    private volatile boolean present = true;

    private final SystemdService service = new SystemdService(manager(), new Fakes(), exited::countDown);

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
        };
        FakeServer server = new FakeServer("http~public", socket);
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
        assertNull(told.poll(700, TimeUnit.MILLISECONDS), "before there is anything");
        FakeServer server = served();
        assertEquals("READY=1 | STATUS=http~public 0 connected", next(told));
        server.connections = 2;
        assertEquals("STATUS=http~public 2 connected", next(told));
    }

    @Test
    void aChangeIsAnnouncedAndItsEndToo() throws InterruptedException {
        served();
        service.start();
        assertTrue(next(told).startsWith("READY=1"));
        long before = System.nanoTime() / 1000;
        service.changed();
        String reloading = next(told);
        assertTrue(reloading.startsWith("RELOADING=1 | MONOTONIC_USEC="), reloading);
        long at = Long.parseLong(reloading.substring(reloading.lastIndexOf('=') + 1));
        assertTrue(before <= at && at <= System.nanoTime() / 1000, reloading);
        assertTrue(next(told).startsWith("READY=1"));
    }

    @Test
    void theEndWaitsForTheServersAndAsksForTime() throws Exception {
        FakeServer server = served().connected(1);
        service.start();
        next(told);
        service.ending();
        Thread end = new Thread(service::stop);
        end.start();
        assertEquals("STOPPING=1 | STATUS=ending; http~public 1 connected", next(told));
        assertEquals("drain", next(asked));
        assertEquals("EXTEND_TIMEOUT_USEC=15000000 | STATUS=ending; http~public 1 connected", next(told));
        assertTrue(end.isAlive());
        server.draining = false;
        end.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertFalse(end.isAlive());
    }

    @Test
    void itLeavesWhenNobodyHasComeAndAcceptsNothingMoreBefore() throws InterruptedException {
        present = false;
        served();
        service.setIdleExit(Duration.ofSeconds(1));
        assertTrue(exited.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals("suspend", next(asked));
        assertTrue(asked.isEmpty());
    }

    @Test
    void whoComesAtTheLastMomentIsServed() throws InterruptedException {
        FakeServer server = served();
        whenSuspended = () -> server.connections = 1;
        service.setIdleExit(Duration.ofSeconds(1));
        assertEquals("suspend", next(asked));
        assertEquals("resume", next(asked));
        assertFalse(exited.await(2, TimeUnit.SECONDS));
    }

    @Test
    void whoHasBeenAcceptedAndNotYetCountedIsServedToo() throws Exception {
        served();
        try (ServerSocket other = new ServerSocket(0)) {
            whenSuspended = () -> {
                try {
                    open.push(new Socket("127.0.0.1", other.getLocalPort()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
            service.setIdleExit(Duration.ofSeconds(1));
            assertEquals("suspend", next(asked));
            assertEquals("resume", next(asked));
        }
    }

    @Test
    void itStaysWhileSomebodyIsThereOrWaitsOrIsOnTheWayOut() throws InterruptedException {
        FakeServer server = served();
        List<Runnable> reasons = new ArrayList<>();
        reasons.add(() -> server.connections = 1);
        reasons.add(() -> server.transfers = 1);
        reasons.add(() -> server.draining = true);
        reasons.add(this::connect);
        service.setIdleExit(Duration.ofSeconds(1));
        for (Runnable reason : reasons) {
            server.connections = 0;
            server.transfers = 0;
            server.draining = false;
            reason.run();
            assertFalse(exited.await(2, TimeUnit.SECONDS));
        }
        assertTrue(asked.isEmpty());
    }

    @Test
    void itStaysWhileClientsComeAndGoBetweenTwoLooks() throws InterruptedException {
        FakeServer server = served();
        service.setIdleExit(Duration.ofSeconds(1));
        for (int i = 0; i < 12; i++) {
            assertFalse(exited.await(250, TimeUnit.MILLISECONDS));
            server.left = System.nanoTime();
        }
        assertTrue(exited.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void whereNobodyIsToBeToldAndNothingIsConfiguredThereIsNoThread() {
        present = false;
        service.start();
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("systemd")));
    }
}
