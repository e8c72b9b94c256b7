package dev.mooring.activation.internal.descriptor;

import static dev.mooring.activation.internal.descriptor.JdkInternals.construct;
import static dev.mooring.activation.internal.descriptor.JdkInternals.constructor;
import static dev.mooring.activation.internal.descriptor.JdkInternals.field;
import static dev.mooring.activation.internal.descriptor.JdkInternals.method;
import static dev.mooring.activation.internal.descriptor.JdkInternals.type;

import dev.mooring.activation.NamedSocket.Family;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The back end for a JVM that opens {@code sun.nio.ch} to this module. It uses the JDK's own native methods. It loads a
 * native library only for vsock addresses. It adopts a listening or connected socket without socket(2), which {@code RestrictAddressFamilies=} may forbid.
 * The members that it uses are the same in JDK 17 and 25.
 */
public final class JdkDescriptors extends Descriptors {

    /** The option of java that opens the package to this module. */
    public static final String FLAG =
            "--add-opens java.base/sun.nio.ch=ALL-UNNAMED (=dev.mooring.activation for a module path)";

    private final Class<?> inheritedChannel = type("InheritedChannel");
    private final Class<?> net = type("Net");
    private final Method newFileDescriptor = method(type("IOUtil"), "newFD", int.class);
    private final Method duplicate = method(inheritedChannel, "dup", int.class);
    private final Method close = method(inheritedChannel, "close0", int.class);
    private final Method option =
            method(net, "getIntOption0", FileDescriptor.class, boolean.class, int.class, int.class);

    private final Supplier<Descriptors> posix;

    /**
     * Makes the back end.
     *
     * @param posix makes the back end for vsock addresses; throws {@link IllegalStateException} without a native library
     */
    public JdkDescriptors(Supplier<Descriptors> posix) {
        this.posix = posix;
    }

    /** Whether the package is open to this module. */
    public static boolean isOpen() {
        return Object.class.getModule().isOpen("sun.nio.ch", JdkDescriptors.class.getModule());
    }

    @Override
    protected int option(int descriptor, int level, int name) throws IOException {
        boolean mayNeedConversion = false;
        return JdkInternals.<Integer>call(option, fileDescriptor(descriptor), mayNeedConversion, level, name);
    }

    @Override
    protected SocketAddress localAddress(int descriptor, Family family) throws IOException {
        Class<?> natives = family == Family.UNIX ? type("UnixDomainSockets") : net;
        return JdkInternals.call(method(natives, "localAddress", FileDescriptor.class), fileDescriptor(descriptor));
    }

    @Override
    protected boolean isConnected(int descriptor) throws IOException {
        return JdkInternals.<Boolean>call(method(inheritedChannel, "isConnected", int.class), descriptor);
    }

    @Override
    public Description vsock(int descriptor, Description seen) throws IOException {
        try {
            return posix.get().vsock(descriptor, seen);
        } catch (IllegalStateException noLibrary) {
            return seen;
        }
    }

    @Override
    public OptionalLong ownPidfdId() {
        return OptionalLong.empty();
    }

    @Override
    public void closeOnExec(int descriptor) {
        // The JDK has no fcntl(2). It closes every descriptor from 3 up in the children that it starts.
    }

    @Override
    public void nonBlocking(int descriptor) throws IOException {
        nonBlocking(fileDescriptor(descriptor));
    }

    private void nonBlocking(FileDescriptor descriptor) throws IOException {
        boolean blocking = false;
        JdkInternals.<@Nullable Void>call(
                method(type("IOUtil"), "configureBlocking", FileDescriptor.class, boolean.class), descriptor, blocking);
    }

    @Override
    public int duplicate(int descriptor) throws IOException {
        return JdkInternals.<Integer>call(duplicate, descriptor);
    }

    @Override
    public void close(int descriptor) throws IOException {
        JdkInternals.<@Nullable Void>call(close, descriptor);
    }

    @Override
    public int numberOf(ServerSocketChannel channel) throws IOException {
        return JdkInternals.<Integer>call(method(type("SelChImpl"), "getFDVal"), channel, new Object[0]);
    }

    @Override
    public ServerSocketChannel serverSocketChannel(int inherited, Description description) throws IOException {
        Constructor<?> constructor = constructor(
                "ServerSocketChannelImpl",
                SelectorProvider.class,
                ProtocolFamily.class,
                FileDescriptor.class,
                boolean.class);
        ProtocolFamily family = protocolFamily(description.family());
        boolean bound = true;
        return adopt(inherited, fd -> construct(constructor, SelectorProvider.provider(), family, fd, bound));
    }

    @Override
    public SocketChannel socketChannel(int inherited, Description description) throws IOException {
        Constructor<?> constructor = constructor(
                "SocketChannelImpl",
                SelectorProvider.class,
                ProtocolFamily.class,
                FileDescriptor.class,
                SocketAddress.class);
        ProtocolFamily family = protocolFamily(description.family());
        SocketAddress peer = peer(inherited, description);
        return adopt(inherited, fd -> construct(constructor, SelectorProvider.provider(), family, fd, peer));
    }

    private SocketAddress peer(int descriptor, Description description) throws IOException {
        if (description.isInternet()) {
            FileDescriptor socket = fileDescriptor(descriptor);
            InetAddress address = JdkInternals.call(method(net, "remoteInetAddress", FileDescriptor.class), socket);
            int port = JdkInternals.<Integer>call(method(net, "remotePort", FileDescriptor.class), socket);
            return new InetSocketAddress(address, port);
        }
        byte[] path = JdkInternals.call(method(inheritedChannel, "unixPeerAddress0", int.class), descriptor);
        return UnixDomainSocketAddress.of(new String(path, StandardCharsets.UTF_8));
    }

    @Override
    public DatagramChannel datagramChannel(int inherited, Description description) throws IOException {
        // The constructor that takes a descriptor assumes IPv6, so an IPv4 socket could not send.
        DatagramChannel channel = DatagramChannel.open(protocolFamily(description.family()));
        try {
            int own = JdkInternals.<Integer>call(method(type("SelChImpl"), "getFDVal"), channel, new Object[0]);
            replace(own, inherited, channel, type("DatagramChannelImpl"), description);
            channel.configureBlocking(false);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public AsynchronousServerSocketChannel asynchronousServerSocketChannel(
            int inherited, Description description, @Nullable AsynchronousChannelGroup group) throws IOException {
        AsynchronousServerSocketChannel channel = AsynchronousServerSocketChannel.open(group);
        try {
            Class<?> implementation = type("AsynchronousServerSocketChannelImpl");
            FileDescriptor own = (FileDescriptor) JdkInternals.get(field(implementation, "fd"), channel);
            replace(
                    JdkInternals.<Integer>call(method(type("IOUtil"), "fdVal", FileDescriptor.class), own),
                    inherited,
                    channel,
                    implementation,
                    description);
            nonBlocking(own);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Replaces the socket of a new, unbound channel with the inherited one. */
    private void replace(
            int own, int inherited, NetworkChannel channel, Class<?> implementation, Description description)
            throws IOException {
        replace(own, inherited);
        JdkInternals.set(field(implementation, "localAddress"), channel, description.localAddress());
    }

    @Override
    protected void replace(int own, int inherited) throws IOException {
        JdkInternals.<@Nullable Void>call(method(inheritedChannel, "dup2", int.class, int.class), inherited, own);
    }

    private interface Adoption<C> {
        C adopt(FileDescriptor descriptor) throws IOException;
    }

    private <C extends java.nio.channels.SelectableChannel> C adopt(int inherited, Adoption<C> adoption)
            throws IOException {
        int own = duplicate(inherited);
        try {
            C channel = adoption.adopt(fileDescriptor(own));
            channel.configureBlocking(false);
            return channel;
        } catch (IOException | RuntimeException e) {
            close(own);
            throw e;
        }
    }

    private FileDescriptor fileDescriptor(int descriptor) throws IOException {
        return JdkInternals.call(newFileDescriptor, descriptor);
    }
}
