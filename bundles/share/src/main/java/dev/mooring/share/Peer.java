package dev.mooring.share;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The client of a login.
 *
 * @param protocol the protocol, one lower-case word for the log: {@code http}, {@code ftp}, {@code ssh}
 * @param address the address for counting failed logins, or {@code null} if there is none, as on a unix socket. Behind a trusted proxy that reports
 *     the client's address, this is the client's address
 */
public record Peer(String protocol, @Nullable InetAddress address) {

    /**
     * The network of an address, for counting clients. It is a /64 for IPv6, because a customer has at least that much.
     *
     * @param address an address, or {@code null} if there is none
     * @return the first 64 bits, or all 32 bits of IPv4; empty for {@code null}
     */
    public static ByteBuffer network(@Nullable InetAddress address) {
        byte[] bytes = address == null ? new byte[0] : address.getAddress();
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, 8));
    }

    /**
     * The peer at an address.
     *
     * @param protocol the protocol, one lower-case word
     * @param remote the remote address of the connection, of any kind, or {@code null} if it is unknown
     * @return the peer; its address is {@code null} unless the remote address is a resolved Internet address
     */
    public static Peer of(String protocol, @Nullable SocketAddress remote) {
        return new Peer(protocol, remote instanceof InetSocketAddress internet ? internet.getAddress() : null);
    }
}
