package example;

import dev.mooring.activation.NamedSockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.nio.channels.ServerSocketChannel;

public class NettyServer {
    public static void main(String[] arguments) throws Exception {
        ServerSocketChannel channel = NamedSockets.fromEnvironment().get("http").openServerSocketChannel();
        new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory()))
                .channelFactory(() -> new NioServerSocketChannel(channel))
                .childHandler(new NettyHello())
                .register() // not bind(): the channel is bound
                .sync();
    }
}
