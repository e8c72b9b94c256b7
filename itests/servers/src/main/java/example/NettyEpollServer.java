package example;

import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.OwnedDescriptor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;

public class NettyEpollServer {
    public static void main(String[] arguments) throws Exception {
        try (OwnedDescriptor descriptor =
                NamedSockets.fromEnvironment().get("http").openDescriptor()) {
            new ServerBootstrap()
                    .group(new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory()))
                    .channelFactory(() -> new EpollServerSocketChannel(descriptor.number()))
                    .childHandler(new NettyHello())
                    .register()
                    .sync();
            descriptor.release(); // from here on the channel owns it
        }
    }
}
