package dev.mooring.common;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An IP address, or all addresses of a network in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3). No method asks DNS. Instances are
 * immutable.
 */
public final class AddressRange {

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern WITH_MASK = Pattern.compile("([^/]+)/(\\d{1,3})");

    private final byte[] network;
    private final int bits;

    private AddressRange(byte[] network, int bits) {
        this.network = network;
        this.bits = bits;
    }

    /**
     * Parses a range.
     *
     * @param text an address, such as {@code 192.0.2.7} or {@code 2001:db8::1}, or a network, such as {@code 192.0.2.0/24}
     * @return the range
     * @throws IllegalArgumentException if the text is neither; the message begins with its verb, so that the caller can name the subject
     */
    public static AddressRange of(String text) {
        Matcher masked = WITH_MASK.matcher(text);
        byte[] network = address(masked.matches() ? masked.group(1) : text).getAddress();
        int bits = masked.matches() ? Integer.parseInt(masked.group(2)) : network.length * Byte.SIZE;
        if (bits > network.length * Byte.SIZE) {
            throw new IllegalArgumentException("has a mask that is longer than its address");
        }
        if (firstDifference(network, new byte[network.length], bits) < network.length * Byte.SIZE) {
            throw new IllegalArgumentException("has bits outside its mask");
        }
        return new AddressRange(network, bits);
    }

    /**
     * Parses an address.
     *
     * @param literal an address in decimal (IPv4, without leading zeros) or hexadecimal (IPv6) notation
     * @return the address; an IPv4 address for an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2)
     * @throws IllegalArgumentException if the text is not an address; the message begins with its verb, so that the caller can name the
     *     subject
     */
    public static InetAddress address(String literal) {
        if (IPV4.matcher(literal).matches() || IPV6.matcher(literal).matches()) {
            try {
                return InetAddress.getByName(literal);
            } catch (UnknownHostException e) {
                // Reported below, like other invalid addresses.
            }
        }
        throw new IllegalArgumentException("is not an IP address");
    }

    /**
     * Whether an address is in this range.
     *
     * @param address any address
     * @return {@code true} if it is of the same family and its leading bits are those of the network
     */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == network.length && firstDifference(bytes, network, 0) >= bits;
    }

    /** The index of the first bit at or after {@code from} that differs; the number of bits if none does. */
    private static int firstDifference(byte[] a, byte[] b, int from) {
        for (int bit = from; bit < a.length * Byte.SIZE; bit++) {
            if (((a[bit / Byte.SIZE] ^ b[bit / Byte.SIZE]) >> Byte.SIZE - 1 - bit % Byte.SIZE & 1) != 0) {
                return bit;
            }
        }
        return a.length * Byte.SIZE;
    }
}
