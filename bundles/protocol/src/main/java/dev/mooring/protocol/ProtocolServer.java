package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Runtime status of a server. It is a service from the server's start until its last connection has ended, which may be after its bundle was stopped
 * or updated. A configured server that cannot start is a service too, with its {@linkplain #problem() problem}. Instances are safe for use by
 * several threads.
 */
@ProviderType
public interface ProtocolServer {

    /** Service property: {@link #name()}. Type: {@code String}. */
    String SERVER_NAME = "server.name";

    /** Service property: the ID of the bundle that the server belongs to. Type: {@code Long}. */
    String SERVER_BUNDLE = "server.bundle";

    /** Service property: whether the server has stopped accepting, and drains. Type: {@code Boolean}, or absent. */
    String SERVER_DRAINING = "server.draining";

    /** Service property: {@link #protocol()}. Type: {@code String}. */
    String SERVER_PROTOCOL = "server.protocol";

    /**
     * The name of the server.
     *
     * @return a name such as {@code http~public}
     */
    String name();

    /**
     * The protocol of the server.
     *
     * @return the scheme of its URLs (RFC 3986 section 3.1), such as {@code http}
     */
    String protocol();

    /**
     * The sockets of the server.
     *
     * @return the sockets that it currently serves, without those that it cannot serve
     */
    List<NamedSocket> sockets();

    /**
     * The number of connected clients.
     *
     * @return the number of connections, without the data connections of FTP
     */
    long connections();

    /**
     * The time without a connection.
     *
     * @return the time since the last connection ended, or since the server was made; zero while a connection exists
     */
    Duration idle();

    /**
     * The number of requests and transfers in progress.
     *
     * @return the number of requests and transfers that have begun and not ended
     */
    long transfers();

    /**
     * Whether the server is draining.
     *
     * @return {@code true} if it no longer accepts connections and waits for the existing ones to end
     */
    boolean draining();

    /**
     * Whether the server does not accept connections yet, because it rehearses first. Another process serves meanwhile.
     *
     * @return {@code true} until the server accepts
     */
    default boolean rehearsing() {
        return false;
    }

    /**
     * The number of transferred bytes.
     *
     * @return the bytes of files and listings in both directions since the server was made
     */
    long bytes();

    /**
     * The number of connections that were ended because of the PROXY protocol: their peer is not a trusted proxy, or did not send a valid header in
     * time.
     *
     * @return the number since the server was made; 0 if it does not use the PROXY protocol
     */
    default long proxyErrors() {
        return 0;
    }

    /**
     * Why the server cannot serve. The log has the long form with the remedy.
     *
     * @return a few words, such as {@code waits for accounts by the filter (accounts.name=default)}; {@code null} if nothing is wrong
     */
    @Nullable
    String problem();
}
