package dev.mooring.ftp.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Where the next data connection comes from. */
interface DataSource extends AutoCloseable {

    /**
     * Makes the connection.
     *
     * @return a non-blocking channel, which the caller closes
     * @throws IOException if there is none; the message says why, for the client
     */
    SocketChannel connect(TransferTimeout patience) throws IOException;

    /** Gives up. */
    @Override
    void close();

    /** The client connects to us, and nobody else (RFC 2577 section 4). */
    record Passive(DataPort port, InetAddress peer) implements DataSource {

        @Override
        public SocketChannel connect(TransferTimeout patience) throws IOException {
            try {
                while (true) {
                    SocketChannel channel = port.accept();
                    if (channel == null) {
                        patience.await(port.channel(), SelectionKey.OP_ACCEPT, "nobody connected");
                    } else if (channel.getRemoteAddress() instanceof InetSocketAddress remote
                            && peer.equals(remote.getAddress())) {
                        return channel;
                    } else {
                        port.stranger(channel.getRemoteAddress());
                        channel.close();
                    }
                }
            } catch (ClosedChannelException e) {
                throw new IOException("the server does not use that port any more; send PASV", e);
            } finally {
                if (port.channel().isOpen()) {
                    patience.forget(port.channel());
                }
                // The connection does not need it: somebody else can have it while this transfer goes on.
                port.close();
            }
        }

        @Override
        public void close() {
            port.close();
        }
    }

    /** We connect to the client, and nobody else. */
    record Active(InetSocketAddress target, InetAddress local) implements DataSource {

        @Override
        public SocketChannel connect(TransferTimeout patience) throws IOException {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.bind(new InetSocketAddress(local, 0));
                channel.configureBlocking(false);
                if (!channel.connect(target)) {
                    do {
                        patience.await(channel, SelectionKey.OP_CONNECT, "no connection to your port");
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
