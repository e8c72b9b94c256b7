package dev.mooring.common;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The network of a client, for counting clients. It is a /64 for IPv6, because providers assign at least a /64 to each customer. */
public final class ClientNetwork {

    private ClientNetwork() {}

    /**
     * The network of an address.
     *
     * @param address an address, or {@code null} if there is none
     * @return the first 64 bits, or all 32 bits of IPv4; empty for {@code null}
     */
    public static ByteBuffer of(@Nullable InetAddress address) {
        byte[] bytes = address == null ? new byte[0] : address.getAddress();
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, 8));
    }
}
