package dev.mooring.ftp.internal.data;

import dev.mooring.protocol.DataPort;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A port that is bound for one data connection. Used if the process has no inherited data sockets. */
final class BoundPort implements DataPort {

    private final ServerSocketChannel channel;
    private final int port;
    private final RejectedConnections rejected;

    private BoundPort(ServerSocketChannel channel, RejectedConnections rejected) throws IOException {
        this.channel = channel;
        this.rejected = rejected;
        port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    /**
     * Binds a free port of a range.
     *
     * @param address the only address to bind
     * @param first the first port; 0 for an ephemeral port
     * @param last the last port; 0 if the first is
     * @param rejected counts and logs connections from other addresses
     * @throws IOException if none is free; the client gets the message
     */
    static BoundPort bind(InetAddress address, int first, int last, RejectedConnections rejected) throws IOException {
        int count = last - first + 1;
        int start = ThreadLocalRandom.current().nextInt(count);
        for (int i = 0; i < count; i++) {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                channel.bind(new InetSocketAddress(address, first + (start + i) % count));
                return new BoundPort(channel, rejected);
            } catch (BindException taken) {
                channel.close();
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }
        throw new IOException("no port for data connections is free; try again in a moment");
    }

    @Override
    public ServerSocketChannel channel() {
        return channel;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public @Nullable SocketChannel accept() throws IOException {
        return channel.accept();
    }

    @Override
    public void reject(SocketAddress remote) {
        rejected.addFromOtherAddress(remote, port);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(BoundPort.class.getName()).log(System.Logger.Level.DEBUG, "Closing a data port failed", e);
        }
    }
}
