package example;

import dev.mooring.activation.NamedSockets;
import java.io.IOException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioEndpoint;

public class NamedSocketProtocol extends Http11NioProtocol {
    public NamedSocketProtocol() {
        super(new Endpoint());
    }

    private static class Endpoint extends NioEndpoint {
        private ServerSocketChannel channel;
        private Selector selector;

        @Override
        protected void initServerSocket() throws IOException {
            channel = NamedSockets.fromEnvironment().get("http").openServerSocketChannel();
            selector = Selector.open();
            channel.register(selector, SelectionKey.OP_ACCEPT);
        }

        @Override
        protected SocketChannel serverSocketAccept() throws IOException {
            SocketChannel client = null;
            while (client == null && !isPaused()) {
                client = channel.accept();
                if (client == null) {
                    selector.select(key -> {});
                }
            }
            return client == null ? SocketChannel.open() : client; // a paused endpoint closes what it gets
        }

        @Override
        protected void unlockAccept() {
            selector.wakeup();
        }

        @Override
        protected NetworkChannel getServerSocket() {
            return channel;
        }

        @Override
        protected void doCloseServerSocket() throws IOException {
            selector.close();
            channel.close();
        }
    }
}
