package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket.Origin;
import dev.mooring.activation.internal.descriptor.Description;
import dev.mooring.activation.internal.descriptor.Descriptors;
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
 * A socket that Mooring has bound itself, in the traditional start. It is treated like an inherited one: its descriptor
 * stays open, and consumers get duplicates.
 */
record BoundSocket(AdoptedSocket socket, ServerSocketChannel channel) {

    private static final int SOMAXCONN = 4096; // the backlog for listen(2), as in systemd

    /** Binds an address. Replaces a stale unix socket. */
    static BoundSocket bind(ListenAddress listen) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(family(listen));
        try {
            if (listen.address() instanceof UnixDomainSocketAddress unix) {
                removeIfStale(unix);
            }
            channel.bind(listen.address(), SOMAXCONN);
            Descriptors descriptors = DescriptorBackEnd.get();
            int descriptor = descriptors.numberOf(channel);
            Description description = descriptors.inspect(descriptor);
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
            // Nothing to remove. If there is a problem, bind reports it.
        }
    }

    private static IOException refused(ListenAddress listen, IOException cause) {
        String what = "Cannot listen on " + listen.text() + " (socket '" + listen.name() + "'): " + cause.getMessage();
        if (cause instanceof BindException && listen.address() instanceof InetSocketAddress inet) {
            return new IOException(what + "; " + PortHolder.describe(inet.getPort()), cause);
        }
        return new IOException(what, cause);
    }

    /** Closes the socket, and removes the path of a unix socket. */
    void close() throws IOException {
        channel.close();
        if (socket.localAddress() instanceof UnixDomainSocketAddress unix) {
            Path path = unix.getPath();
            Files.deleteIfExists(path);
        }
    }
}
