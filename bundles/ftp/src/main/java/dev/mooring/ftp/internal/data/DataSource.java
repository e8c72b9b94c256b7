package dev.mooring.ftp.internal.data;

import dev.mooring.protocol.DataPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Makes the next data connection, in passive or active mode. */
public interface DataSource extends AutoCloseable {

    /**
     * Makes the connection.
     *
     * @return a non-blocking channel, which the caller closes
     * @throws IOException if that fails; the client gets the message
     */
    SocketChannel connect(TransferTimeout timeout) throws IOException;

    /** Releases the port. */
    @Override
    void close();

    /** Passive mode. Accepts only connections from the addresses of the client and its proxy (RFC 2577 section 4). */
    record Passive(DataPort port, List<InetAddress> peers) implements DataSource {

        @Override
        public SocketChannel connect(TransferTimeout timeout) throws IOException {
            try {
                while (true) {
                    SocketChannel channel = port.accept();
                    if (channel == null) {
                        timeout.await(port.channel(), SelectionKey.OP_ACCEPT, "the client did not connect");
                    } else if (channel.getRemoteAddress() instanceof InetSocketAddress remote
                            && peers.contains(remote.getAddress())) {
                        return channel;
                    } else {
                        port.reject(channel.getRemoteAddress());
                        channel.close();
                    }
                }
            } catch (ClosedChannelException e) {
                throw new IOException("the server no longer uses this port; send PASV", e);
            } finally {
                if (port.channel().isOpen()) {
                    timeout.deregister(port.channel());
                }
                // The connection no longer needs the port, so another session can use it during this transfer.
                port.close();
            }
        }

        @Override
        public void close() {
            port.close();
        }
    }

    /** Active mode. Connects to the client. */
    record Active(InetSocketAddress target, InetAddress local) implements DataSource {

        @Override
        public SocketChannel connect(TransferTimeout timeout) throws IOException {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.bind(new InetSocketAddress(local, 0));
                channel.configureBlocking(false);
                if (!channel.connect(target)) {
                    do {
                        timeout.await(channel, SelectionKey.OP_CONNECT, "no connection to your port");
                    } while (!channel.finishConnect());
                }
                return channel;
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }
}
