package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket.Family;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
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
import org.jspecify.annotations.Nullable;

/**
 * The back end for a JVM that opens {@code sun.nio.ch} to this module. It uses the JDK's own native methods and loads no
 * library. It adopts a listening or connected socket without socket(2), which {@code RestrictAddressFamilies=} may forbid.
 * The members that it uses are the same in JDK 17 and 25.
 */
final class JdkDescriptors extends Descriptors {

    static final String FLAG =
            "--add-opens java.base/sun.nio.ch=ALL-UNNAMED (=dev.mooring.activation for a module path)";

    private final Class<?> inheritedChannel = type("InheritedChannel");
    private final Class<?> net = type("Net");
    private final Method newFileDescriptor = method(type("IOUtil"), "newFD", int.class);
    private final Method duplicate = method(inheritedChannel, "dup", int.class);
    private final Method close = method(inheritedChannel, "close0", int.class);
    private final Method option =
            method(net, "getIntOption0", FileDescriptor.class, boolean.class, int.class, int.class);

    static boolean isOpen() {
        return Object.class.getModule().isOpen("sun.nio.ch", JdkDescriptors.class.getModule());
    }

    @Override
    protected int option(int descriptor, int level, int name) throws IOException {
        boolean mayNeedConversion = false;
        return this.<Integer>call(option, fileDescriptor(descriptor), mayNeedConversion, level, name);
    }

    @Override
    protected SocketAddress localAddress(int descriptor, Family family) throws IOException {
        Class<?> natives = family == Family.UNIX ? type("UnixDomainSockets") : net;
        return call(method(natives, "localAddress", FileDescriptor.class), fileDescriptor(descriptor));
    }

    @Override
    protected boolean isConnected(int descriptor) throws IOException {
        return this.<Boolean>call(method(inheritedChannel, "isConnected", int.class), descriptor);
    }

    @Override
    protected Description vsock(int descriptor, Description seen) throws IOException {
        try {
            return posix().vsock(descriptor, seen);
        } catch (IllegalStateException noLibrary) {
            return seen;
        }
    }

    @Override
    protected OptionalLong ownPidfdId() {
        return OptionalLong.empty();
    }

    @Override
    protected void closeOnExec(int descriptor) {
        // The JDK has no fcntl(2). It closes every descriptor from 3 up in the children that it starts.
    }

    @Override
    protected void nonBlocking(int descriptor) throws IOException {
        nonBlocking(fileDescriptor(descriptor));
    }

    private void nonBlocking(FileDescriptor descriptor) throws IOException {
        boolean blocking = false;
        this.<@Nullable Void>call(
                method(type("IOUtil"), "configureBlocking", FileDescriptor.class, boolean.class), descriptor, blocking);
    }

    @Override
    protected int duplicate(int descriptor) throws IOException {
        return this.<Integer>call(duplicate, descriptor);
    }

    @Override
    protected void close(int descriptor) throws IOException {
        this.<@Nullable Void>call(close, descriptor);
    }

    @Override
    protected int numberOf(ServerSocketChannel channel) throws IOException {
        return this.<Integer>call(method(type("SelChImpl"), "getFDVal"), channel, new Object[0]);
    }

    @Override
    protected ServerSocketChannel serverSocketChannel(int inherited, Description description) throws IOException {
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
    protected SocketChannel socketChannel(int inherited, Description description) throws IOException {
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
            InetAddress address = call(method(net, "remoteInetAddress", FileDescriptor.class), socket);
            int port = this.<Integer>call(method(net, "remotePort", FileDescriptor.class), socket);
            return new InetSocketAddress(address, port);
        }
        byte[] path = call(method(inheritedChannel, "unixPeerAddress0", int.class), descriptor);
        return UnixDomainSocketAddress.of(new String(path, StandardCharsets.UTF_8));
    }

    @Override
    protected DatagramChannel datagramChannel(int inherited, Description description) throws IOException {
        // The constructor that takes a descriptor assumes IPv6, so an IPv4 socket could not send.
        DatagramChannel channel = DatagramChannel.open(protocolFamily(description.family()));
        try {
            int own = this.<Integer>call(method(type("SelChImpl"), "getFDVal"), channel, new Object[0]);
            replace(own, inherited, channel, type("DatagramChannelImpl"), description);
            channel.configureBlocking(false);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    protected AsynchronousServerSocketChannel asynchronousServerSocketChannel(
            int inherited, Description description, @Nullable AsynchronousChannelGroup group) throws IOException {
        AsynchronousServerSocketChannel channel = AsynchronousServerSocketChannel.open(group);
        try {
            Class<?> implementation = type("AsynchronousServerSocketChannelImpl");
            FileDescriptor own = (FileDescriptor) get(field(implementation, "fd"), channel);
            replace(
                    this.<Integer>call(method(type("IOUtil"), "fdVal", FileDescriptor.class), own),
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
        this.<@Nullable Void>call(method(inheritedChannel, "dup2", int.class, int.class), inherited, own);
        set(field(implementation, "localAddress"), channel, description.localAddress());
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
        return call(newFileDescriptor, descriptor);
    }

    // Reflection. The errors of the native methods are passed on unchanged.

    private static Class<?> type(String name) {
        try {
            boolean initialize = true;
            ClassLoader boot = null; // a bundle's class loader does not delegate this package
            return Class.forName("sun.nio.ch." + name, initialize, boot);
        } catch (ClassNotFoundException e) {
            throw unknown(e);
        }
    }

    private static Method method(Class<?> type, String name, Class<?>... parameters) {
        try {
            return accessible(type.getDeclaredMethod(name, parameters));
        } catch (NoSuchMethodException e) {
            throw unknown(e);
        }
    }

    private static Constructor<?> constructor(String type, Class<?>... parameters) {
        try {
            return accessible(type(type).getDeclaredConstructor(parameters));
        } catch (NoSuchMethodException e) {
            throw unknown(e);
        }
    }

    private static Field field(Class<?> type, String name) {
        try {
            return accessible(type.getDeclaredField(name));
        } catch (NoSuchFieldException e) {
            throw unknown(e);
        }
    }

    private static <M extends AccessibleObject> M accessible(M member) {
        member.setAccessible(true);
        return member;
    }

    private static IllegalStateException unknown(ReflectiveOperationException e) {
        return new IllegalStateException(
                "JDK " + Runtime.version() + " implements channels differently from JDK 17 to 25; remove the"
                        + " --add-opens of java.base/sun.nio.ch to use jnr-posix instead",
                e);
    }

    private <T extends @Nullable Object> T call(Method method, Object... arguments) throws IOException {
        return call(method, null, arguments);
    }

    @SuppressWarnings("unchecked") // the caller names the type that the method returns
    private <T extends @Nullable Object> T call(Method method, @Nullable Object target, Object[] arguments)
            throws IOException {
        try {
            return (T) method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw thrown(e);
        } catch (IllegalAccessException e) {
            throw unknown(e);
        }
    }

    @SuppressWarnings("unchecked") // the caller names the type that is constructed
    private static <T> T construct(Constructor<?> constructor, Object... arguments) throws IOException {
        try {
            return (T) constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw thrown(e);
        } catch (IllegalAccessException | InstantiationException e) {
            throw unknown(e);
        }
    }

    private static Object get(Field field, Object target) {
        try {
            return field.get(target);
        } catch (IllegalAccessException e) {
            throw unknown(e);
        }
    }

    private static void set(Field field, Object target, @Nullable Object value) {
        try {
            field.set(target, value);
        } catch (IllegalAccessException e) {
            throw unknown(e);
        }
    }

    private static IOException thrown(InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        return e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
}
