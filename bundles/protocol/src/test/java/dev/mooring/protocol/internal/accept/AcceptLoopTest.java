package dev.mooring.protocol.internal.accept;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.EventLoop;
import dev.mooring.protocol.ListeningSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AcceptLoopTest {

    private static final class Failing implements AcceptLoop.Server {

        @Override
        public boolean ready(boolean waiting) {
            return true;
        }

        @Override
        public @Nullable EventLoop eventLoop() {
            return null;
        }

        @Override
        public void accepted(NamedSocket socket, SocketChannel channel) {
            throw new OutOfMemoryError("test");
        }
    }

    @Test
    void connectionThatAnErrorKeepsFromBeingServedIsClosed() throws Exception {
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("web");
                AcceptLoop loop = new AcceptLoop("test", new Failing())) {
            loop.add(socket, socket.openServerSocketChannel());
            loop.start();
            for (int i = 0; i < 2; i++) {
                try (SocketChannel client = SocketChannel.open(socket.localAddress())) {
                    assertEquals(-1, client.read(ByteBuffer.allocate(1)));
                }
            }
            log.await("none can be accepted: java.lang.OutOfMemoryError: test");
        }
    }
}
