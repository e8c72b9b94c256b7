package dev.mooring.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy on an ephemeral port of 127.0.0.1. It sends a header to the server, and then the bytes of its client. */
public final class PrefixProxy implements Closeable {

    private final ServerSocketChannel front;
    private final SocketAddress server;
    private final byte[] header;
    private final List<SocketChannel> channels = new CopyOnWriteArrayList<>();

    /** Starts a proxy. */
    public PrefixProxy(SocketAddress server, byte[] header) throws IOException {
        this.server = server;
        this.header = header;
        front = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        daemon(this::accept);
    }

    /** Starts a proxy that announces a client, in version 1 of the PROXY protocol. */
    public static PrefixProxy announcing(String client, SocketAddress server) throws IOException {
        return new PrefixProxy(server, ("PROXY TCP4 " + client + " 198.51.100.1 4711 22\r\n").getBytes(ISO_8859_1));
    }

    /** The address to which clients of the proxy connect. */
    public InetSocketAddress address() throws IOException {
        return (InetSocketAddress) front.getLocalAddress();
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException closed) {
                // The proxy, the client or the server has closed a connection.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            SocketChannel client = front.accept();
            channels.add(client);
            SocketChannel back = SocketChannel.open(server);
            channels.add(back);
            write(back, ByteBuffer.wrap(header));
            daemon(() -> copy(client, back));
            daemon(() -> copy(back, client));
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        while (from.read(buffer.clear()) >= 0) {
            write(to, buffer.flip());
        }
        to.shutdownOutput();
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        front.close();
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
