package dev.mooring.benchmarks;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Cost of opening a duplicate, and of accepting through one in comparison with the JDK's own channel. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 5,
        jvmArgs = {"--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "-XX:+UseSerialGC"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
public class Adoption {

    /** A socket of the activation bundle. */
    @State(Scope.Benchmark)
    public static class Named {
        NamedSocket socket;

        @Setup
        public void bind() throws IOException {
            socket = NamedSockets.bind(List.of("http=127.0.0.1:0")).get("http");
        }
    }

    /** A listening channel of the JDK, or one that was adopted. */
    @State(Scope.Benchmark)
    public static class Listening {
        @Param({"jdk", "adopted"})
        String channel;

        ServerSocketChannel server;
        SocketAddress address;
        Selector selector;

        @Setup
        public void listen() throws IOException {
            if (channel.equals("adopted")) {
                server = NamedSockets.bind(List.of("http=127.0.0.1:0"))
                        .get("http")
                        .openServerSocketChannel();
            } else {
                server = ServerSocketChannel.open(StandardProtocolFamily.INET)
                        .bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 4096);
                server.configureBlocking(false);
            }
            address = server.getLocalAddress();
            selector = Selector.open();
            server.register(selector, SelectionKey.OP_ACCEPT);
        }

        @TearDown
        public void close() throws IOException {
            selector.close();
            server.close();
        }
    }

    @Benchmark
    public void openServerSocketChannel(Named named) throws IOException {
        named.socket.openServerSocketChannel().close();
    }

    @Benchmark
    public void openAsynchronousServerSocketChannel(Named named) throws IOException {
        named.socket.openAsynchronousServerSocketChannel(null).close();
    }

    @Benchmark
    public void openDescriptor(Named named) throws IOException {
        named.socket.openDescriptor().close();
    }

    /** A connection from connect to close. Only the accept differs between the two channels. */
    @Benchmark
    public void accept(Listening listening) throws IOException {
        try (SocketChannel client = SocketChannel.open()) {
            // Closed by reset, so that no port is left in TIME_WAIT.
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            client.connect(listening.address);
            listening.selector.select();
            listening.selector.selectedKeys().clear();
            listening.server.accept().close();
        }
    }
}
