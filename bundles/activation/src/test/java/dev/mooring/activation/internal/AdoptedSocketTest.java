package dev.mooring.activation.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Origin;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.activation.WrongKindException;
import dev.mooring.activation.internal.descriptor.Description;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The messages for sockets that are not of the requested kind. Integration tests cover the descriptors themselves. */
class AdoptedSocketTest {

    private final AdoptedSocket listener = socket(Family.INET, Type.STREAM, true, false, internet());
    private final AdoptedSocket connected = socket(Family.INET, Type.STREAM, false, true, internet());
    private final AdoptedSocket unix =
            socket(Family.UNIX, Type.STREAM, true, false, UnixDomainSocketAddress.of("/run/admin.socket"));
    private final AdoptedSocket udp = socket(Family.INET, Type.DATAGRAM, false, false, internet());
    private final AdoptedSocket unixDatagram = socket(Family.UNIX, Type.DATAGRAM, false, false, null);
    private final AdoptedSocket seqpacket = socket(Family.UNIX, Type.SEQPACKET, true, false, null);
    private final AdoptedSocket vsock = socket(Family.VSOCK, Type.STREAM, true, false, null);
    private final AdoptedSocket fifo = adopted(Description.noSocket(Type.FIFO, "/run/pipe"));

    @Test
    void aConnectedSocketIsNotAListener() {
        says(
                "fd 3 (socket 'http') is a connected inet stream socket, not a listening stream socket;"
                        + " set Accept=no in its .socket unit",
                connected::openServerSocketChannel);
    }

    @Test
    void aUdpSocketIsNotAListener() {
        says(
                "fd 3 (socket 'http') is an inet datagram socket, not a listening stream socket;"
                        + " set ListenStream= in its .socket unit",
                udp::openServerSocketChannel);
        says(
                "fd 3 (socket 'http') is an inet datagram socket, not a listening TCP socket;"
                        + " set ListenStream= to a port in its .socket unit",
                () -> udp.openAsynchronousServerSocketChannel(null));
    }

    @Test
    void aUnixListenerHasNoAsynchronousChannel() {
        says(
                "fd 3 (socket 'http') is a listening unix stream socket, not a listening TCP socket;"
                        + " the JDK has no asynchronous unix channel: open a ServerSocketChannel",
                () -> unix.openAsynchronousServerSocketChannel(null));
    }

    @Test
    void onlyATcpListenerReplacesAnother() {
        SocketAddress bound = internet();
        String remedy = ", not a listening TCP socket; set ListenStream= to a port in its .socket unit";
        says("fd 3 (socket 'http') is a listening unix stream socket" + remedy, () -> unix.replaceListener(bound));
        says("fd 3 (socket 'http') is an inet datagram socket" + remedy, () -> udp.replaceListener(bound));
    }

    @Test
    void aListenerIsNotAConnection() {
        says(
                "fd 3 (socket 'http') is a listening inet stream socket, not a connected stream socket;"
                        + " open a ServerSocketChannel and accept, or set Accept=yes in its .socket unit",
                listener::openSocketChannel);
    }

    @Test
    void aListenerIsNotAUdpSocket() {
        says(
                "fd 3 (socket 'http') is a listening inet stream socket, not a UDP socket;"
                        + " set ListenDatagram= to a port in its .socket unit",
                listener::openDatagramChannel);
    }

    @Test
    void aKindWithoutAJdkChannelIsOpenedAsABareDescriptor() {
        String remedy = "; the JDK has no channel for it: open the bare descriptor";
        says(
                "fd 3 (socket 'http') is a unix datagram socket, not a UDP socket" + remedy,
                unixDatagram::openDatagramChannel);
        says(
                "fd 3 (socket 'http') is a listening unix seqpacket socket, not a listening stream socket" + remedy,
                seqpacket::openServerSocketChannel);
        says(
                "fd 3 (socket 'http') is a listening vsock stream socket, not a listening stream socket" + remedy,
                vsock::openServerSocketChannel);
        says(
                "fd 3 (socket 'http') is a listening vsock stream socket, not a listening TCP socket" + remedy,
                () -> vsock.openAsynchronousServerSocketChannel(null));
    }

    @Test
    void aDescriptorThatIsNotASocketIsNamedByItsKind() {
        says(
                "fd 3 (socket 'http') is a FIFO, not a listening stream socket; set ListenStream= in its .socket unit",
                fifo::openServerSocketChannel);
    }

    @Test
    void aSocketIsShownWithItsNameItsDescriptorAndItsAddress() {
        assertEquals("'http' (fd 3, listening inet stream socket 127.0.0.1:80)", listener.toString());
        assertEquals("'http' (fd 3, listening unix stream socket /run/admin.socket)", unix.toString());
        assertEquals("'http' (fd 3, unix datagram socket)", unixDatagram.toString());
        assertEquals("'http' (fd 3, FIFO /run/pipe)", fifo.toString());
    }

    @Test
    void theSocketsAreListedUpToTen() {
        assertEquals(listener + ", " + udp, Sockets.describe(List.of(listener, udp)));
        String many = Sockets.describe(Collections.nCopies(1000, listener));
        assertEquals(String.join(", ", Collections.nCopies(10, listener.toString())) + " and 990 more", many);
    }

    private static void says(String message, Executable open) {
        assertEquals(message, assertThrows(WrongKindException.class, open).getMessage());
    }

    private static SocketAddress internet() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
    }

    private static AdoptedSocket socket(
            Family family, Type type, boolean listening, boolean connected, @Nullable SocketAddress local) {
        return adopted(Description.socket(family, type, listening, connected, local));
    }

    private static AdoptedSocket adopted(Description description) {
        return new AdoptedSocket("http", 3, description, Origin.INHERITED, new NoDescriptors());
    }
}
