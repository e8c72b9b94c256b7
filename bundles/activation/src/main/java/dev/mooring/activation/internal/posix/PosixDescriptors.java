package dev.mooring.activation.internal.posix;

import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.internal.descriptor.Description;
import dev.mooring.activation.internal.descriptor.Descriptors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import jnr.constants.platform.Fcntl;
import jnr.constants.platform.OpenFlags;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.jspecify.annotations.Nullable;

/**
 * The back end for a sealed JVM, with jnr-posix. It opens a JDK channel and binds it to an ephemeral loopback address,
 * which identifies the channel's descriptor. Then the inherited socket replaces the one of this descriptor. The channel's
 * {@code getLocalAddress()} still returns the loopback address.
 */
public final class PosixDescriptors extends Descriptors {

    private static final int FD_CLOEXEC = 1;
    private static final long PID_FS_MAGIC = 0x50494446; // linux/magic.h
    private static final int SYS_PIDFD_OPEN = 434; // the same on every architecture
    private static final Path OWN = Path.of("/proc/self/fd");

    private final POSIX posix = POSIXFactory.getNativePOSIX();
    private final LibC libC = LibraryLoader.create(LibC.class).load("c");

    /** Loads the native library, which takes some 0.3 to 0.6 s. */
    public PosixDescriptors() {
        if (!posix.isNative()) {
            throw new UnsatisfiedLinkError("jnr-posix found no native library for this platform and fell back to Java");
        }
    }

    @Override
    protected int option(int descriptor, int level, int option) throws IOException {
        int[] value = new int[1];
        check(libC.getsockopt(descriptor, level, option, value, new int[] {Integer.BYTES}), descriptor);
        return value[0];
    }

    @Override
    protected SocketAddress localAddress(int descriptor, Family family) throws IOException {
        return address(name(descriptor));
    }

    @Override
    protected boolean isConnected(int descriptor) {
        return libC.getpeername(descriptor, new byte[128], new int[] {128}) == 0;
    }

    @Override
    public Description vsock(int descriptor, Description seen) throws IOException {
        ByteBuffer name = name(descriptor); // linux/vm_sockets.h: family, reserved, port, cid
        long port = Integer.toUnsignedLong(name.getInt(4));
        return seen.at(Long.toString(Integer.toUnsignedLong(name.getInt(8))), port);
    }

    /** The {@code sockaddr} of a socket, in the byte order of this machine. */
    private ByteBuffer name(int descriptor) throws IOException {
        byte[] address = new byte[128];
        int[] length = {address.length};
        check(libC.getsockname(descriptor, address, length), descriptor);
        return ByteBuffer.wrap(address, 0, length[0]).order(ByteOrder.nativeOrder());
    }

    /** Reads a {@code sockaddr_in}, {@code sockaddr_in6} or {@code sockaddr_un}. */
    private static SocketAddress address(ByteBuffer name) throws IOException {
        int family = name.getShort();
        if (family == 1) {
            byte[] path = new byte[name.remaining()];
            name.get(path);
            String text = new String(path, StandardCharsets.UTF_8);
            int end = text.indexOf('\0');
            return UnixDomainSocketAddress.of(end < 0 ? text : text.substring(0, end));
        }
        int port = Short.toUnsignedInt(name.order(ByteOrder.BIG_ENDIAN).getShort());
        byte[] host = new byte[family == 2 ? 4 : 16];
        name.position(family == 2 ? 4 : 8).get(host);
        return new InetSocketAddress(InetAddress.getByAddress(host), port);
    }

    @Override
    public OptionalLong ownPidfdId() {
        int pidfd = libC.syscall(SYS_PIDFD_OPEN, posix.getpid(), 0);
        if (pidfd < 0) {
            return OptionalLong.empty();
        }
        try {
            // Before Linux 6.9 all pidfds share the one inode of anon_inode.
            byte[] status = new byte[256]; // struct statfs: f_type is first
            if (libC.fstatfs(pidfd, status) != 0
                    || ByteBuffer.wrap(status).order(ByteOrder.nativeOrder()).getLong() != PID_FS_MAGIC) {
                return OptionalLong.empty();
            }
            return OptionalLong.of((long) Files.getAttribute(OWN.resolve(Integer.toString(pidfd)), "unix:ino"));
        } catch (IOException unreadable) {
            return OptionalLong.empty();
        } finally {
            posix.close(pidfd);
        }
    }

    @Override
    public void closeOnExec(int descriptor) throws IOException {
        check(posix.fcntlInt(descriptor, Fcntl.F_SETFD, FD_CLOEXEC), descriptor);
    }

    @Override
    public void nonBlocking(int descriptor) throws IOException {
        int flags = posix.fcntl(descriptor, Fcntl.F_GETFL);
        check(flags, descriptor);
        check(posix.fcntlInt(descriptor, Fcntl.F_SETFL, flags | OpenFlags.O_NONBLOCK.intValue()), descriptor);
    }

    @Override
    public int duplicate(int descriptor) throws IOException {
        int duplicate = posix.dup(descriptor);
        check(duplicate, descriptor);
        closeOnExec(duplicate);
        return duplicate;
    }

    @Override
    public void close(int descriptor) throws IOException {
        check(posix.close(descriptor), descriptor);
    }

    @Override
    public int numberOf(ServerSocketChannel channel) throws IOException {
        return find(channel);
    }

    @Override
    public ServerSocketChannel serverSocketChannel(int inherited, Description description) throws IOException {
        if (description.family() == Family.UNIX) {
            Path directory = Files.createTempDirectory("mooring");
            Path path = directory.resolve("socket");
            try {
                ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                return replace(channel, () -> channel.bind(UnixDomainSocketAddress.of(path)), inherited);
            } finally {
                Files.deleteIfExists(path);
                Files.delete(directory);
            }
        }
        ServerSocketChannel channel = ServerSocketChannel.open(protocolFamily(description.family()));
        return replace(channel, () -> channel.bind(loopback(description.family())), inherited);
    }

    @Override
    public AsynchronousServerSocketChannel asynchronousServerSocketChannel(
            int inherited, Description description, @Nullable AsynchronousChannelGroup group) throws IOException {
        AsynchronousServerSocketChannel channel = AsynchronousServerSocketChannel.open(group);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return replace(channel, () -> channel.bind(new InetSocketAddress(loopback, 0)), inherited);
    }

    @Override
    public DatagramChannel datagramChannel(int inherited, Description description) throws IOException {
        DatagramChannel channel = DatagramChannel.open(protocolFamily(description.family()));
        return replace(channel, () -> channel.bind(loopback(description.family())), inherited);
    }

    @Override
    public SocketChannel socketChannel(int inherited, Description description) throws IOException {
        StandardProtocolFamily family = description.family() == Family.UNIX
                ? StandardProtocolFamily.INET
                : protocolFamily(description.family());
        InetSocketAddress loopback = loopback(family == StandardProtocolFamily.INET ? Family.INET : Family.INET6);
        // The JDK must regard the channel as connected, so it connects to a socket of this process first.
        try (ServerSocketChannel peer = ServerSocketChannel.open(family).bind(loopback)) {
            SocketChannel channel = SocketChannel.open(family);
            // Bind first: otherwise the kernel may choose a port that another connection uses too.
            return replace(channel, () -> channel.bind(loopback).connect(peer.getLocalAddress()), inherited);
        }
    }

    private static InetSocketAddress loopback(Family family) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(family == Family.INET6 ? "::1" : "127.0.0.1"), 0);
    }

    private interface Binding {
        void bind() throws IOException;
    }

    /** Binds a new channel, then replaces its socket with the inherited one (dup2(2)). */
    private <C extends NetworkChannel> C replace(C channel, Binding binding, int inherited) throws IOException {
        try {
            binding.bind();
            int own = find(channel);
            replace(own, inherited);
            closeOnExec(own);
            nonBlocking(own);
            if (channel instanceof SelectableChannel selectable) {
                selectable.configureBlocking(false);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    protected void replace(int own, int inherited) throws IOException {
        check(posix.dup2(inherited, own), inherited);
    }

    /**
     * Finds the descriptor of a channel by the address to which it is bound. A comparison with the earlier descriptors would
     * not be reliable, because other threads open and close theirs meanwhile.
     */
    private int find(NetworkChannel channel) throws IOException {
        SocketAddress address = channel.getLocalAddress();
        int type = channel instanceof DatagramChannel ? SOCK_DGRAM : SOCK_STREAM;
        // A connection that a listening socket of this process accepted has the same local address as that socket.
        boolean connected = channel instanceof SocketChannel;
        Set<Integer> found = new HashSet<>();
        for (int candidate : open(0, Integer.MAX_VALUE)) {
            if (isBoundAt(candidate, address)
                    && option(candidate, SOL_SOCKET, SO_TYPE) == type
                    && isConnected(candidate) == connected) {
                found.add(candidate);
            }
        }
        if (found.size() != 1) {
            throw new IOException("Cannot tell which descriptor is bound to " + address + ": " + found.size()
                    + " of this process are. Start java with --add-opens java.base/sun.nio.ch=ALL-UNNAMED, which needs no"
                    + " search");
        }
        return found.iterator().next();
    }

    private boolean isBoundAt(int descriptor, SocketAddress address) {
        byte[] name = new byte[128];
        int[] length = {name.length};
        if (libC.getsockname(descriptor, name, length) != 0) {
            return false;
        }
        ByteBuffer buffer = ByteBuffer.wrap(name, 0, length[0]).order(ByteOrder.nativeOrder());
        int family = buffer.getShort(0);
        try {
            return (family == 1 || family == 2 || family == 10) && address.equals(address(buffer));
        } catch (IOException e) {
            return false;
        }
    }

    private void check(int result, int descriptor) throws IOException {
        if (result < 0) {
            int error = LastError.getLastError(Runtime.getSystemRuntime());
            throw new IOException("fd " + descriptor + ": " + posix.strerror(error));
        }
    }
}
