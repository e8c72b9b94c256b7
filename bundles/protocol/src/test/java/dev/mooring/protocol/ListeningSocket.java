package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.OwnedDescriptor;
import dev.mooring.activation.WrongKindException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A socket that really listens. It has no duplicates: the one channel is given away once. */
public final class ListeningSocket implements NamedSocket, Closeable {

    private final String name;
    private final Family family;
    private final ServerSocketChannel channel;
    private final SocketAddress address;

    private ListeningSocket(String name, Family family, ServerSocketChannel channel) throws IOException {
        this.name = name;
        this.family = family;
        this.channel = channel;
        this.address = channel.getLocalAddress();
        channel.configureBlocking(false);
    }

    /** Listens on an ephemeral port of 127.0.0.1. */
    public static ListeningSocket inet(String name) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET);
        channel.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
        return new ListeningSocket(name, Family.INET, channel);
    }

    /** Listens on an ephemeral port of ::1. */
    public static ListeningSocket inet6(String name) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET6);
        channel.bind(new InetSocketAddress("::1", 0));
        return new ListeningSocket(name, Family.INET6, channel);
    }

    /** Listens on a path. */
    public static ListeningSocket unix(String name, Path path) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(path));
        return new ListeningSocket(name, Family.UNIX, channel);
    }

    /** Where to connect to. */
    @Override
    public SocketAddress localAddress() {
        return address;
    }

    /** Whether the channel that was given away is still open. */
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int descriptor() {
        return 3;
    }

    @Override
    public Family family() {
        return family;
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
    public @Nullable String address() {
        return address instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : address.toString();
    }

    @Override
    public long port() {
        return address instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    @Override
    public Origin origin() {
        return Origin.INHERITED;
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() {
        return channel;
    }

    @Override
    public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(@Nullable AsynchronousChannelGroup group)
            throws IOException {
        throw new WrongKindException("A fake");
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        throw new WrongKindException("A fake");
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        throw new WrongKindException("A fake");
    }

    @Override
    public OwnedDescriptor openDescriptor() throws IOException {
        throw new WrongKindException("A fake");
    }

    @Override
    public void replaceListener(SocketAddress bound) throws IOException {
        throw new WrongKindException("A fake");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
