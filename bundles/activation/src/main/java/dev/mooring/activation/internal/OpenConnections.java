package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.activation.internal.descriptor.Description;
import dev.mooring.activation.internal.descriptor.Descriptors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Counts the connections of listening sockets among the descriptors of this process. /proc/net/tcp does not list them if the process has its own
 * network namespace ({@code PrivateNetwork=yes}).
 */
final class OpenConnections {

    private static final Logger LOG = System.getLogger(OpenConnections.class.getName());

    private OpenConnections() {}

    static int count(List<? extends NamedSocket> sockets) {
        List<? extends NamedSocket> listening = sockets.stream()
                .filter(socket -> socket.listening() && socket.type() == Type.STREAM)
                .toList();
        if (listening.isEmpty()) {
            return 0;
        }
        int count = 0;
        for (int descriptor : Descriptors.open(ListenEnvironment.FIRST_DESCRIPTOR, Integer.MAX_VALUE)) {
            try {
                Description seen = DescriptorBackEnd.get().inspect(descriptor);
                if (seen.connected() && listening.stream().anyMatch(socket -> isOf(socket, seen))) {
                    count++;
                }
            } catch (IOException | UncheckedIOException closedSince) {
                LOG.log(Level.TRACE, "A descriptor was closed during the count", closedSince);
            }
        }
        return count;
    }

    private static boolean isOf(NamedSocket socket, Description connection) {
        if (connection.localAddress() instanceof InetSocketAddress local) {
            return socket.port() == local.getPort() && isAt(socket, local.getAddress());
        }
        return socket.family() == connection.family()
                && connection.address() != null
                && !connection.address().isEmpty()
                && connection.address().equals(socket.address());
    }

    /** Whether connections to an address reach the socket. An IPv6 socket for all addresses accepts IPv4 too. */
    private static boolean isAt(NamedSocket socket, InetAddress local) {
        String address = socket.address();
        return switch (socket.family()) {
            case INET -> "0.0.0.0".equals(address) || local.getHostAddress().equals(address);
            case INET6 ->
                "::".equals(address)
                        || local instanceof Inet6Address
                                && Description.text(local).equals(address);
            default -> false;
        };
    }
}
