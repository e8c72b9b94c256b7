package dev.mooring.activation;

import dev.mooring.activation.internal.Sockets;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * All sockets that this process was given, in the order of their descriptors, and what was wrong with the rest.
 *
 * <p>Absence and error are different things: a process that was not activated has no sockets and no problems; a malformed
 * variable or a bad descriptor is a {@linkplain #problems() problem}, and the good descriptors are here all the same.
 *
 * <p>In OSGi this is a service too, registered after the {@link NamedSocket} services, so that whoever gets it knows
 * that these have been published.
 *
 * <p>Instances are immutable.
 */
@ProviderType
public interface NamedSockets {

    /**
     * Reads {@code LISTEN_PID}, {@code LISTEN_PIDFDID}, {@code LISTEN_FDS} and {@code LISTEN_FDNAMES} by the rules of
     * sd_listen_fds(3) and looks at the descriptors. It can be called again: the descriptors stay open.
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
     *     {@code PORT} (IPv6 and IPv4, as in {@code ListenStream=}) or {@code unix:PATH}; port 0 is an ephemeral one
     * @return the sockets, open until the process ends; an address that could not be bound is a problem
     */
    static NamedSockets bind(List<String> listen) {
        return Sockets.bind(listen);
    }

    /**
     * Whether this process was activated: whether descriptors were meant for it, even if none of them is good.
     *
     * @return {@code false} if it has to bind what it listens on
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
     * @return an immutable list in the order of the descriptors, empty if there is none
     */
    List<NamedSocket> named(String name);

    /**
     * The one socket of a name.
     *
     * @param name the name to look for
     * @return the socket
     * @throws IOException if there is none or more than one; the message has the names that there are, and the problems
     */
    NamedSocket get(String name) throws IOException;

    /**
     * The names that there are.
     *
     * @return an immutable set in the order of the descriptors
     */
    Set<String> names();

    /**
     * What was wrong with the variables or the descriptors, each in a sentence that says which, what and the remedy.
     *
     * @return an immutable list, empty if all is well
     */
    List<String> problems();

    /**
     * How many connections that came in on these sockets this process has open, whoever accepted them: a connected descriptor of this
     * process counts whose local address is that of a listening stream socket. One that its peer has closed counts until this
     * process closes it too. Looks at every descriptor of the process, so it is not for each request.
     *
     * @return the number; sockets of a family that the JDK does not know (vsock) are not counted
     */
    int openConnections();
}
