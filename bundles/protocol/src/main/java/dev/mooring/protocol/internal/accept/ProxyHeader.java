package dev.mooring.protocol.internal.accept;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.mooring.common.AddressRange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header that a proxy sends before the bytes of its client: the PROXY protocol, versions 1 and 2
 * (<a href="https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt">specification</a>). No byte after the header is read. Not safe for use by
 * several threads.
 */
public final class ProxyHeader {

    private static final byte[] V1 = "PROXY ".getBytes(ISO_8859_1);

    /** The length of {@code PROXY UNKNOWN} with the end of its line. */
    private static final int V1_SHORTEST = 15;

    private static final int V1_LONGEST = 107;
    private static final Pattern V1_UNKNOWN = Pattern.compile("PROXY UNKNOWN(?: [^\r\n]*)?\r\n");
    private static final Pattern V1_TCP = Pattern.compile("PROXY TCP([46]) (\\S+) (\\S+) (\\d{1,5}) (\\d{1,5})\r\n");

    private static final byte[] V2 = "\r\n\r\n\0\r\nQUIT\n".getBytes(ISO_8859_1);

    /** The length of version 2 without addresses. */
    private static final int V2_FIXED = 16;

    private static final int V2_LOCAL = 0x20;
    private static final int V2_PROXY = 0x21;
    private static final int V2_MAX_FAMILY = 3;
    private static final int V2_MAX_TRANSPORT = 2;
    private static final int V2_TCP4 = 0x11;
    private static final int V2_TCP6 = 0x21;

    /** The header so far, without the end of version 2 that has no addresses. */
    private final ByteBuffer bytes = ByteBuffer.allocate(V1_LONGEST);

    /** How many bytes to read before the next step. The header has at least as many. */
    private int wanted = V1_SHORTEST;

    /** How many bytes to discard after that: addresses of other families, and TLVs. */
    private int toDiscard;

    private boolean begun;

    private @Nullable InetSocketAddress client;

    /**
     * Reads as much of the header as has arrived.
     *
     * @param channel the connection, non-blocking
     * @return whether the header is complete
     * @throws ProtocolException if the header is invalid or the connection ends within it; the message says what the peer
     *     did, begins with a verb, and quotes nothing
     * @throws IOException if reading fails
     */
    public boolean read(ReadableByteChannel channel) throws IOException {
        while (wanted > 0) {
            int count = receive(channel, wanted);
            if (count == 0) {
                return false;
            }
            wanted -= count;
            parse();
        }
        while (toDiscard > 0) {
            bytes.clear();
            int count = receive(channel, Math.min(toDiscard, bytes.capacity()));
            if (count == 0) {
                return false;
            }
            toDiscard -= count;
        }
        return true;
    }

    private int receive(ReadableByteChannel channel, int most) throws IOException {
        int count = channel.read(bytes.limit(bytes.position() + most));
        if (count < 0) {
            throw new ProtocolException("ended before its PROXY header was complete");
        }
        begun |= count > 0;
        return count;
    }

    /** Whether a byte has been read. */
    public boolean hasBegun() {
        return begun;
    }

    /**
     * The announced address of the client.
     *
     * @return the address; {@code null} if the header announces none, because the proxy itself is the client or does not know the address
     */
    public @Nullable InetSocketAddress client() {
        return client;
    }

    private void parse() throws ProtocolException {
        boolean version2 = bytes.get(0) == V2[0];
        byte[] start = version2 ? V2 : V1;
        int common = Math.min(bytes.position(), start.length);
        if (!Arrays.equals(bytes.array(), 0, common, start, 0, common)) {
            throw new ProtocolException("did not begin with a PROXY header");
        }
        if (wanted == 0) {
            if (version2) {
                parseVersion2();
            } else {
                parseVersion1();
            }
        }
    }

    private void parseVersion1() throws ProtocolException {
        int read = bytes.position();
        byte last = bytes.get(read - 1);
        if (last == '\n') {
            parseLine(new String(bytes.array(), 0, read, ISO_8859_1));
        } else if (read == V1_LONGEST) {
            throw new ProtocolException("sent a PROXY header of more than " + V1_LONGEST + " bytes");
        } else {
            wanted = last == '\r' ? 1 : Math.min(2, V1_LONGEST - read);
        }
    }

    private void parseLine(String line) throws ProtocolException {
        Matcher tcp = V1_TCP.matcher(line);
        try {
            if (tcp.matches()) {
                boolean version6 = tcp.group(1).equals("6");
                InetAddress source = address(tcp.group(2), version6);
                int port = port(tcp.group(4));
                // The destination is not used, but it must be valid too.
                address(tcp.group(3), version6);
                port(tcp.group(5));
                client = new InetSocketAddress(source, port);
                return;
            }
        } catch (IllegalArgumentException e) {
            throw malformed(e);
        }
        if (!V1_UNKNOWN.matcher(line).matches()) {
            throw malformed(null);
        }
    }

    private static ProtocolException malformed(@Nullable Exception cause) {
        ProtocolException malformed = new ProtocolException("sent a malformed PROXY header");
        malformed.initCause(cause);
        return malformed;
    }

    private static InetAddress address(String text, boolean version6) {
        if (text.contains(":") != version6) {
            throw new IllegalArgumentException("is of another family");
        }
        return AddressRange.address(text);
    }

    /** Parses a port without leading zeros. */
    private static int port(String text) {
        int port = Integer.parseInt(text);
        if (port > 0xffff || !text.equals(Integer.toString(port))) {
            throw new IllegalArgumentException(text);
        }
        return port;
    }

    private void parseVersion2() throws ProtocolException {
        int read = bytes.position();
        if (read < V2_FIXED) {
            wanted = V2_FIXED - read;
            return;
        }
        int size = addressSize();
        if (read == V2_FIXED) {
            wanted = size == 0 ? 0 : 2 * (size + Short.BYTES);
            toDiscard = Short.toUnsignedInt(bytes.getShort(14)) - wanted;
            if (toDiscard < 0) {
                throw malformed(null);
            }
        } else {
            byte[] source = Arrays.copyOfRange(bytes.array(), V2_FIXED, V2_FIXED + size);
            int port = Short.toUnsignedInt(bytes.getShort(V2_FIXED + 2 * size));
            try {
                client = new InetSocketAddress(InetAddress.getByAddress(source), port);
            } catch (UnknownHostException e) {
                throw new IllegalStateException(size + " is not the size of an address", e);
            }
        }
    }

    /** The size of each of the two addresses; 0 if they are not used. */
    private int addressSize() throws ProtocolException {
        int command = bytes.get(12);
        int family = bytes.get(13) >> 4;
        int transport = bytes.get(13) & 0xf;
        if (command == V2_LOCAL) {
            return 0;
        }
        if (command != V2_PROXY || family < 0 || family > V2_MAX_FAMILY || transport > V2_MAX_TRANSPORT) {
            throw malformed(null);
        }
        return switch (bytes.get(13)) {
            case V2_TCP4 -> 4;
            case V2_TCP6 -> 16;
            default -> 0;
        };
    }
}
