package example;

import dev.mooring.activation.NamedSockets;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.impl.transports.TransportInternal;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

public class VertxServer {
    public static void main(String[] arguments) throws Exception {
        ServerSocketChannel channel = NamedSockets.fromEnvironment().get("http").openServerSocketChannel();
        NioTransport transport = new NioTransport() {
            @Override
            public ChannelFactory<ServerChannel> serverChannelFactory(boolean domainSocket) {
                return () -> new NioServerSocketChannel(channel) {
                    @Override
                    protected void doBind(SocketAddress address) {} // the channel is bound
                };
            }
        };
        Vertx vertx = Vertx.builder()
                .withTransport(new TransportInternal("named socket", true, null, transport))
                .build();
        vertx.createHttpServer()
                .requestHandler(request -> request.response().end("hello from Vert.x\n"))
                .listen(0);
    }
}
