package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What can be seen of a server while it runs, published as a service from its start until its last connection has ended: longer
 * than its bundle is active, where that was stopped or updated. A configured server that cannot start is published too, with its
 * {@linkplain #problem() problem}. Instances are safe for use by several threads.
 */
@ProviderType
public interface ProtocolServer {

    /** Service property: {@link #name()}. Type: {@code String}. */
    String SERVER_NAME = "server.name";

    /** Service property: {@link #protocol()}. Type: {@code String}. */
    String SERVER_PROTOCOL = "server.protocol";

    /**
     * What the server is called.
     *
     * @return a name such as {@code http~public}
     */
    String name();

    /**
     * What it speaks.
     *
     * @return the scheme of its URLs (RFC 3986 section 3.1), such as {@code http}
     */
    String protocol();

    /**
     * What it accepts from.
     *
     * @return the sockets that it serves on at this moment; those that it cannot serve on are not among them
     */
    List<NamedSocket> sockets();

    /**
     * How many clients are connected.
     *
     * @return a number of connections, those for data of FTP not counted
     */
    long connections();

    /**
     * How long nobody has been connected.
     *
     * @return the time since the last connection ended, or since the server was made; nothing while there is a connection
     */
    Duration idle();

    /**
     * How many clients wait for something.
     *
     * @return a number of requests and transfers that have begun and not ended
     */
    long transfers();

    /**
     * Whether it is on its way out.
     *
     * @return {@code true} if it accepts no more connections, and only lets those that it has come to their end
     */
    boolean draining();

    /**
     * How much has been moved.
     *
     * @return the bytes of content of files and listings, in both directions, since the server was made
     */
    long bytes();

    /**
     * Why the server serves nobody. The log has the long form, with the remedy.
     *
     * @return a few words, such as {@code waits for accounts that match (accounts.name=default)}; {@code null} if nothing is wrong
     */
    @Nullable
    String problem();
}
