package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.internal.accept.AcceptedConnection;
import dev.mooring.protocol.internal.accept.Admission;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private final ServerMetrics metrics = new ServerMetrics("test");
    private final List<SocketChannel> clients = new ArrayList<>();
    private ServerSocketChannel server;
    private ListeningSocket socket;

    @BeforeEach
    void listen() throws IOException {
        socket = ListeningSocket.inet("test");
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        server.close();
        socket.close();
    }

    private Admission admission(Limits limits, Duration young) {
        return new Admission(limits, young, metrics);
    }

    /** A connection from 127.0.0.x. */
    private AcceptedConnection connection(Admission admission, int host) throws IOException {
        SocketChannel client = SocketChannel.open();
        client.bind(new InetSocketAddress("127.0.0." + host, 0));
        client.connect(server.getLocalAddress());
        clients.add(client);
        SocketChannel accepted = server.accept();
        return new AcceptedConnection(socket, accepted, accepted.getRemoteAddress(), false, admission);
    }

    private AcceptedConnection admitted(Admission admission, int host) throws IOException {
        AcceptedConnection connection = connection(admission, host);
        assertNull(admission.admit(connection));
        return connection;
    }

    private String refused(Admission admission, int host) throws IOException {
        AcceptedConnection connection = connection(admission, host);
        String reason = admission.admit(connection);
        connection.channel().close();
        assertNotNull(reason);
        return reason;
    }

    private static boolean hasGivenWay(AcceptedConnection connection) throws IOException {
        connection.channel().configureBlocking(false);
        return connection.channel().read(ByteBuffer.allocate(1)) < 0;
    }

    @Test
    void connectionsAreLimitedInAllAndForEachAddress() throws IOException {
        Admission admission = admission(new Limits(3, 2, 9, 9), Duration.ZERO);
        AcceptedConnection first = admitted(admission, 1);
        first.established();
        admitted(admission, 1).established();
        assertEquals("there are 2 connections from this address, which is the limit", refused(admission, 1));
        admitted(admission, 2).established();
        assertEquals("there are 3 connections, which is the limit", refused(admission, 3));
        assertEquals(3, metrics.connections());

        first.close();
        first.close();
        assertEquals(2, metrics.connections());
        admitted(admission, 1);
    }

    @Test
    void aPendingConnectionGivesWayAtEveryLimit() throws IOException {
        Admission admission = admission(new Limits(3, 2, 9, 9), Duration.ZERO);
        AcceptedConnection first = admitted(admission, 1);
        admitted(admission, 1).established();
        admitted(admission, 1);
        assertTrue(hasGivenWay(first));
        first.close();
        AcceptedConnection third = admitted(admission, 2);
        admitted(admission, 3);
        assertEquals(false, hasGivenWay(third), "the one of the first address is older");
    }

    @Test
    void theOldestPendingConnectionOfAnAddressGivesWay() throws IOException {
        Admission admission = admission(new Limits(9, 9, 9, 2), Duration.ZERO);
        AcceptedConnection other = admitted(admission, 2);
        AcceptedConnection first = admitted(admission, 1);
        AcceptedConnection second = admitted(admission, 1);
        AcceptedConnection third = admitted(admission, 1);
        assertTrue(hasGivenWay(first));
        assertEquals(
                List.of(false, false, false), List.of(hasGivenWay(other), hasGivenWay(second), hasGivenWay(third)));
        assertEquals(4, metrics.connections(), "the one that gives way counts until it is closed");
    }

    @Test
    void theOldestPendingConnectionOfAllGivesWayWhereNoAddressHasTooMany() throws IOException {
        Admission admission = admission(new Limits(9, 9, 2, 2), Duration.ZERO);
        AcceptedConnection first = admitted(admission, 1);
        AcceptedConnection second = admitted(admission, 2);
        admitted(admission, 3);
        assertTrue(hasGivenWay(first));
        assertEquals(false, hasGivenWay(second));
    }

    @Test
    void aYoungConnectionDoesNotGiveWay() throws IOException {
        Admission admission = admission(new Limits(9, 9, 2, 1), Duration.ofDays(1));
        AcceptedConnection first = admitted(admission, 1);
        assertEquals(
                "1 connections from this address have not logged in or sent a request, which is the limit",
                refused(admission, 1));
        admitted(admission, 2);
        assertEquals("2 connections have not logged in or sent a request, which is the limit", refused(admission, 3));
        assertEquals(false, hasGivenWay(first));
    }

    @Test
    void anEstablishedConnectionDoesNotGiveWay() throws IOException {
        Admission admission = admission(new Limits(9, 9, 1, 1), Duration.ZERO);
        AcceptedConnection first = admitted(admission, 1);
        first.established();
        AcceptedConnection second = admitted(admission, 1);
        admitted(admission, 1);
        assertEquals(List.of(false, true), List.of(hasGivenWay(first), hasGivenWay(second)));
    }

    /** A connection of a proxy. */
    private AcceptedConnection proxied(Admission admission) throws IOException {
        SocketChannel client = SocketChannel.open(server.getLocalAddress());
        clients.add(client);
        SocketChannel accepted = server.accept();
        AcceptedConnection connection =
                new AcceptedConnection(socket, accepted, accepted.getRemoteAddress(), true, admission);
        assertNull(admission.admit(connection));
        return connection;
    }

    private static InetSocketAddress client(int host) {
        return new InetSocketAddress("192.0.2." + host, 4711);
    }

    @Test
    void limitsOfAnAddressApplyOnceTheProxyHasAnnouncedIt() throws IOException {
        Admission admission = admission(new Limits(9, 2, 9, 2), Duration.ofDays(1));
        AcceptedConnection first = proxied(admission);
        AcceptedConnection second = proxied(admission);
        AcceptedConnection third = proxied(admission);
        assertNull(first.address());
        assertNull(admission.identify(first, client(1)));
        assertEquals(client(1), first.source());
        assertNull(admission.identify(second, client(1)));
        assertEquals(
                "there are 2 connections from this address, which is the limit", admission.identify(third, client(1)));
        third.close();
        assertEquals(2, metrics.connections());
        first.close();
        assertNull(admission.identify(proxied(admission), client(1)));
        assertNull(admission.identify(proxied(admission), client(2)));
    }

    @Test
    void pendingConnectionOfTheAnnouncedAddressGivesWay() throws IOException {
        Admission admission = admission(new Limits(9, 9, 9, 1), Duration.ZERO);
        AcceptedConnection other = proxied(admission);
        assertNull(admission.identify(other, client(2)));
        AcceptedConnection first = proxied(admission);
        assertNull(admission.identify(first, client(1)));
        assertNull(admission.identify(proxied(admission), client(1)));
        assertEquals(List.of(true, false), List.of(hasGivenWay(first), hasGivenWay(other)));
    }

    @Test
    void connectionThatGaveWayBeforeItsHeaderStillCounts() throws IOException {
        Admission admission = admission(new Limits(9, 1, 1, 1), Duration.ZERO);
        AcceptedConnection first = proxied(admission);
        AcceptedConnection second = proxied(admission);
        assertTrue(hasGivenWay(first));
        assertNull(admission.identify(first, client(1)));
        assertNotNull(admission.identify(second, client(1)), "the first is not pending any more");
        first.close();
        assertNull(admission.identify(second, client(1)));
        second.close();
        assertEquals(0, metrics.connections());
    }

    @Test
    void limitsAreLoweredToWhatTheProcessHasRoomFor() {
        Limits wanted = new Limits(1000, 100, 500, 50);
        int heapEach = (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4 / 100);
        assertEquals(new Limits(100, 10, 50, 5), wanted.fitted(heapEach));
        assertEquals(wanted, wanted.fitted(1));
    }
}
