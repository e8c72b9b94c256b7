package dev.mooring.activation.internal.descriptor;

import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Inspects and duplicates descriptors, and turns duplicates into JDK channels. Only this class and its back ends know
 * descriptors. The JDK has no public API for this, so there are two back ends, for an opened JDK and for jnr-posix.
 *
 * <p>A method that makes a channel takes the inherited descriptor and leaves it open.
 */
public abstract class Descriptors {

    private static final Path OWN = Path.of("/proc/self/fd");

    // asm-generic/socket.h
    protected static final int SOL_SOCKET = 1;
    protected static final int SO_TYPE = 3;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_DOMAIN = 39;

    // bits/socket_type.h, the same on every architecture but MIPS
    protected static final int SOCK_STREAM = 1;
    protected static final int SOCK_DGRAM = 2;
    private static final int SOCK_SEQPACKET = 5;

    // stat(2): the kind of an inode
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;
    private static final int S_IFIFO = 0010000;

    private static final int O_CLOEXEC = 02000000;

    /** Inspects a descriptor. Throws {@link java.nio.file.NoSuchFileException} if it is not open. */
    public final Description inspect(int descriptor) throws IOException {
        Path link = OWN.resolve(Integer.toString(descriptor));
        int kind = (int) Files.getAttribute(link, "unix:mode") & S_IFMT;
        if (kind != S_IFSOCK) {
            String target = Files.readSymbolicLink(link).toString();
            return Description.noSocket(
                    kind == S_IFIFO ? Type.FIFO : Type.FILE, target.startsWith("/") ? target : null);
        }
        Family family = family(option(descriptor, SOL_SOCKET, SO_DOMAIN));
        Type type = type(option(descriptor, SOL_SOCKET, SO_TYPE));
        boolean listening = option(descriptor, SOL_SOCKET, SO_ACCEPTCONN) != 0;
        boolean connected = !listening && isConnected(descriptor);
        boolean known = family == Family.INET || family == Family.INET6 || family == Family.UNIX;
        Description seen =
                Description.socket(family, type, listening, connected, known ? localAddress(descriptor, family) : null);
        if (family == Family.VSOCK) {
            return vsock(descriptor, seen);
        }
        boolean nameless = family == Family.UNIX
                && (seen.address() == null || seen.address().isEmpty());
        return nameless ? seen.at(abstractName(link), -1) : seen;
    }

    /** The open descriptors among the {@code count} numbers from {@code first} up, in ascending order. */
    public static List<Integer> open(int first, int count) {
        if (count == 0) {
            return List.of();
        }
        try (Stream<Path> links = Files.list(OWN)) {
            return links.map(link -> Integer.valueOf(link.getFileName().toString()))
                    .filter(number -> number >= first && number - first < count)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Whether this process opened the descriptor itself. A descriptor that survived exec(2) cannot be close-on-exec. The
     * JVM's own descriptors take the lowest free numbers, and some are not close-on-exec (the jars on the class path and a
     * unix socket). So after a free number, files, pipes and unix sockets without an address are taken for the JVM's.
     *
     * @param behindGap whether a lower descriptor should have been passed but was not
     */
    public static boolean isOpenedByJvm(int descriptor, Description description, boolean behindGap) throws IOException {
        Path link = OWN.resolve(Integer.toString(descriptor));
        boolean nameless = description.address() == null
                && (description.family() == Family.UNIX || description.family() == Family.NONE);
        if (behindGap && (description.type() == Type.FILE || nameless)) {
            return true;
        }
        if (Files.readSymbolicLink(link)
                .startsWith(Path.of(System.getProperty("java.home")).toRealPath())) {
            return true;
        }
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/fdinfo", Integer.toString(descriptor)))) {
            return lines.filter(line -> line.startsWith("flags:"))
                    .anyMatch(line -> (Long.parseLong(line.substring(6).strip(), 8) & O_CLOEXEC) != 0);
        }
    }

    /** The name of an abstract unix socket as systemd writes it, {@code @name}; {@code null} for an unnamed socket. */
    private static @Nullable String abstractName(Path link) throws IOException {
        String socket = Files.readSymbolicLink(link).toString();
        String inode = socket.substring(socket.indexOf('[') + 1, socket.length() - 1);
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/net/unix"))) {
            return lines.map(line -> line.split(" +", 8))
                    .filter(columns -> columns.length == 8 && columns[6].equals(inode))
                    .map(columns -> columns[7])
                    .findFirst()
                    .orElse(null);
        }
    }

    private static Family family(int domain) {
        return switch (domain) {
            case 1 -> Family.UNIX;
            case 2 -> Family.INET;
            case 10 -> Family.INET6;
            case 16 -> Family.NETLINK;
            case 40 -> Family.VSOCK;
            default -> Family.NONE;
        };
    }

    private static Type type(int type) {
        return switch (type) {
            case SOCK_STREAM -> Type.STREAM;
            case SOCK_DGRAM -> Type.DATAGRAM;
            case SOCK_SEQPACKET -> Type.SEQPACKET;
            default -> Type.RAW;
        };
    }

    protected static StandardProtocolFamily protocolFamily(Family family) {
        return switch (family) {
            case INET -> StandardProtocolFamily.INET;
            case INET6 -> StandardProtocolFamily.INET6;
            case UNIX -> StandardProtocolFamily.UNIX;
            default -> throw new IllegalArgumentException("The JDK has no channels for " + family);
        };
    }

    /** An integer option of a socket, getsockopt(2). */
    protected abstract int option(int descriptor, int level, int option) throws IOException;

    /** The address of an inet, inet6 or unix socket, getsockname(2); empty path for an unnamed or abstract one. */
    protected abstract SocketAddress localAddress(int descriptor, Family family) throws IOException;

    /** Whether a socket has a peer, getpeername(2). */
    protected abstract boolean isConnected(int descriptor) throws IOException;

    /** Adds the address of a vsock socket, if this back end can read it. */
    public abstract Description vsock(int descriptor, Description seen) throws IOException;

    /** The inode number of a pidfd of this process, if the kernel numbers pidfds and this back end can open one. */
    public abstract OptionalLong ownPidfdId();

    /** Sets close-on-exec on a descriptor, if this back end can. Children that the JDK starts do not inherit it in any case. */
    public abstract void closeOnExec(int descriptor) throws IOException;

    /** Sets {@code O_NONBLOCK}, which every duplicate shares. */
    public abstract void nonBlocking(int descriptor) throws IOException;

    /** Replaces the TCP socket that listens at an address with the inherited one. */
    public final void replaceListener(SocketAddress bound, int inherited) throws IOException {
        List<Integer> found = new ArrayList<>();
        for (int candidate : open(0, Integer.MAX_VALUE)) {
            if (candidate != inherited && isListening(candidate, bound)) {
                found.add(candidate);
            }
        }
        if (found.size() != 1) {
            throw new IOException(
                    found.size() + " sockets of this process listen at " + bound
                            + ", not 1; bind the server to port 0 of the loopback address and pass the address that it then has");
        }
        int own = found.get(0);
        replace(own, inherited);
        closeOnExec(own);
        nonBlocking(own);
    }

    private boolean isListening(int candidate, SocketAddress bound) {
        try {
            Description description = inspect(candidate);
            return description.isStream() && description.listening() && bound.equals(description.localAddress());
        } catch (IOException closedSince) {
            return false;
        }
    }

    /** dup2(2): closes {@code own}, which then becomes a duplicate of {@code inherited}. */
    protected abstract void replace(int own, int inherited) throws IOException;

    /** dup(2). */
    public abstract int duplicate(int descriptor) throws IOException;

    /** close(2). */
    public abstract void close(int descriptor) throws IOException;

    /** The descriptor of a bound channel. The channel still owns it. */
    public abstract int numberOf(ServerSocketChannel channel) throws IOException;

    public abstract ServerSocketChannel serverSocketChannel(int inherited, Description description) throws IOException;

    public abstract AsynchronousServerSocketChannel asynchronousServerSocketChannel(
            int inherited, Description description, @Nullable AsynchronousChannelGroup group) throws IOException;

    public abstract SocketChannel socketChannel(int inherited, Description description) throws IOException;

    public abstract DatagramChannel datagramChannel(int inherited, Description description) throws IOException;
}
