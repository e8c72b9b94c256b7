package dev.mooring.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.internal.accept.ProxyHeader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {

    private static final int ROUNDS = Boolean.getBoolean("mooring.long") ? 1_000_000 : 1_000;

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String TCP4 = "c0000207" + "c6336401" + "d431" + "01bb";
    private static final String TCP6 =
            "20010db8000000000000000000000007" + "20010db8000000000000000000000001" + "ffff" + "0016";

    /** A header and the client that it announces. */
    private record Example(byte[] bytes, String client) {

        static Example v1(String line, String client) {
            return new Example(line.getBytes(ISO_8859_1), client);
        }

        static Example v2(String hex, String client) {
            return new Example(HexFormat.of().parseHex(SIGNATURE + hex), client);
        }

        @Override
        public String toString() {
            return new String(bytes, ISO_8859_1).replaceAll("\\P{Print}", ".");
        }
    }

    private static Stream<Example> valid() {
        return Stream.of(
                Example.v1("PROXY TCP4 192.0.2.7 198.51.100.1 54321 443\r\n", "/192.0.2.7:54321"),
                Example.v1("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "/255.255.255.255:65535"),
                Example.v1("PROXY TCP4 1.1.1.1 2.2.2.2 0 0\r\n", "/1.1.1.1:0"),
                Example.v1("PROXY TCP6 2001:db8::7 2001:DB8::1 65535 22\r\n", "/[2001:db8:0:0:0:0:0:7]:65535"),
                Example.v1("PROXY TCP6 ::1 :: 1 1\r\n", "/[0:0:0:0:0:0:0:1]:1"),
                Example.v1("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 1\r\n", "/192.0.2.7:1"),
                Example.v1(
                        "PROXY TCP6 " + "ffff:".repeat(7) + "ffff " + "ffff:".repeat(7) + "ffff 65535 65535\r\n",
                        "/[" + "ffff:".repeat(7) + "ffff]:65535"),
                Example.v1("PROXY UNKNOWN\r\n", null),
                Example.v1("PROXY UNKNOWN \r\n", null),
                Example.v1("PROXY UNKNOWN anything: at all\r\n", null),
                Example.v1(
                        "PROXY UNKNOWN " + "ffff:".repeat(7) + "ffff " + "ffff:".repeat(7) + "ffff 65535 65535\r\n",
                        null),
                Example.v2("21" + "11" + "000c" + TCP4, "/192.0.2.7:54321"),
                Example.v2("21" + "21" + "0024" + TCP6, "/[2001:db8:0:0:0:0:0:7]:65535"),
                // An IPv4-mapped address counts as IPv4.
                Example.v2(
                        "21" + "21" + "0024" + "00000000000000000000ffffc0000207" + TCP6.substring(32),
                        "/192.0.2.7:65535"),
                // TLVs: ALPN, and NOOP with 1000 bytes.
                Example.v2("21" + "11" + "0011" + TCP4 + "01" + "0002" + "6832", "/192.0.2.7:54321"),
                Example.v2("21" + "11" + "03f7" + TCP4 + "04" + "03e8" + "00".repeat(1000), "/192.0.2.7:54321"),
                Example.v2("21" + "21" + "0029" + TCP6 + "01" + "0002" + "6832", "/[2001:db8:0:0:0:0:0:7]:65535"),
                // LOCAL: the server ignores the rest of the header.
                Example.v2("20" + "00" + "0000", null),
                Example.v2("20" + "11" + "000c" + TCP4, null),
                Example.v2("20" + "ff" + "0003" + "000000", null),
                // UNSPEC, datagrams and unix.
                Example.v2("21" + "00" + "0000", null),
                Example.v2("21" + "00" + "0005" + "0102030405", null),
                Example.v2("21" + "12" + "000c" + TCP4, null),
                Example.v2("21" + "22" + "0024" + TCP6, null),
                Example.v2("21" + "31" + "00d8" + "2f".repeat(216), null),
                Example.v2("21" + "32" + "00d8" + "2f".repeat(216), null),
                Example.v2("21" + "31" + "ffff" + "2f".repeat(0xffff), null));
    }

    private static Stream<Example> malformed() {
        Stream<String> lines = Stream.of(
                "PROXY TCP4 192.0.2.7 198.51.100.1 54321 443\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 54321 443 \r\n",
                "PROXY TCP4  192.0.2.7 198.51.100.1 54321 443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 54321\r\n",
                "PROXY TCP4 192.0.2.07 198.51.100.1 54321 443\r\n",
                "PROXY TCP4 192.0.2.256 198.51.100.1 54321 443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100 54321 443\r\n",
                "PROXY TCP4 192.0.2.7 example.org 54321 443\r\n",
                "PROXY TCP4 example.org 192.0.2.7 54321 443\r\n",
                "PROXY TCP4 2001:db8::7 2001:db8::1 54321 443\r\n",
                "PROXY TCP6 192.0.2.7 198.51.100.1 54321 443\r\n",
                "PROXY TCP6 2001:db8::7 198.51.100.1 54321 443\r\n",
                "PROXY TCP6 2001:db8:::7 2001:db8::1 54321 443\r\n",
                "PROXY TCP6 fe80::1%lo 2001:db8::1 54321 443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 54321 0443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n",
                "PROXY TCP5 192.0.2.7 198.51.100.1 54321 443\r\n",
                "PROXY UDP4 192.0.2.7 198.51.100.1 54321 443\r\n",
                "PROXY tcp4 192.0.2.7 198.51.100.1 54321 443\r\n",
                "PROXY UNKNOWNS\r\n",
                "PROXY UNKNOWN\rx\r\n",
                "PROXY          \r\n");
        Stream<String> binaries = Stream.of(
                "22" + "11" + "000c" + TCP4,
                "11" + "11" + "000c" + TCP4,
                "31" + "11" + "000c" + TCP4,
                "21" + "41" + "000c" + TCP4,
                "21" + "f1" + "000c" + TCP4,
                "21" + "13" + "000c" + TCP4,
                "21" + "11" + "000b" + TCP4,
                "21" + "11" + "0000" + TCP4,
                "21" + "21" + "0023" + TCP6);
        return Stream.concat(
                lines.map(line -> Example.v1(line, null)), binaries.map(binary -> Example.v2(binary, null)));
    }

    /** The bytes that have arrived on a connection, and whether it has ended after them. */
    private static final class Arrived implements ReadableByteChannel {

        private final ByteBuffer bytes;
        private boolean ended;

        Arrived(byte[] bytes, int count, boolean ended) {
            this.bytes = ByteBuffer.wrap(bytes).limit(count);
            this.ended = ended;
        }

        /** Lets one more byte arrive. */
        boolean more() {
            if (bytes.limit() < bytes.capacity()) {
                bytes.limit(bytes.limit() + 1);
                return true;
            }
            return false;
        }

        @Override
        public int read(ByteBuffer into) {
            assertTrue(into.hasRemaining(), "nothing is to be read");
            if (!bytes.hasRemaining()) {
                return ended ? -1 : 0;
            }
            int count = Math.min(into.remaining(), bytes.remaining());
            into.put(bytes.slice().limit(count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }

    private static byte[] join(byte[] header, String rest) {
        ByteBuffer both = ByteBuffer.allocate(header.length + rest.length());
        return both.put(header).put(rest.getBytes(ISO_8859_1)).array();
    }

    private static void assertClient(Example example, ProxyHeader header) {
        InetSocketAddress client = header.client();
        assertEquals(example.client, client == null ? null : client.toString());
    }

    @ParameterizedTest
    @MethodSource("valid")
    void exactlyTheHeaderIsRead(Example example) throws IOException {
        for (String rest : List.of("", "\r\n", "GET / HTTP/1.1\r\n\r\n", "PROXY UNKNOWN\r\n")) {
            byte[] all = join(example.bytes, rest);
            Arrived arrived = new Arrived(all, all.length, true);
            ProxyHeader header = new ProxyHeader();
            assertTrue(header.read(arrived));
            assertEquals(rest.length(), arrived.bytes.remaining());
            assertClient(example, header);
            assertTrue(header.read(arrived), "it stays complete");
            assertEquals(rest.length(), arrived.bytes.remaining());
        }
    }

    @ParameterizedTest
    @MethodSource("valid")
    void headerMayArriveByteByByte(Example example) throws IOException {
        Arrived arrived = new Arrived(join(example.bytes, "SSH-2.0"), 0, false);
        ProxyHeader header = new ProxyHeader();
        assertFalse(header.read(arrived));
        assertFalse(header.hasBegun());
        for (int i = 1; i <= example.bytes.length; i++) {
            arrived.more();
            assertEquals(i == example.bytes.length, header.read(arrived), "after byte " + i);
            assertTrue(header.hasBegun());
        }
        assertClient(example, header);
    }

    @ParameterizedTest
    @MethodSource("valid")
    void connectionThatEndsWithinTheHeaderIsRefused(Example example) {
        for (int length = 0; length < Math.min(example.bytes.length, 300); length++) {
            Arrived arrived = new Arrived(example.bytes, length, true);
            ProxyHeader header = new ProxyHeader();
            assertEquals(
                    "ended before its PROXY header was complete",
                    assertThrows(ProtocolException.class, () -> header.read(arrived))
                            .getMessage());
            assertEquals(length > 0, header.hasBegun());
        }
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedHeaderIsRefused(Example example) {
        byte[] all = join(example.bytes, "GET / HTTP/1.1\r\n\r\n");
        ProxyHeader header = new ProxyHeader();
        assertEquals(
                "sent a malformed PROXY header",
                assertThrows(ProtocolException.class, () -> header.read(new Arrived(all, all.length, false)))
                        .getMessage());
        assertNull(header.client());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "P\r\n",
                "PROXY\r\n",
                "PROXYTCP4",
                "proxy TCP4 192.0.2.7 198.51.100.1 54321 443\r\n",
                " PROXY UNKNOWN\r\n",
                "SSH-2.0-OpenSSH\r\n",
                "USER ada\r\n",
                "\r\n\r\n\r\n",
                "\r\n\r\n\0\r\nQUIT\r",
                "\0",
                "\u0016\u0003\u0001",
            })
    void otherProtocolIsRefusedAtItsFirstWrongByte(String text) throws IOException {
        byte[] bytes = text.getBytes(ISO_8859_1);
        ProxyHeader header = new ProxyHeader();
        assertEquals(
                "did not begin with a PROXY header",
                assertThrows(ProtocolException.class, () -> header.read(new Arrived(bytes, bytes.length, false)))
                        .getMessage());
    }

    @Test
    void lineWithoutAnEndIsRefusedAfter107Bytes() throws IOException {
        byte[] line = ("PROXY UNKNOWN " + "x".repeat(200)).getBytes(ISO_8859_1);
        ProxyHeader header = new ProxyHeader();
        Arrived first = new Arrived(line, 106, false);
        assertFalse(header.read(first));
        first.more();
        assertEquals(
                "sent a PROXY header of more than 107 bytes",
                assertThrows(ProtocolException.class, () -> header.read(first)).getMessage());
        assertEquals(0, first.bytes.remaining());
    }

    /** Changed, cut and extended headers either throw or leave exactly what follows a valid header. */
    @Test
    void randomBytesNeverFailInAnotherWay() throws IOException {
        long seed = Long.getLong("mooring.seed", new Random().nextLong());
        Random random = new Random(seed);
        List<Example> examples =
                valid().filter(example -> example.bytes.length < 300).toList();
        for (int i = 0; i < ROUNDS; i++) {
            Example example = examples.get(random.nextInt(examples.size()));
            byte[] all = join(example.bytes, "rest");
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                all[random.nextInt(all.length)] = (byte) random.nextInt(256);
            }
            Arrived arrived = new Arrived(all, 0, random.nextBoolean());
            ProxyHeader header = new ProxyHeader();
            try {
                boolean complete;
                do {
                    arrived.more();
                    complete = header.read(arrived);
                } while (!complete && arrived.bytes.limit() < all.length);
                if (complete && header.client() != null) {
                    assertFalse(header.client().isUnresolved());
                }
            } catch (ProtocolException refused) {
                assertTrue(refused.getMessage().contains("PROXY header"), refused.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "-Dmooring.seed=" + seed + ", number " + i + ": "
                                + HexFormat.of().formatHex(all),
                        e);
            }
        }
    }
}
