package dev.mooring.accounts.internal.key;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that {@code from=} allows, sshd(8): at least one pattern must match, and no negated one. Host names are not supported, because they
 * would need DNS queries.
 */
final class AddressPatterns {

    /** A pattern, for either the text or the leading bits of an address. */
    private record One(boolean negated, @Nullable Pattern text, byte[] network, int bits) {

        boolean matches(InetAddress address) {
            if (text != null) {
                return text.matcher(address.getHostAddress()).matches();
            }
            byte[] bytes = address.getAddress();
            return bytes.length == network.length && firstDifference(bytes, network) >= bits;
        }
    }

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern WITH_MASK = Pattern.compile("([^/]+)/(\\d{1,3})");
    private static final Pattern WILD = Pattern.compile("\\*|[0-9.]*[*?][0-9.*?]*");
    private static final Pattern WILDCARD = Pattern.compile("[*?]+");

    private final List<One> patterns = new ArrayList<>();

    /** Throws an {@link IllegalArgumentException} for an unsupported pattern; the message is a sentence that begins with "from=". */
    AddressPatterns(String list) {
        for (String pattern : list.split(",", -1)) {
            boolean negated = pattern.startsWith("!");
            patterns.add(one(negated, negated ? pattern.substring(1) : pattern));
        }
    }

    private static One one(boolean negated, String pattern) {
        if (WILD.matcher(pattern).matches()) {
            String text = WILDCARD.matcher(pattern.replace(".", "\\."))
                    .replaceAll(wild -> wild.group().replace("*", ".*").replace('?', '.'));
            return new One(negated, Pattern.compile(text), new byte[0], 0);
        }
        Matcher masked = WITH_MASK.matcher(pattern);
        byte[] network = literal(masked.matches() ? masked.group(1) : pattern);
        int bits = masked.matches() ? Integer.parseInt(masked.group(2)) : network.length * 8;
        if (bits > network.length * 8) {
            throw new IllegalArgumentException("from= has a mask that is longer than its address");
        }
        if (firstDifference(network, new byte[network.length], bits) < network.length * 8) {
            throw new IllegalArgumentException("from= has an address with bits outside its mask");
        }
        return new One(negated, null, network, bits);
    }

    private static byte[] literal(String address) {
        if (IPV4.matcher(address).matches() || IPV6.matcher(address).matches()) {
            try {
                return InetAddress.getByName(address).getAddress();
            } catch (UnknownHostException e) {
                // Reported below, like other invalid addresses.
            }
        }
        throw new IllegalArgumentException(
                "from= takes addresses, masks and wildcards in IPv4 addresses, but no host names");
    }

    private static int firstDifference(byte[] a, byte[] b) {
        return firstDifference(a, b, 0);
    }

    /** The index of the first bit at or after {@code from} that differs; the number of bits if none does. */
    private static int firstDifference(byte[] a, byte[] b, int from) {
        for (int bit = from; bit < a.length * 8; bit++) {
            if (((a[bit / 8] ^ b[bit / 8]) >> 7 - bit % 8 & 1) != 0) {
                return bit;
            }
        }
        return a.length * 8;
    }

    boolean allow(@Nullable InetAddress address) {
        return address != null
                && patterns.stream().noneMatch(pattern -> pattern.negated && pattern.matches(address))
                && patterns.stream().anyMatch(pattern -> !pattern.negated && pattern.matches(address));
    }
}
