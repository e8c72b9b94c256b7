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
 * A named descriptor that was passed to this process, usually a listening socket that systemd holds.
 *
 * <p>The descriptor itself is never handed out. Each {@code open…()} makes a new <em>duplicate</em>, which the caller
 * owns and closes. Closing it does not affect the descriptor, the other duplicates or the connections in the accept
 * queue. When a bundle releases this service, at the latest when it stops, its open duplicates are closed. If the framework
 * stops, they are closed when the bundle {@code dev.mooring.activation} stops, so that servers can drain.
 *
 * <p>Duplicates share one open file description (dup(2)), and with it {@code O_NONBLOCK}. Every channel is non-blocking,
 * and <strong>must stay so</strong>: a consumer that switches to blocking mode would block the others. Never call
 * {@code shutdown(2)} on a listening socket, because that ends it for everyone.
 *
 * <p>Instances are safe for use by several threads.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds(3)</a>
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/systemd.socket.html">systemd.socket(5)</a>
 */
@ProviderType
public interface NamedSocket {

    /**
     * Service property: the entry of {@code LISTEN_FDNAMES}; {@value #UNKNOWN} if that variable is absent. Names may
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

    /** Service property: {@link #address()}; absent if there is none. Type: {@code String}. */
    String SOCKET_ADDRESS = "socket.address";

    /**
     * Service property: {@link #port()}; absent if there is none. Type: {@code Integer}, or {@code Long} for a vsock port
     * that exceeds {@code Integer}.
     */
    String SOCKET_PORT = "socket.port";

    /** Service property: {@link #origin()} in lower case. Type: {@code String}. */
    String SOCKET_ORIGIN = "socket.origin";

    /** The name of a socket if {@code LISTEN_FDNAMES} is absent, by sd_listen_fds_with_names(3). */
    String UNKNOWN = "unknown";

    /** The address family, socket(7) {@code SO_DOMAIN}. */
    enum Family {
        INET,
        INET6,
        UNIX,
        VSOCK,
        NETLINK,
        /** Not a socket, or a socket of a family that systemd does not pass. */
        NONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The type of a socket (socket(7) {@code SO_TYPE}), or the kind of another descriptor. */
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

    /** The origin of a socket. */
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
     * The number of the descriptor in this process, for diagnostics. The caller does not own it and must not use it; use
     * {@link #openDescriptor()} instead.
     *
     * @return the number, 3 and up
     */
    int descriptor();

    /**
     * The address family of the socket.
     *
     * @return the family; {@link Family#NONE} if this is not a socket
     */
    Family family();

    /**
     * The type of the socket, or the kind of another descriptor.
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
     * @return the address; {@code null} if there is none
     */
    @Nullable
    String address();

    /**
     * The local port of an internet or vsock socket.
     *
     * @return the port, 0 to 2<sup>32</sup>-1 (a vsock port has 32 bits); -1 if there is none
     */
    long port();

    /**
     * The local address as an object of the JDK.
     *
     * @return an {@link java.net.InetSocketAddress} or {@link java.net.UnixDomainSocketAddress}; {@code null} if the
     *     JDK has no class for it: abstract unix sockets, vsock sockets, and descriptors that are not sockets
     */
    @Nullable
    SocketAddress localAddress();

    /**
     * The origin of the socket.
     *
     * @return the origin
     */
    Origin origin();

    /**
     * Opens a duplicate of a listening stream socket, TCP or unix.
     *
     * @return a bound, non-blocking channel that the caller closes
     * @throws WrongKindException if this is not a listening stream socket of a family that the JDK supports; the message
     *     names its kind
     * @throws IOException if the duplicate cannot be made, for instance because the process has no descriptor left
     */
    ServerSocketChannel openServerSocketChannel() throws IOException;

    /**
     * Opens a duplicate of a listening TCP socket for asynchronous use.
     *
     * @param group the group that completes its accepts; {@code null} for the JDK's default group
     * @return a bound channel that the caller closes
     * @throws WrongKindException if this is not a listening TCP socket (the JDK has no asynchronous unix channel)
     * @throws IOException if the duplicate cannot be made
     */
    AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(@Nullable AsynchronousChannelGroup group)
            throws IOException;

    /**
     * Opens a duplicate of a connected stream socket, as {@code Accept=yes} passes it.
     *
     * @return a connected, non-blocking channel that the caller closes; its peer sees the end of the stream only when
     *     every duplicate and the descriptor itself are closed, so end it with {@link SocketChannel#shutdownOutput()}
     * @throws WrongKindException if this is not a connected stream socket
     * @throws IOException if the duplicate cannot be made
     */
    SocketChannel openSocketChannel() throws IOException;

    /**
     * Opens a duplicate of a UDP socket.
     *
     * @return a bound, non-blocking channel that the caller closes
     * @throws WrongKindException if this is not a UDP socket (the JDK has no unix datagram channel)
     * @throws IOException if the duplicate cannot be made
     */
    DatagramChannel openDatagramChannel() throws IOException;

    /**
     * Duplicates the bare descriptor, for native transports and for kinds without a JDK channel. Works for every kind. A
     * socket is non-blocking. Children that the JDK starts do not inherit the duplicate. In a sealed JVM it is also
     * close-on-exec; an opened JVM cannot set that.
     *
     * @return the duplicate, which the caller closes or {@linkplain OwnedDescriptor#release() releases}
     * @throws IOException if the duplicate cannot be made
     */
    OwnedDescriptor openDescriptor() throws IOException;

    /**
     * Puts a duplicate in the place of a listening TCP socket of this process (dup2(2)). This is for servers that bind an address themselves and take
     * no channel. Bind the server to an ephemeral port of the loopback address, call this method, and start the server:
     *
     * <pre>{@code
     * HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
     * socket.replaceListener(server.getAddress());
     * server.start();
     * }</pre>
     *
     * <p>The server must not yet wait for connections: epoll(7) forgets a descriptor whose socket is replaced. The duplicate belongs to the server,
     * which closes it with its own channel. The server still reports the address that it bound.
     *
     * @param bound the address that the server bound
     * @throws WrongKindException if this is not a listening TCP socket
     * @throws IOException if not exactly one other TCP socket of this process listens at that address, or the duplicate cannot be made
     */
    void replaceListener(SocketAddress bound) throws IOException;

    /**
     * The service properties, for filters.
     *
     * @return the values by the constants of this interface, without those that have no value
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
