package dev.mooring.http.internal.message;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.protocol.TrustedProxies;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Random;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardedClientTest {

    private static final int ROUNDS = Boolean.getBoolean("mooring.long") ? 1_000_000 : 1_000;

    private static final TrustedProxies TRUSTED =
            TrustedProxies.of("forwarded.trusted", List.of("10.0.0.0/8", "2001:db8::/32", "unix"));

    private static String find(String header, String peer, String... lines) {
        HttpFields.Mutable fields = HttpFields.build();
        for (String line : lines) {
            fields.add(header, line);
        }
        InetSocketAddress client = (InetSocketAddress)
                new ForwardedClient(TRUSTED, header).find(new InetSocketAddress(peer, 4711), fields);
        return client.getAddress().getHostAddress();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.7                                       | 192.0.2.7",
                "198.51.100.1, 192.0.2.7                         | 192.0.2.7",
                "192.0.2.7, 10.0.0.2                             | 192.0.2.7",
                "198.51.100.1, 192.0.2.7 , 10.0.0.3,10.0.0.2     | 192.0.2.7",
                "192.0.2.7, 198.51.100.1, 10.0.0.2               | 198.51.100.1",
                "10.0.0.3, 10.0.0.2                              | 10.0.0.3",
                "192.0.2.7:4711                                  | 192.0.2.7",
                "3fff::7                                         | 3fff:0:0:0:0:0:0:7",
                "[3fff::7]                                       | 3fff:0:0:0:0:0:0:7",
                "[3fff::7]:4711                                  | 3fff:0:0:0:0:0:0:7",
                "192.0.2.7, 2001:db8::1                          | 192.0.2.7",
                "::ffff:192.0.2.7                                | 192.0.2.7",
                // The last node that is an address: the proxy that added something else.
                "192.0.2.7, unknown                              | 10.0.0.1",
                "192.0.2.7, unknown, 10.0.0.2                    | 10.0.0.2",
                "192.0.2.7, example.org                          | 10.0.0.1",
                "192.0.2.7, [3fff::7                             | 10.0.0.1",
                "''                                              | 10.0.0.1",
            })
    void clientIsTheLastNodeOfXForwardedForThatIsNotTrusted(String line, String client) {
        assertEquals(client, find("X-Forwarded-For", "10.0.0.1", line));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "for=192.0.2.7                                        | 192.0.2.7",
                "For=192.0.2.7;proto=https;by=203.0.113.43            | 192.0.2.7",
                "proto=https;FOR=\"192.0.2.7\"                        | 192.0.2.7",
                "for=198.51.100.1, for=192.0.2.7, for=10.0.0.2        | 192.0.2.7",
                "for=\"[3fff::7]:4711\", for=\"[2001:db8::1]\"        | 3fff:0:0:0:0:0:0:7",
                "for=\"192.0.2.7:_x\"                                 | 192.0.2.7",
                "for=192.0.2.7;host=\"a, for=198.51.100.1\"           | 192.0.2.7",
                "host=\"a;for=198.51.100.1\";for=192.0.2.7            | 192.0.2.7",
                "host=\"a\\\";for=198.51.100.1\";for=192.0.2.7        | 192.0.2.7",
                "for=192.0.2.7, for=_hidden                           | 10.0.0.1",
                "for=192.0.2.7, proto=https                           | 10.0.0.1",
                "for=192.0.2.7, for=\"                                | 10.0.0.1",
                "192.0.2.7                                            | 10.0.0.1",
            })
    void clientIsTheLastNodeOfForwardedThatIsNotTrusted(String line, String client) {
        assertEquals(client, find("Forwarded", "10.0.0.1", line));
    }

    @Test
    void randomHeadersNeverFail() {
        long seed = Long.getLong("mooring.seed", new Random().nextLong());
        Random random = new Random(seed);
        List<String> parts =
                List.of("for=", "host=", "\"", "\\", ",", ";", "=", " ", "[", "]", ":", "10.0.0.2", "::1", "a");
        for (int i = 0; i < ROUNDS; i++) {
            StringBuilder line = new StringBuilder();
            for (int count = random.nextInt(12); count > 0; count--) {
                line.append(parts.get(random.nextInt(parts.size())));
            }
            for (String header : List.of("X-Forwarded-For", "Forwarded")) {
                assertDoesNotThrow(
                        () -> find(header, "10.0.0.1", line.toString()), () -> "-Dmooring.seed=" + seed + ": " + line);
            }
        }
    }

    @Test
    void severalLinesAreOneList() {
        assertEquals(
                "192.0.2.7", find("X-Forwarded-For", "10.0.0.1", "198.51.100.1", "192.0.2.7, 10.0.0.3", "10.0.0.2"));
        assertEquals("192.0.2.7", find("Forwarded", "10.0.0.1", "for=\"198.51.100.1", "for=192.0.2.7"));
        assertEquals("10.0.0.1", find("X-Forwarded-For", "10.0.0.1"));
    }

    @Test
    void headerOfAPeerThatIsNotTrustedHasNoEffect() {
        assertEquals("192.0.2.9", find("X-Forwarded-For", "192.0.2.9", "192.0.2.7"));
        assertEquals("192.0.2.9", find("Forwarded", "192.0.2.9", "for=192.0.2.7"));
    }

    @Test
    void onlyTheConfiguredHeaderIsRead() {
        HttpFields fields =
                HttpFields.build().add("X-Forwarded-For", "192.0.2.7").add("Forwarded", "for=198.51.100.1");
        InetSocketAddress peer = new InetSocketAddress("10.0.0.1", 4711);
        assertEquals(
                new InetSocketAddress("192.0.2.7", 0),
                new ForwardedClient(TRUSTED, "x-forwarded-for").find(peer, fields));
        assertEquals(
                new InetSocketAddress("198.51.100.1", 0), new ForwardedClient(TRUSTED, "forwarded").find(peer, fields));
    }

    @Test
    void peerOfAUnixSocketIsTrustedByTheWordUnix() {
        HttpFields fields = HttpFields.build().add("X-Forwarded-For", "192.0.2.7");
        UnixDomainSocketAddress peer = UnixDomainSocketAddress.of("");
        assertEquals(
                new InetSocketAddress("192.0.2.7", 0),
                new ForwardedClient(TRUSTED, "X-Forwarded-For").find(peer, fields));
        TrustedProxies addresses = TrustedProxies.of("forwarded.trusted", List.of("0.0.0.0/0"));
        assertEquals(peer, new ForwardedClient(addresses, "X-Forwarded-For").find(peer, fields));
    }
}
