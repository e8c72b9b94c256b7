package dev.mooring.protocol;

import dev.mooring.common.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The proxies that may report the addresses of their clients. Instances are immutable. */
public final class TrustedProxies {

    /** Stands for all clients of unix sockets. The permissions of the socket's path decide who they are. */
    public static final String UNIX = "unix";

    private final List<AddressRange> ranges = new ArrayList<>();
    private boolean unix;

    private TrustedProxies() {}

    /**
     * Parses a list.
     *
     * @param key the configuration key, for the message of the exception
     * @param list addresses ({@code 192.0.2.7}), networks ({@code 2001:db8::/32}) and {@link #UNIX}; may be empty
     * @return the proxies
     * @throws IllegalArgumentException if an element is none of these; the message names the key, the problem and the remedy
     */
    public static TrustedProxies of(String key, List<String> list) {
        TrustedProxies proxies = new TrustedProxies();
        for (String each : list) {
            if (each.equals(UNIX)) {
                proxies.unix = true;
            } else {
                proxies.ranges.add(range(key, each));
            }
        }
        return proxies;
    }

    private static AddressRange range(String key, String text) {
        try {
            return AddressRange.of(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    key + " = '" + text + "' " + e.getMessage()
                            + "; write addresses and networks like 192.0.2.7 or 192.0.2.0/24, and unix for clients of unix sockets",
                    e);
        }
    }

    /**
     * Whether no proxy is trusted.
     *
     * @return {@code true} if the list is empty
     */
    public boolean isEmpty() {
        return ranges.isEmpty() && !unix;
    }

    /**
     * Whether the peer of a connection is a trusted proxy.
     *
     * @param peer its socket address
     * @return {@code true} if the list has it
     */
    public boolean trusts(@Nullable SocketAddress peer) {
        return peer instanceof InetSocketAddress inet
                ? trusts(inet.getAddress())
                : unix && peer instanceof UnixDomainSocketAddress;
    }

    /**
     * Whether an address is that of a trusted proxy.
     *
     * @param address the address
     * @return {@code true} if the list has it
     */
    public boolean trusts(InetAddress address) {
        for (AddressRange range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
