package example;

import dev.mooring.activation.NamedSockets;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

public class GrpcServer {
    public static void main(String[] arguments) throws Exception {
        ServerSocketChannel channel = NamedSockets.fromEnvironment().get("http").openServerSocketChannel();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
        NettyServerBuilder.forPort(0)
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .channelFactory(() -> new NioServerSocketChannel(channel) {
                    @Override
                    protected void doBind(SocketAddress address) {} // the channel is bound
                })
                .addService(new HealthStatusManager().getHealthService())
                .build()
                .start()
                .awaitTermination();
    }
}
