package dev.mooring.http.internal.connector;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.ProcessorUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SocketConnectorTest {

    private final Server server = new Server();
    private final SocketConnector connector = new SocketConnector(server, new HttpConnectionFactory());
    private final List<Socket> clients = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server.addConnector(connector);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket client : clients) {
            client.close();
        }
        server.stop();
    }

    /**
     * A swap closes a listening socket while its selector has it selected, because a client has just connected. The selector must go on with its
     * connections.
     */
    @Test
    void selectorDoesNotWaitForItself() throws Exception {
        ServerSocketChannel first = withClient(listening());
        ServerSocketChannel second = withClient(listening());
        Calls calls = new Calls(List.of(first, second));
        calls.watches.add(connector.watch(first, () -> calls.ready(1)));
        calls.await(calls.begun);
        for (int i = 1; i < ProcessorUtils.availableProcessors(); i++) {
            connector.watch(listening(), () -> {}); // by the other selectors
        }
        calls.watches.add(connector.watch(second, () -> calls.ready(0)));
        calls.bothWatched.countDown();

        while (!calls.ended.await(1, TimeUnit.MILLISECONDS)) {
            Thread selector = calls.selector;
            assertFalse(
                    selector != null
                            && Stream.of(selector.getStackTrace())
                                    .anyMatch(frame -> frame.getMethodName().equals("close")
                                            && frame.getClassName().startsWith(SocketConnector.class.getName())),
                    "the thread of the selector waits until the selector has freed the socket");
        }
    }

    private static ServerSocketChannel listening() throws IOException {
        ServerSocketChannel listening =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listening.configureBlocking(false);
        return listening;
    }

    private ServerSocketChannel withClient(ServerSocketChannel listening) throws IOException {
        clients.add(
                new Socket(InetAddress.getLoopbackAddress(), listening.socket().getLocalPort()));
        return listening;
    }

    /** The calls of one selector for two sockets. Nobody accepts, so both stay ready. */
    private static final class Calls {
        final List<ServerSocketChannel> sockets;
        final List<EventLoop.Watch> watches = new CopyOnWriteArrayList<>();
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch bothWatched = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);
        final AtomicInteger count = new AtomicInteger();
        volatile @Nullable Thread selector;

        Calls(List<ServerSocketChannel> sockets) {
            this.sockets = sockets;
        }

        /** The first call waits, so that the next selection finds both sockets. In the second, another thread closes the other socket. */
        void ready(int other) {
            begun.countDown();
            await(bothWatched);
            switch (count.incrementAndGet()) {
                case 1 -> {}
                case 2 -> {
                    selector = Thread.currentThread();
                    new Thread(() -> watches.get(other).close()).start();
                    while (sockets.get(other).isOpen()) {
                        Thread.onSpinWait();
                    }
                }
                default -> ended.countDown();
            }
        }

        void await(CountDownLatch latch) {
            try {
                assertTrue(latch.await(1, TimeUnit.MINUTES));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
