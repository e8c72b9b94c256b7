package dev.mooring.activation;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A descriptor that this process was given under a name, usually a listening socket that systemd holds.
 *
 * <p>The descriptor itself is never handed out. Each {@code open…()} makes a new <em>duplicate</em>, which belongs to
 * the caller, who closes it; closing it leaves the descriptor, the other duplicates and whatever waits in the accept
 * queue as they are. What a bundle has not closed when it releases this service, at the latest when it stops, is closed
 * for it.
 *
 * <p>Duplicates share one open file description (dup(2)) and with it {@code O_NONBLOCK}: every channel is handed out
 * non-blocking, and <strong>must be kept so</strong>: one consumer that switches to blocking mode would block the
 * others. Never call {@code shutdown(2)} on a listening socket, which would end it for everyone.
 *
 * <p>Instances are safe for use by several threads.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds(3)</a>
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/systemd.socket.html">systemd.socket(5)</a>
 */
@ProviderType
public interface NamedSocket {

    /**
     * Service property: the entry of {@code LISTEN_FDNAMES}, {@value #UNKNOWN} where that variable is absent. Names may
     * repeat. Type: {@code String}.
     */
    String SOCKET_NAME = "socket.name";

    /** Service property: the number of the descriptor, 3 and up; for diagnostics only. Type: {@code Integer}. */
    String SOCKET_FD = "socket.fd";

    /** Service property: {@link #family()} in lower case. Type: {@code String}. */
    String SOCKET_FAMILY = "socket.family";

    /** Service property: {@link #type()} in lower case. Type: {@code String}. */
    String SOCKET_TYPE = "socket.type";

    /** Service property: {@link #listening()}. Type: {@code Boolean}. */
    String SOCKET_LISTENING = "socket.listening";

    /** Service property: {@link #address()}; absent where there is none. Type: {@code String}. */
    String SOCKET_ADDRESS = "socket.address";

    /**
     * Service property: {@link #port()}; absent where there is none. Type: {@code Integer}, or {@code Long} for the port of
     * a vsock that is no {@code Integer}.
     */
    String SOCKET_PORT = "socket.port";

    /** Service property: {@link #origin()} in lower case. Type: {@code String}. */
    String SOCKET_ORIGIN = "socket.origin";

    /** The name of a socket when {@code LISTEN_FDNAMES} is absent, as sd_listen_fds_with_names(3) has it. */
    String UNKNOWN = "unknown";

    /** The address family, socket(7) {@code SO_DOMAIN}. */
    enum Family {
        INET,
        INET6,
        UNIX,
        VSOCK,
        NETLINK,
        /** No socket, or a socket of a family that systemd does not pass. */
        NONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What the descriptor is: the type of the socket, socket(7) {@code SO_TYPE}, or what else it is. */
    enum Type {
        STREAM,
        DATAGRAM,
        SEQPACKET,
        RAW,
        /** A pipe, {@code ListenFIFO=}. */
        FIFO,
        /** A device, special or regular file, or a message queue. */
        FILE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where a socket came from. */
    enum Origin {
        /** Inherited from the process that started this one. */
        INHERITED,
        /** Bound by Mooring itself, in the traditional start. */
        BOUND;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The name that systemd gave the socket ({@code FileDescriptorName=}).
     *
     * @return the name; may be empty, need not be unique
     */
    String name();

    /**
     * The number of the descriptor in this process, for diagnostics. It is not the caller's: to use a descriptor, take
     * {@link #openDescriptor()}.
     *
     * @return the number, 3 and up
     */
    int descriptor();

    /**
     * The address family of the socket.
     *
     * @return the family, {@link Family#NONE} for what is no socket
     */
    Family family();

    /**
     * The type of the socket, or what it is if it is none.
     *
     * @return the type
     */
    Type type();

    /**
     * Whether connections can be accepted from the socket, socket(7) {@code SO_ACCEPTCONN}.
     *
     * @return {@code true} for a listening socket
     */
    boolean listening();

    /**
     * The local address as text: an IP literal, the path of a unix socket, {@code @name} for an abstract one, the
     * context identifier of a vsock, the path of a FIFO or file.
     *
     * @return the address, {@code null} where there is none
     */
    @Nullable
    String address();

    /**
     * The local port of an internet or vsock socket.
     *
     * @return the port, 0 to 2<sup>32</sup>-1 (a vsock port is 32 bits), -1 where there is none
     */
    long port();

    /**
     * The local address as the JDK has it.
     *
     * @return an {@link java.net.InetSocketAddress} or {@link java.net.UnixDomainSocketAddress}; {@code null} where the
     *     JDK has no class for it: abstract unix sockets, vsock, what is no socket
     */
    @Nullable
    SocketAddress localAddress();

    /**
     * Where the socket came from.
     *
     * @return the origin
     */
    Origin origin();

    /**
     * Opens a duplicate of a listening stream socket, TCP or unix.
     *
     * @return a bound, non-blocking channel that the caller closes
     * @throws WrongKindException if this is no listening stream socket of a family that the JDK knows; the message says
     *     what it is
     * @throws IOException if the duplicate cannot be made, for instance because the process has no descriptor left
     */
    ServerSocketChannel openServerSocketChannel() throws IOException;

    /**
     * Opens a duplicate of a listening TCP socket for asynchronous use.
     *
     * @param group the group that completes its accepts, {@code null} for the JDK's default group
     * @return a bound channel that the caller closes
     * @throws WrongKindException if this is no listening TCP socket (the JDK has no asynchronous unix channel)
     * @throws IOException if the duplicate cannot be made
     */
    AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(@Nullable AsynchronousChannelGroup group)
            throws IOException;

    /**
     * Opens a duplicate of a connected stream socket, as {@code Accept=yes} passes it.
     *
     * @return a connected, non-blocking channel that the caller closes; its peer sees the end of the stream only when
     *     every duplicate and the descriptor itself are closed, so end it with {@link SocketChannel#shutdownOutput()}
     * @throws WrongKindException if this is no connected stream socket
     * @throws IOException if the duplicate cannot be made
     */
    SocketChannel openSocketChannel() throws IOException;

    /**
     * Opens a duplicate of a UDP socket.
     *
     * @return a bound, non-blocking channel that the caller closes
     * @throws WrongKindException if this is no UDP socket (the JDK has no unix datagram channel)
     * @throws IOException if the duplicate cannot be made
     */
    DatagramChannel openDatagramChannel() throws IOException;

    /**
     * Duplicates the bare descriptor, for native transports and for what the JDK has no channel for. Works for every
     * kind. A socket is non-blocking. No child that the JDK starts inherits it; it is close-on-exec too in a sealed JVM,
     * while an opened one has no way to set that.
     *
     * @return the duplicate, which the caller closes or {@linkplain OwnedDescriptor#release() releases}
     * @throws IOException if the duplicate cannot be made
     */
    OwnedDescriptor openDescriptor() throws IOException;

    /**
     * What can be filtered by.
     *
     * @return the service properties, those constants of this interface that have a value
     */
    default Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(SOCKET_NAME, name());
        properties.put(SOCKET_FD, descriptor());
        properties.put(SOCKET_FAMILY, family().toString());
        properties.put(SOCKET_TYPE, type().toString());
        properties.put(SOCKET_LISTENING, listening());
        properties.put(SOCKET_ORIGIN, origin().toString());
        String address = address();
        if (address != null) {
            properties.put(SOCKET_ADDRESS, address);
        }
        long port = port();
        if (port >= 0) {
            properties.put(SOCKET_PORT, port <= Integer.MAX_VALUE ? (Object) (int) port : (Object) port);
        }
        return properties;
    }
}
