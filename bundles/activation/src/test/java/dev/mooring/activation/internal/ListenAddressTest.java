package dev.mooring.activation.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenAddressTest {

    @ParameterizedTest
    @CsvSource({
        "http=127.0.0.1:8080, http, 127.0.0.1, 8080",
        "http=[::1]:8080, http, 0:0:0:0:0:0:0:1, 8080",
        "http=[0:0:0:0:0:0:0:1]:0, http, 0:0:0:0:0:0:0:1, 0",
        "http=localhost:65535, http, 127.0.0.1, 65535",
        "http=0.0.0.0:80, http, 0.0.0.0, 80",
        "http=8080, http, 0:0:0:0:0:0:0:0, 8080",
        "' http = 127.0.0.1:1 ', http, 127.0.0.1, 1",
        "my-http.socket=1, my-http.socket, 0:0:0:0:0:0:0:0, 1",
    })
    void anInternetAddressIsRead(String entry, String name, String host, int port) {
        ListenAddress read = ListenAddress.of(entry);
        InetSocketAddress address = (InetSocketAddress) read.address();
        assertEquals(name, read.name());
        if (!entry.contains("localhost")) {
            assertEquals(host, address.getAddress().getHostAddress());
        }
        assertEquals(port, address.getPort());
    }

    @Test
    void anIpv4AddressStaysOne() {
        InetSocketAddress address =
                (InetSocketAddress) ListenAddress.of("a=127.0.0.1:1").address();
        assertTrue(address.getAddress() instanceof Inet4Address);
    }

    @Test
    void aPathMayHaveAnEqualsSignAndColonsAndSpaces() {
        ListenAddress read = ListenAddress.of("admin=unix:/run/a=b:c d/e.socket");
        assertEquals("admin", read.name());
        assertEquals(UnixDomainSocketAddress.of("/run/a=b:c d/e.socket"), read.address());
        assertEquals("unix:/run/a=b:c d/e.socket", read.text());
    }

    @Test
    void aNameMayHave255CharactersAndNoMore() {
        String longest = "n".repeat(255);
        assertEquals(longest, ListenAddress.of(longest + "=1").name());
        assertThrows(IllegalArgumentException.class, () -> ListenAddress.of(longest + "n=1"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', has no name",
        "127.0.0.1:8080, has no name",
        "=8080, has no name",
        "' =8080', has no name",
        "a:b=8080, has a name that is not a valid FileDescriptorName=",
        "a b=8080, has a name that is not a valid FileDescriptorName=",
        "häfen=8080, has a name that is not a valid FileDescriptorName=",
        "http=, has no port",
        "http=localhost, has no port",
        "http=127.0.0.1:, has no port",
        "http=127.0.0.1:http, has no port",
        "http=127.0.0.1:+80, has no port",
        "http=127.0.0.1:٨٠, has no port",
        "http=127.0.0.1:99999999999, has a port that is not from 0 to 65535",
        "http=127.0.0.1:65536, has a port that is not from 0 to 65535",
        "http=127.0.0.1:-1, has no port",
        "http=70000, has a port that is not from 0 to 65535",
        "http=[::1], has no port",
        "http=:8080, has no host",
        "http=[]:8080, has no host",
        "http=::1:8080, has an IPv6 address without its brackets",
        "http=[::1:8080, has an IPv6 address without its brackets",
        "http=[127.0.0.1]:8080, names a host that cannot be found",
        "http=[::g]:8080, names a host that cannot be found",
        "http=no.such.host.invalid:80, names a host that cannot be found",
        "http=unix:, has a path that does not begin with '/'",
        "http=unix:run/x, has a path that does not begin with '/'",
        "http=unix:@abstract, has a path that does not begin with '/'",
    })
    void aMalformedEntryIsReportedWithItsRemedy(String entry, String wrong) {
        String message = assertThrows(IllegalArgumentException.class, () -> ListenAddress.of(entry))
                .getMessage();
        assertTrue(message.startsWith("listen entry '" + entry + "' " + wrong), message);
        assertTrue(message.endsWith("; write NAME=HOST:PORT, NAME=[IPV6]:PORT, NAME=PORT or NAME=unix:/PATH"), message);
    }
}
