package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket.Origin;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A socket that Mooring bound itself, in the traditional start. From there on it is treated as an inherited one is: its
 * descriptor stays open and duplicates are handed out.
 */
record BoundSocket(AdoptedSocket socket, ServerSocketChannel channel) {

    private static final int SOMAXCONN = 4096; // listen(2), and what systemd asks for

    /** Binds an address, in place of a unix socket that nobody listens on any more. */
    static BoundSocket bind(ListenAddress listen) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(family(listen));
        try {
            if (listen.address() instanceof UnixDomainSocketAddress unix) {
                removeIfStale(unix);
            }
            channel.bind(listen.address(), SOMAXCONN);
            Descriptors descriptors = Descriptors.get();
            int descriptor = descriptors.numberOf(channel);
            Description description = descriptors.look(descriptor);
            return new BoundSocket(
                    new AdoptedSocket(listen.name(), descriptor, description, Origin.BOUND, descriptors), channel);
        } catch (IOException e) {
            channel.close();
            throw refused(listen, e);
        } catch (RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static StandardProtocolFamily family(ListenAddress listen) {
        if (listen.address() instanceof InetSocketAddress inet) {
            return inet.getAddress() instanceof Inet4Address
                    ? StandardProtocolFamily.INET
                    : StandardProtocolFamily.INET6;
        }
        return StandardProtocolFamily.UNIX;
    }

    private static void removeIfStale(UnixDomainSocketAddress address) throws IOException {
        try {
            SocketChannel.open(address).close();
        } catch (ConnectException nobodyListens) {
            Files.deleteIfExists(address.getPath());
        } catch (IOException notThere) {
            // nothing to remove: bind says what is wrong, if anything is
        }
    }

    private static IOException refused(ListenAddress listen, IOException cause) {
        String what = "Cannot listen on " + listen.text() + " (socket '" + listen.name() + "'): " + cause.getMessage();
        if (cause instanceof BindException && listen.address() instanceof InetSocketAddress inet) {
            return new IOException(what + "; " + PortHolder.describe(inet.getPort()), cause);
        }
        return new IOException(what, cause);
    }

    /** Closes the socket, and removes its path if it has one. */
    void close() throws IOException {
        channel.close();
        if (socket.localAddress() instanceof UnixDomainSocketAddress unix) {
            Path path = unix.getPath();
            Files.deleteIfExists(path);
        }
    }
}
