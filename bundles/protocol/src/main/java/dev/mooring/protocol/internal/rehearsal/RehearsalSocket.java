package dev.mooring.protocol.internal.rehearsal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.OwnedDescriptor;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A unix socket that is bound when a server opens it. The shipped unit allows a process no other family ({@code RestrictAddressFamilies=}).
 */
final class RehearsalSocket implements NamedSocket {

    private static final AtomicInteger LAST = new AtomicInteger();

    private final UnixDomainSocketAddress address;

    /** A number that no descriptor has. */
    private final int number = LAST.decrementAndGet();

    /** @param address its path, which must not exist */
    RehearsalSocket(UnixDomainSocketAddress address) {
        this.address = address;
    }

    @Override
    public String name() {
        return "rehearsal";
    }

    @Override
    public int descriptor() {
        return number;
    }

    @Override
    public Family family() {
        return Family.UNIX;
    }

    @Override
    public Type type() {
        return Type.STREAM;
    }

    @Override
    public boolean listening() {
        return true;
    }

    @Override
    public String address() {
        return address.toString();
    }

    @Override
    public long port() {
        return -1;
    }

    @Override
    public UnixDomainSocketAddress localAddress() {
        return address;
    }

    @Override
    public Origin origin() {
        return Origin.BOUND;
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(address).configureBlocking(false);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(
            @Nullable AsynchronousChannelGroup group) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel openSocketChannel() {
        throw new UnsupportedOperationException();
    }

    @Override
    public DatagramChannel openDatagramChannel() {
        throw new UnsupportedOperationException();
    }

    @Override
    public OwnedDescriptor openDescriptor() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void replaceListener(SocketAddress bound) {
        throw new UnsupportedOperationException();
    }
}
