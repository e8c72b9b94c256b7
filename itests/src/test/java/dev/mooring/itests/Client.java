package dev.mooring.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client that sends a line and expects {@code echo} and the line as the answer. */
final class Client implements AutoCloseable {

    private final AutoCloseable connection;
    private final BufferedReader in;

    private Client(AutoCloseable connection, InputStream in) {
        this.connection = connection;
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** Connects and sends a line. Does not wait until the server accepts. */
    static Client says(SocketAddress address, String line) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        channel.write(StandardCharsets.UTF_8.encode(line + "\n"));
        return new Client(channel, Channels.newInputStream(channel));
    }

    static Client says(String host, int port, String line) throws IOException {
        return says(new InetSocketAddress(host, port), line);
    }

    /** The same for an abstract unix socket, which the JDK cannot address. */
    static Client saysToAbstract(String name, String line) throws IOException {
        Process perl = new ProcessBuilder(
                        "perl",
                        "-MSocket",
                        "-e",
                        "socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un(\"\\0$ARGV[0]\")) or die $!;"
                                + " syswrite(S, \"$ARGV[1]\\n\"); $| = 1; print \"connected\\n\"; print <S>",
                        name,
                        line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Client client = new Client(perl::destroy, perl.getInputStream());
        String connected = client.hears();
        if (!"connected".equals(connected)) {
            throw new IOException("no connection to @" + name);
        }
        return client;
    }

    /** Sends one more line over the same connection. */
    void say(String line) throws IOException {
        ((SocketChannel) connection).write(StandardCharsets.UTF_8.encode(line + "\n"));
    }

    /** The next line, or {@code null} at the end of the stream. */
    @Nullable
    String hears() throws IOException {
        return in.readLine();
    }

    static String datagram(String host, int port, String text) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName(host), port));
            DatagramPacket reply = new DatagramPacket(new byte[1000], 1000);
            socket.receive(reply);
            return new String(reply.getData(), 0, reply.getLength(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
