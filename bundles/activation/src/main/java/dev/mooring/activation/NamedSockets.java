package dev.mooring.activation;

import dev.mooring.activation.internal.Sockets;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * All sockets that were passed to this process, in the order of their descriptors, and the problems with others.
 *
 * <p>Absence and error are different things: a process that was not activated has no sockets and no problems. A malformed
 * variable or a bad descriptor is a {@linkplain #problems() problem}, and the good descriptors are available anyway.
 *
 * <p>In OSGi this is also a service. It is registered after the {@link NamedSocket} services, so its presence shows that
 * they are complete.
 *
 * <p>Instances are immutable.
 */
@ProviderType
public interface NamedSockets {

    /**
     * Reads {@code LISTEN_PID}, {@code LISTEN_PIDFDID}, {@code LISTEN_FDS} and {@code LISTEN_FDNAMES} by the rules of
     * sd_listen_fds(3) and inspects the descriptors. It can be called again: the descriptors stay open.
     *
     * @return the sockets; empty and without problems if this process was not activated
     */
    static NamedSockets fromEnvironment() {
        return Sockets.fromEnvironment();
    }

    /**
     * The traditional start: binds addresses, for a process that was not activated.
     *
     * @param listen entries {@code NAME=ADDRESS}, the address being {@code HOST:PORT}, {@code [IPV6]:PORT},
     *     {@code PORT} (IPv6 and IPv4, as in {@code ListenStream=}) or {@code unix:PATH}; port 0 is an ephemeral port
     * @return the sockets, open until the process ends; an address that could not be bound is a problem
     */
    static NamedSockets bind(List<String> listen) {
        return Sockets.bind(listen);
    }

    /**
     * Whether this process was activated: whether descriptors were meant for it, even if none of them is usable.
     *
     * @return {@code false} if it must bind its own sockets
     */
    boolean activated();

    /**
     * Every socket.
     *
     * @return an immutable list in the order of the descriptors
     */
    List<NamedSocket> all();

    /**
     * The sockets of one name.
     *
     * @param name the name to look for
     * @return an immutable list in the order of the descriptors; empty if there is none
     */
    List<NamedSocket> named(String name);

    /**
     * The one socket of a name.
     *
     * @param name the name to look for
     * @return the socket
     * @throws IOException if there is none or more than one; the message contains the existing sockets and the problems
     */
    NamedSocket get(String name) throws IOException;

    /**
     * The names of all sockets.
     *
     * @return an immutable set in the order of the descriptors
     */
    Set<String> names();

    /**
     * The problems with the variables or the descriptors. Each is a sentence with the variable or descriptor, the problem
     * and the remedy.
     *
     * @return an immutable list; empty if there are none
     */
    List<String> problems();

    /**
     * The number of connections of these sockets that are open in this process, no matter which code has accepted them. A connected descriptor counts
     * if its local address is that of a listening stream socket. A connection that its peer has closed counts until this process closes it too. This
     * inspects every descriptor of the process, so do not call it for each request.
     *
     * @return the number; sockets of a family that the JDK does not know (vsock) are not counted
     */
    int openConnections();
}
