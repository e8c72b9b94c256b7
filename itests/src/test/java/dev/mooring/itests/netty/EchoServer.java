package dev.mooring.itests.netty;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.OwnedDescriptor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/** An echo server on Netty's epoll transport. */
public final class EchoServer {

    private EchoServer() {}

    /** Serves the sockets {@code tcp} and {@code unix}. */
    public static void main(String... arguments) throws IOException {
        NamedSockets sockets = NamedSockets.fromEnvironment();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        serve(group, sockets.get("tcp"), EpollServerSocketChannel::new);
        serve(group, sockets.get("unix"), number -> {
            boolean active = true;
            return new EpollServerDomainSocketChannel(number, active);
        });
        System.out.println("= ready");
    }

    private static void serve(EventLoopGroup group, NamedSocket socket, IntFunction<ServerChannel> channel)
            throws IOException {
        try (OwnedDescriptor descriptor = socket.openDescriptor()) {
            int number = descriptor.number();
            new ServerBootstrap()
                    .group(group)
                    .channelFactory(() -> channel.apply(number))
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel connection) {
                            connection.pipeline().addLast(new Echo());
                        }
                    })
                    .register()
                    .syncUninterruptibly();
            descriptor.release();
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf line = (ByteBuf) message;
            context.writeAndFlush(
                    Unpooled.wrappedBuffer(Unpooled.copiedBuffer("echo ", StandardCharsets.US_ASCII), line));
        }
    }
}
