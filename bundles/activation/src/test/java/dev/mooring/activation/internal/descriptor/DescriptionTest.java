package dev.mooring.activation.internal.descriptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptionTest {

    @ParameterizedTest
    @CsvSource({
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "1:0:0:0:0:0:0:8, 1::8",
        "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        // two runs: the longer wins, the first of equals
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:0:0:0:1:0:0:1, 2001::1:0:0:1",
        "0:0:1:0:0:0:0:0, 0:0:1::",
        "0:0:0:1:0:0:0:1, ::1:0:0:0:1",
        // a single zero is not shortened
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:0, 1:2:3:4:5:6:7:0",
        "1:0:3:0:5:0:7:0, 1:0:3:0:5:0:7:0",
        // zeros inside a group are not a run
        "10:0:1:100:0:2:f00:3, 10:0:1:100:0:2:f00:3",
        "2001:db8:10:0:0:10:0:1, 2001:db8:10::10:0:1",
        // letters are in lower case, leading zeros are omitted, nothing is shortened
        "2001:0DB8:00A0:000B:0C00:D:E:000F, 2001:db8:a0:b:c00:d:e:f",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "fe80:0:0:0:0:0:0:1%7, fe80::1%7",
        "fe80:0:0:0:0:0:0:0%7, fe80::%7",
        "127.0.0.1, 127.0.0.1",
        "0.0.0.0, 0.0.0.0",
    })
    void anAddressIsWrittenByRfc5952(String literal, String text) throws UnknownHostException {
        assertEquals(text, internet(literal, 80).address());
    }

    @Test
    void bracketsSeparateAnIpv6AddressFromThePort() throws UnknownHostException {
        assertEquals("[::1]:8080", internet("::1", 8080).where());
        assertEquals("127.0.0.1:8080", internet("127.0.0.1", 8080).where());
    }

    @Test
    void aUnixSocketHasItsPathAndNoPort() {
        Description unix = Description.socket(
                Family.UNIX, Type.STREAM, true, false, UnixDomainSocketAddress.of("/run/a:b.socket"));
        assertEquals("/run/a:b.socket", unix.address());
        assertEquals(-1, unix.port());
        assertEquals("/run/a:b.socket", unix.where());
        assertEquals("a listening unix stream socket", unix.words());
    }

    @Test
    void anAddressThatTheJdkHasNoClassForReplacesTheOneThatWasSeen() {
        Description seen = Description.socket(Family.VSOCK, Type.STREAM, true, false, null);
        Description vsock = seen.at("2", 4_000_000_000L);
        assertEquals("2", vsock.address());
        assertEquals(4_000_000_000L, vsock.port());
        assertNull(vsock.localAddress());
        assertEquals("a listening vsock stream socket", vsock.words());
        assertEquals("2:4000000000", vsock.where());
    }

    @ParameterizedTest
    @CsvSource({
        "INET, STREAM, true, false, a listening inet stream socket",
        "INET, STREAM, false, true, a connected inet stream socket",
        "INET, STREAM, false, false, an inet stream socket",
        "INET6, DATAGRAM, false, false, an inet6 datagram socket",
        "UNIX, SEQPACKET, true, false, a listening unix seqpacket socket",
        "NETLINK, RAW, false, false, a netlink raw socket",
        "NONE, RAW, false, false, a raw socket",
    })
    void aSocketHasWordsThatFitAfterIs(Family family, Type type, boolean listening, boolean connected, String words) {
        assertEquals(
                words,
                Description.socket(family, type, listening, connected, null).words());
    }

    @Test
    void aDescriptorThatIsNotASocketHasWordsForItsKind() {
        assertEquals("a FIFO", Description.noSocket(Type.FIFO, "/run/pipe").words());
        assertEquals("a file", Description.noSocket(Type.FILE, null).words());
        assertEquals("", Description.noSocket(Type.FILE, null).where());
        assertEquals("/run/pipe", Description.noSocket(Type.FIFO, "/run/pipe").where());
    }

    private static Description internet(String literal, int port) throws UnknownHostException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(literal), port);
        return Description.socket(Family.INET6, Type.STREAM, true, false, address);
    }
}
