package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.internal.descriptor.Description;
import dev.mooring.activation.internal.descriptor.Descriptors;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** For tests in which no descriptor may be touched. */
final class NoDescriptors extends Descriptors {

    private static AssertionError touched() {
        return new AssertionError("a descriptor was touched");
    }

    @Override
    protected int option(int descriptor, int level, int option) {
        throw touched();
    }

    @Override
    protected SocketAddress localAddress(int descriptor, Family family) {
        throw touched();
    }

    @Override
    protected boolean isConnected(int descriptor) {
        throw touched();
    }

    @Override
    public Description vsock(int descriptor, Description seen) {
        throw touched();
    }

    @Override
    public OptionalLong ownPidfdId() {
        throw touched();
    }

    @Override
    public void closeOnExec(int descriptor) {
        throw touched();
    }

    @Override
    public void nonBlocking(int descriptor) {
        throw touched();
    }

    @Override
    protected void replace(int own, int inherited) {
        throw touched();
    }

    @Override
    public int duplicate(int descriptor) {
        throw touched();
    }

    @Override
    public void close(int descriptor) {
        throw touched();
    }

    @Override
    public int numberOf(ServerSocketChannel channel) {
        throw touched();
    }

    @Override
    public ServerSocketChannel serverSocketChannel(int inherited, Description description) {
        throw touched();
    }

    @Override
    public AsynchronousServerSocketChannel asynchronousServerSocketChannel(
            int inherited, Description description, @Nullable AsynchronousChannelGroup group) {
        throw touched();
    }

    @Override
    public SocketChannel socketChannel(int inherited, Description description) {
        throw touched();
    }

    @Override
    public DatagramChannel datagramChannel(int inherited, Description description) {
        throw touched();
    }
}
