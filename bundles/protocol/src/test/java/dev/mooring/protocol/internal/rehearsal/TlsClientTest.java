package dev.mooring.protocol.internal.rehearsal;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class TlsClientTest {

    @TempDir
    Path directory;

    /** A unix socket that the server has closed refuses the alert with which TLS ends (EPIPE). */
    @Test
    void closesAfterTheServerHasClosed() throws Exception {
        TestCertificates.make(directory, "a", "EC");
        PemIdentity identity = new PemIdentity("test", directory.resolve("a.pem"), directory.resolve("a.key"));
        try (ServerSocket listener = identity.context()
                        .getServerSocketFactory()
                        .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Pipe pipe = new Pipe(SocketChannel.open(listener.getLocalSocketAddress()))) {
            FutureTask<Integer> server = new FutureTask<>(() -> {
                try (Socket accepted = listener.accept()) {
                    int received = accepted.getInputStream().read();
                    accepted.getOutputStream().write('x');
                    return received;
                }
            });
            new Thread(server, "server").start();
            TlsClient client = new TlsClient(pipe);
            client.write(ByteBuffer.wrap(new byte[] {'q'}));
            ByteBuffer answer = ByteBuffer.allocate(2);
            assertEquals(1, client.read(answer));
            assertEquals(-1, client.read(answer));
            assertEquals('q', server.get());

            pipe.broken = true;
            assertDoesNotThrow(client::close);

            assertFalse(pipe.isOpen());
        }
    }

    /** A channel that can break. */
    private static final class Pipe implements ByteChannel {
        private final SocketChannel channel;
        private boolean broken;

        Pipe(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (broken) {
                throw new IOException("Broken pipe");
            }
            return channel.write(source);
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
