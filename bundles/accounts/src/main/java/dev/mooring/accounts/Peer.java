package dev.mooring.accounts;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
