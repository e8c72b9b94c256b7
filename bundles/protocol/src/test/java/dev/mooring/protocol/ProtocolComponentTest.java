package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.common.Configuration;
import dev.mooring.protocol.internal.RunningServers;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtocolComponentTest {

    private static final int PATIENCE_SECONDS = 20;

    @TempDir
    Path root;

    private final Events events = new Events();
    private int failures;
    private boolean rehearsalFails;
    private boolean refusesSockets;
    private Limits limits = new Limits(10, 10, 10, 10);

    /** What servers are told, which can be waited for. */
    private static final class Events {

        private final List<String> all = new ArrayList<>(); // guarded by this

        synchronized void add(String event) {
            all.add(event);
            notifyAll();
        }

        synchronized List<String> soFar() {
            return List.copyOf(all);
        }

        /** Waits for an event, and gives them all. */
        synchronized List<String> awaitLast(String event) throws InterruptedException {
            awaitTimes(event, 1);
            return soFar();
        }

        /** Waits until an event has happened so many times. */
        synchronized void awaitTimes(String event, int times) throws InterruptedException {
            while (Collections.frequency(all, event) < times) {
                await(all.size() + 1);
            }
        }

        /** Waits until there are so many, and gives them. */
        synchronized List<String> await(int count) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (all.size() < count) {
                long left = deadline - System.nanoTime();
                assertTrue(left > 0, () -> "only " + all);
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return soFar();
        }
    }

    private final CountDownLatch making = new CountDownLatch(1);
    private CountDownLatch mayMake = new CountDownLatch(0);

    /** How many connections a rehearsal has at once. */
    private int rehearsalConnections = 1;

    /** Serves nothing, and notes what it is told. */
    private final class FakeServer extends SocketServer {

        FakeServer(String name, Share share) {
            super(name, "fake", share, limits, 1);
        }

        @Override
        protected @Nullable String fault(NamedSocket socket) {
            return refusesSockets && socket.family() == NamedSocket.Family.INET
                    ? "it is not liked"
                    : super.fault(socket);
        }

        @Override
        protected Engine engine() throws IOException {
            making.countDown();
            try {
                mayMake.await();
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
            if (failures > 0) {
                failures--;
                throw new IOException("there is no engine");
            }
            return new FakeEngine();
        }

        @Override
        protected void rehearse(Rehearsal rehearsal) throws IOException {
            List<SocketChannel> clients = new ArrayList<>();
            try {
                for (int i = 0; i < rehearsalConnections; i++) {
                    clients.add(rehearsal.connect());
                }
                events.awaitTimes("+rehearsal", rehearsalConnections);
                assertTrue(clients.stream().allMatch(SocketChannel::isConnected));
                events.add("rehearsed");
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            } finally {
                for (SocketChannel client : clients) {
                    client.close();
                }
            }
            if (rehearsalFails) {
                throw new IOException("the rehearsal went wrong");
            }
        }

        /** Keeps its connections until it is told otherwise. */
        private final class FakeEngine implements Engine {

            private final Queue<ClientConnection> connections = new ConcurrentLinkedQueue<>();

            @Override
            public void serve(ClientConnection connection) {
                connections.add(connection);
                events.add("+" + connection.socket().name());
            }

            @Override
            public void dismissIdle() {
                events.add("dismiss");
                connections.remove().close();
            }

            @Override
            public void dismissUnnoticed() {
                events.add("unnoticed");
            }

            @Override
            public void close() {
                events.add("end");
                connections.forEach(ClientConnection::close);
            }
        }
    }

    @interface Keys {
        String sockets_target() default "(socket.name=web)";

        long drain_timeout() default 60;

        long replaced_timeout() default 0;

        boolean access_log() default false;

        String proxy_protocol() default "off";

        String[] proxy_trusted() default {};
    }

    private final class FakeProvider implements ServerProvider {

        @Override
        public String pid() {
            return "dev.mooring.fake";
        }

        @Override
        public Class<? extends Annotation> keys() {
            return Keys.class;
        }

        @Override
        public SocketServer make(String name, Share share, Configuration configuration, Path directory) {
            return new FakeServer(name, share);
        }
    }

    private final class FakeComponent extends ProtocolComponent {

        private final @Nullable String bundle;

        FakeComponent(Map<String, Object> properties) {
            this(properties, null);
        }

        FakeComponent(Map<String, Object> properties, @Nullable String bundle) {
            super(new FakeProvider(), properties, Shares.open("default", root.toString(), true, List.of()), root);
            this.bundle = bundle;
        }

        @Override
        @Nullable
        Object owner() {
            return bundle;
        }

        FakeServer made() {
            return (FakeServer) Objects.requireNonNull(server().server());
        }
    }

    private static final Map<String, Object> PROPERTIES = Map.of("service.pid", "dev.mooring.fake~public");

    private FakeComponent started(Map<String, Object> properties, NamedSocket socket) {
        FakeComponent component = new FakeComponent(properties);
        component.addSocket(socket);
        component.start();
        return component;
    }

    private static NamedSockets sockets(String... names) {
        return new NamedSockets() {
            @Override
            public boolean activated() {
                return true;
            }

            @Override
            public List<NamedSocket> all() {
                return List.of();
            }

            @Override
            public List<NamedSocket> named(String name) {
                return List.of();
            }

            @Override
            public NamedSocket get(String name) throws IOException {
                throw new IOException(name);
            }

            @Override
            public Set<String> names() {
                return Set.of(names);
            }

            @Override
            public List<String> problems() {
                return List.of();
            }

            @Override
            public int openConnections() {
                return 0;
            }
        };
    }

    @Test
    void socketsAreServedFromTheStartToTheStop() throws Exception {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("web");
                ListeningSocket late = ListeningSocket.inet("late");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeComponent component = new FakeComponent(PROPERTIES);
            component.addSocket(socket);
            component.setAll(sockets("web"));
            assertEquals(List.of(), events.soFar());

            component.start();
            component.addSocket(late);
            try (SocketChannel second = SocketChannel.open(late.localAddress())) {
                assertEquals(List.of("+web", "+late"), events.await(2));
                component.removeSocket(late);
                assertFalse(late.isOpen());
                assertTrue(client.isConnected() && second.isConnected());
            }
            log.await("INFO fake~public serves share 'default' on fake://127.0.0.1:" + socket.port() + "/ (fd 3)");
            component.made().close();
            assertFalse(socket.isOpen());
            assertEquals(List.of("+web", "+late", "end"), events.soFar());
            assertEquals(0, component.made().connections());
            component.stop();
        }
    }

    /** Declarative Services does not wait long for an activation, and then nobody else stops the server. */
    @Test
    void serverThatIsStillStartingDrainsWhenTheFrameworkStops() throws Exception {
        mayMake = new CountDownLatch(1);
        try (ListeningSocket socket = ListeningSocket.inet("web");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeComponent component = new FakeComponent(PROPERTIES);
            component.addSocket(socket);
            Thread starts = new Thread(component::start);
            starts.start();
            making.await();
            FutureTask<Set<ProtocolServer>> stopped = new FutureTask<>(RunningServers::stop);
            new Thread(stopped).start();
            mayMake.countDown();

            assertTrue(stopped.get().contains(component.made()));
            assertTrue(client.isConnected());
            starts.join();
            // The client is served and dismissed, or still waits in the queue when the engine ends.
            List<String> all = events.awaitLast("end");
            assertTrue(all.equals(List.of("end")) || all.equals(List.of("+web", "dismiss", "end")), all::toString);
            component.stop();
            assertEquals(all, events.soFar());
            assertFalse(component.made().draining());
        }
    }

    @Test
    void serverOfTheSameNameServesUntilTheNewOneIsRehearsed() throws Exception {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("old");
                ListeningSocket next = ListeningSocket.inet("new");
                SocketChannel first = SocketChannel.open(socket.localAddress());
                SocketChannel waiting = SocketChannel.open(next.localAddress())) {
            FakeComponent old = started(PROPERTIES, socket);
            events.awaitLast("+old");
            mayMake = new CountDownLatch(1);

            FakeComponent successor = started(PROPERTIES, next);
            SocketChannel second = SocketChannel.open(socket.localAddress());
            assertEquals(List.of("+old", "+old"), events.await(2));
            assertTrue(successor.made().sockets().isEmpty());
            mayMake.countDown();

            events.awaitLast("+new");
            events.awaitTimes("unnoticed", 1);
            old.deactivate();
            events.awaitTimes("unnoticed", 3);
            List<String> all = events.soFar();
            assertEquals(List.of("+old", "+old", "+rehearsal", "rehearsed", "end"), all.subList(0, 5));
            assertEquals(Set.of("+new", "unnoticed"), Set.copyOf(all.subList(5, all.size())));
            assertEquals(2, old.made().connections());
            assertFalse(socket.isOpen());
            assertTrue(next.isOpen() && first.isConnected() && waiting.isConnected());
            assertFalse(log.lines().toString().contains("rehearsal"), () -> log.lines()
                    .toString());
            assertEquals(List.of(next), successor.made().sockets());

            // The same is true for the sessions of the old server then: its configuration may have changed.
            successor.stop();
            events.awaitTimes("dismiss", 3);
            events.awaitTimes("end", 3);
            second.close();
        }
    }

    @Test
    void sessionsOfAReplacedServerEndWithTheirTime() throws Exception {
        Map<String, Object> properties =
                Map.of("service.pid", "dev.mooring.fake~public", "replaced.timeout", "1", "drain.timeout", "0");
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("old");
                ListeningSocket next = ListeningSocket.inet("new");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeComponent old = started(properties, socket);
            events.awaitLast("+old");
            FakeComponent successor = started(properties, next);
            log.await("WARNING fake~public closes 1 connections, which did not end within replaced.timeout");
            assertFalse(events.soFar().contains("dismiss"));
            successor.stop();
            assertTrue(client.isConnected());
        }
    }

    @Test
    void sessionsOfAReplacedServerEndWhenTheFrameworkStops() throws Exception {
        try (ListeningSocket socket = ListeningSocket.inet("old");
                ListeningSocket next = ListeningSocket.inet("new");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeComponent old = started(PROPERTIES, socket);
            events.awaitLast("+old");
            FakeComponent successor = started(PROPERTIES, next);
            events.awaitLast("unnoticed");
            assertTrue(RunningServers.stop().containsAll(List.of(old.made(), successor.made())));
            events.awaitLast("dismiss");
            events.awaitTimes("end", 2);
            assertTrue(client.isConnected());
        }
    }

    /** Otherwise a bundle whose server has a low limit could not be replaced. */
    @Test
    void limitsDoNotApplyToARehearsal() throws Exception {
        limits = new Limits(1, 1, 1, 1);
        rehearsalConnections = 3;
        try (ListeningSocket socket = ListeningSocket.inet("old");
                ListeningSocket next = ListeningSocket.inet("new")) {
            FakeComponent old = started(PROPERTIES, socket);
            FakeComponent successor = started(PROPERTIES, next);
            assertEquals(
                    List.of("+rehearsal", "+rehearsal", "+rehearsal", "rehearsed"),
                    events.await(4).subList(0, 4));
            successor.stop();
            old.stop();
        }
    }

    @Test
    void serverContinuesIfTheNewOneFails() throws Exception {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("old");
                ListeningSocket next = ListeningSocket.inet("new");
                SocketChannel first = SocketChannel.open(socket.localAddress())) {
            FakeComponent old = started(PROPERTIES, socket);
            events.awaitLast("+old");
            rehearsalFails = true;

            FakeComponent successor = started(PROPERTIES, next);
            log.await(
                    "A new fake~public does not take over from the running one, because java.io.IOException: the rehearsal");
            try (SocketChannel second = SocketChannel.open(socket.localAddress())) {
                assertEquals(List.of("+old", "+rehearsal", "rehearsed", "end", "+old"), events.await(5));
                assertTrue(first.isConnected() && second.isConnected());
            }
            assertTrue(successor.made().sockets().isEmpty());
            successor.stop();
            assertTrue(socket.isOpen());
            old.stop();
            assertEquals(List.of("dismiss", "dismiss", "end"), events.await(8).subList(5, 8));
        }
    }

    @Test
    void serverContinuesIfTheNewOneDoesNotServeOnItsSocket() throws Exception {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("old");
                ListeningSocket next = ListeningSocket.inet("new")) {
            FakeComponent old = started(PROPERTIES, socket);
            refusesSockets = true;
            FakeComponent successor = started(PROPERTIES, next);
            log.await("SEVERE fake~public cannot serve on fd 3 (socket 'new'): it is not liked");
            log.await("A new fake~public does not take over from the running one, because it does not serve on all");
            assertTrue(socket.isOpen());
            successor.stop();
            old.stop();
        }
    }

    /** Otherwise some servers would be lost with the new bundle when one of them fails. */
    @Test
    void serversOfABundleAreReplacedTogetherOrNotAtAll() throws Exception {
        Map<String, Object> a = Map.of("service.pid", "dev.mooring.fake~a");
        Map<String, Object> b = Map.of("service.pid", "dev.mooring.fake~b");
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socketOfA = ListeningSocket.inet("a");
                ListeningSocket socketOfB = ListeningSocket.inet("b")) {
            List<FakeComponent> running = List.of(new FakeComponent(a, "old"), new FakeComponent(b, "old"));
            running.get(0).addSocket(socketOfA);
            running.get(1).addSocket(socketOfB);
            running.forEach(FakeComponent::start);

            List<FakeComponent> broken = List.of(new FakeComponent(a, "broken"), new FakeComponent(b, "broken"));
            broken.get(0).start();
            log.await("INFO A new fake~a is ready, and waits for [fake~b]");
            rehearsalFails = true;
            broken.get(1).start();
            log.await("A new fake~b does not take over from the running one");
            broken.forEach(FakeComponent::stop);
            assertTrue(socketOfA.isOpen() && socketOfB.isOpen());
            rehearsalFails = false;

            List<FakeComponent> successors = List.of(new FakeComponent(b, "new"), new FakeComponent(a, "new"));
            successors.get(0).addSocket(socketOfB);
            successors.get(1).addSocket(socketOfA);
            successors.get(0).start();
            log.await("INFO A new fake~b is ready, and waits for [fake~a]");
            successors.get(1).start();
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().endsWith("-takeover")) {
                    thread.join();
                }
            }
            assertTrue(running.stream().allMatch(FakeComponent::isStopped));
            successors.forEach(each -> assertEquals(1, each.made().sockets().size()));
            successors.forEach(FakeComponent::stop);
        }
    }

    @Test
    void stopEndsTheRehearsal() throws Exception {
        rehearsalConnections = 1;
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("old")) {
            FakeComponent old = started(PROPERTIES, socket);
            mayMake = new CountDownLatch(1); // for ever
            FakeComponent successor = new FakeComponent(PROPERTIES);
            successor.start();
            making.await();
            successor.stop();
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                assertFalse(thread.getName().equals("fake~public-rehearsal"));
                assertFalse(thread.getName().equals("fake~public-takeover"));
            }
            assertFalse(log.lines().toString().contains("does not take over"), log.lines()::toString);
            assertTrue(socket.isOpen());
            old.stop();
        }
    }

    @Test
    void engineIsMadeForTheFirstConnectionAndTakesAllSocketsOver() throws Exception {
        try (ListeningSocket socket = ListeningSocket.inet("web");
                ListeningSocket other = ListeningSocket.inet("other");
                ListeningSocket gone = ListeningSocket.inet("gone")) {
            FakeServer server = new FakeComponent(PROPERTIES).made();
            server.add(socket);
            server.start();
            server.add(gone);
            server.add(other);
            server.remove(gone);
            assertFalse(gone.isOpen());
            assertEquals(Set.of(socket, other), Set.copyOf(server.sockets()));
            assertEquals(List.of(), events.soFar());

            try (SocketChannel client = SocketChannel.open(other.localAddress());
                    SocketChannel second = SocketChannel.open(socket.localAddress())) {
                assertEquals(Set.of("+web", "+other"), Set.copyOf(events.await(2)));
                assertTrue(client.isConnected() && second.isConnected());
            }
            server.close();
            List<String> all = events.soFar();
            assertEquals("end", all.get(all.size() - 1));
        }
    }

    @Test
    void serverThatNobodyCameToHasNoEngineToEnd() throws Exception {
        try (ListeningSocket socket = ListeningSocket.inet("web")) {
            FakeServer server = new FakeComponent(PROPERTIES).made();
            server.add(socket);
            server.start();
            server.drain(Duration.ofSeconds(20), () -> events.add("ended"));

            assertFalse(socket.isOpen());
            assertEquals(List.of("ended"), events.soFar());
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().startsWith(server.name())) {
                    thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
                    assertFalse(thread.isAlive(), thread::getName);
                }
            }
        }
    }

    @Test
    void engineThatFailsIsReportedOnceAndTriedAgainForWhoeverWaits() throws Exception {
        failures = 2;
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("web");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeServer server = new FakeComponent(PROPERTIES).made();
            server.add(socket);
            server.start();
            assertEquals(List.of(), server.sockets());
            String failure = "SEVERE fake~public cannot serve on fd 3 (socket 'web'): there is no engine";
            assertEquals(failure, log.lines().get(0));

            log.await("INFO fake~public serves share 'default'");
            assertEquals(List.of("+web"), events.await(1));
            assertEquals(List.of(socket), server.sockets());
            assertEquals(1, Collections.frequency(log.lines(), failure), () -> log.lines()
                    .toString());
            assertTrue(client.isConnected());
            server.close();
        }
    }

    @Test
    void drainStopsToAcceptAtOnceAndEndsWithTheLastConnection() throws Exception {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("web");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeServer server = new FakeComponent(PROPERTIES).made();
            server.add(socket);
            server.start();
            try (SocketChannel second = SocketChannel.open(socket.localAddress())) {
                events.await(2);
                assertTrue(second.isConnected());
            }
            CountDownLatch ended = new CountDownLatch(1);
            server.drain(Duration.ofSeconds(20), ended::countDown);

            assertTrue(server.draining());
            assertTrue(ended.await(20, TimeUnit.SECONDS));
            assertTrue(client.isConnected());
            assertEquals(List.of("+web", "+web", "dismiss", "dismiss", "end"), events.soFar());
            assertFalse(server.draining());
            assertThrows(IllegalStateException.class, () -> server.add(socket));
            log.await("INFO fake~public drains 2 connections");
        }
    }

    @Test
    void drainBreaksOffWhatTakesTooLong() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            FakeServer server = new FakeComponent(PROPERTIES).made();
            for (int i = 0; i < 1000; i++) {
                server.metrics().connected();
            }
            CountDownLatch ended = new CountDownLatch(1);
            server.drain(Duration.ofMillis(1), ended::countDown);

            assertTrue(ended.await(20, TimeUnit.SECONDS));
            log.await("connections, which did not end within drain.timeout");
        }
    }

    /** In nanoseconds it is more than a long can hold. */
    @Test
    void veryLongDrainTimeoutDoesNotKeepTheServerFromStoppingToAccept() throws Exception {
        try (ListeningSocket socket = ListeningSocket.inet("web");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeServer server = new FakeComponent(PROPERTIES).made();
            server.add(socket);
            server.start();
            events.await(1);
            CountDownLatch ended = new CountDownLatch(1);

            server.drain(Duration.ofSeconds(9_999_999_999L), ended::countDown);

            assertFalse(socket.isOpen());
            assertTrue(ended.await(20, TimeUnit.SECONDS));
            assertTrue(client.isConnected());
        }
    }

    @Test
    void badDrainTimeoutIsRefused() {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("web")) {
            FakeComponent component =
                    new FakeComponent(Map.of("service.pid", "dev.mooring.fake~x", "drain.timeout", "-1"));
            component.addSocket(socket);
            component.start();
            component.stop();

            assertEquals(
                    List.of(
                            "SEVERE fake~x serves nothing: drain.timeout = '-1' is negative; write it in seconds, 0 or more;"
                                    + " correct dev.mooring.fake~x"),
                    log.lines());
            assertEquals(List.of(), events.soFar());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Otherwise its problem would stay among the services after the configuration was corrected. */
    @Test
    void serverOfAnInvalidConfigurationEndsWhenItIsStopped() {
        ConfiguredServer server =
                new FakeComponent(Map.of("service.pid", "dev.mooring.fake~x", "drain.timeout", "-1")).server();
        events.add("made");
        server.stop(() -> events.add("draining"), () -> events.add("ended"));
        assertEquals(List.of("made", "ended"), events.soFar());
    }

    @Test
    void missingSocketIsReportedOnceWithTheNamesThatThereAre() {
        try (CapturedLog log = new CapturedLog()) {
            FakeComponent component = new FakeComponent(PROPERTIES);
            component.start();
            assertEquals(List.of(), log.lines());

            component.setAll(sockets("ssh"));
            component.unsetAll(sockets());
            component.setAll(sockets("ssh"));

            assertEquals(
                    List.of(
                            "WARNING fake~public serves nothing, because no socket matches (socket.name=web);"
                                    + " the names that there are: [ssh]. Set FileDescriptorName= in the .socket unit,"
                                    + " or sockets.target in dev.mooring.fake~public; if the socket is new, restart the service"),
                    log.lines());
            component.stop();
        }
    }

    @Test
    void socketThatIsNotEnabledIsNoWarning() {
        try (CapturedLog log = new CapturedLog()) {
            FakeComponent component = new FakeComponent(
                    Map.of("service.pid", "dev.mooring.fake~public", "sockets.target", "(socket.name=fake)"));
            component.start();
            component.setAll(sockets("http", "ftp", "ftp-data"));

            assertEquals(
                    List.of("INFO fake~public has no socket; to serve, start mooring-fake.socket, or another with"
                            + " FileDescriptorName=fake"),
                    log.lines());
            component.stop();
        }
    }

    @Test
    void singletonsServerHasTheNameOfItsProtocol() throws IOException {
        assertEquals(
                "fake",
                new FakeComponent(Map.of("service.pid", "dev.mooring.fake"))
                        .made()
                        .name());
    }

    /** Its clients connected when it served, and Declarative Services remove the accounts from a stopped component. */
    @Test
    void serverThatDrainsKeepsItsAccounts() throws Exception {
        Accounts accounts = new Accounts() {
            @Override
            public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
                return CompletableFuture.completedStage(
                        new Verdict.Accepted(new Account(user, null, SharePath.ROOT, false)));
            }

            @Override
            public @Nullable Account authorize(String user, byte[] key, Peer peer) {
                return null;
            }
        };
        try (ListeningSocket socket = ListeningSocket.inet("web");
                SocketChannel client = SocketChannel.open(socket.localAddress())) {
            FakeComponent component = new FakeComponent(PROPERTIES);
            component.setAccounts(accounts);
            component.addSocket(socket);
            component.start();
            events.awaitLast("+web");
            component.stop();
            component.unsetAccounts(accounts);
            assertEquals(
                    Verdict.Accepted.class,
                    component
                            .made()
                            .accounts()
                            .authenticate("ada", new char[0], Peer.of("fake", new InetSocketAddress("::1", 1)))
                            .toCompletableFuture()
                            .get()
                            .getClass());
            assertTrue(client.isConnected());
        }
    }

    @Test
    void nobodyIsLetInWhileThereAreNoAccountsAndTheLogSaysSoOnce() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            FakeServer server = new FakeComponent(PROPERTIES).made();
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        Verdict.Unavailable.class,
                        server.accounts()
                                .authenticate("ada", new char[0], Peer.of("fake", new InetSocketAddress("::1", 1)))
                                .toCompletableFuture()
                                .get()
                                .getClass());
            }
            assertEquals(1, log.lines().size(), log.lines().toString());
        }
    }
}
