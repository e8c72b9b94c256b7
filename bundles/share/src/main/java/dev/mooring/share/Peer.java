package dev.mooring.share;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection that somebody logs in over.
 *
 * @param protocol what is spoken, one lower-case word for the log: {@code http}, {@code ftp}, {@code ssh}
 * @param address the address that failed logins are counted for, or {@code null} where there is none, as on a unix socket.
 *     Behind a proxy this is the client's address, if the proxy tells it and is to be believed
 */
public record Peer(String protocol, @Nullable InetAddress address) {

    /**
     * What stands for an address where clients are counted: an IPv6 address counts with the whole of its /64, which is the least
     * that one customer has.
     *
     * @param address an address, or {@code null} where there is none
     * @return its first 64 bits, or all 32 of IPv4; nothing for {@code null}
     */
    public static ByteBuffer network(@Nullable InetAddress address) {
        byte[] bytes = address == null ? new byte[0] : address.getAddress();
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, 8));
    }

    /**
     * The peer at an address.
     *
     * @param protocol what is spoken, one lower-case word
     * @param remote the remote address of its connection, of any kind, or {@code null} if it is not known
     * @return the peer; its address is {@code null} unless the remote one is resolved and of the Internet
     */
    public static Peer of(String protocol, @Nullable SocketAddress remote) {
        return new Peer(protocol, remote instanceof InetSocketAddress internet ? internet.getAddress() : null);
    }
}
