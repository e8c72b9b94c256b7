package dev.mooring.protocol;

import dev.mooring.common.Configuration;
import dev.mooring.share.Share;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Makes the servers of a protocol. Without OSGi {@link java.util.ServiceLoader} finds it; in OSGi the component of the protocol has one.
 * Implementations have no state.
 */
@ConsumerType
public interface ServerProvider {

    /** The default of {@code share.target}. */
    String DEFAULT_SHARE = "(share.name=default)";

    /** The default of {@code accounts.target}. */
    String DEFAULT_ACCOUNTS = "(accounts.name=default)";

    /**
     * Names the protocol.
     *
     * @return the factory PID; each configuration of it, such as {@code dev.mooring.http~public}, is a server
     */
    String pid();

    /**
     * Declares the configuration keys. They include {@code sockets.target}, {@code share.target}, {@code accounts.target}, {@code drain.timeout},
     * {@code replaced.timeout}, {@code access.log}, {@code proxy.protocol} and {@code proxy.trusted}, and {@code data.target} if the servers are {@link DataSockets}.
     *
     * @return a component property type, as for {@link Configuration}
     */
    Class<? extends Annotation> keys();

    /**
     * Whether a server needs accounts to start.
     *
     * @return {@code false} if it also serves clients that do not log in
     */
    default boolean needsAccounts() {
        return false;
    }

    /**
     * Makes a server.
     *
     * @param name its name, such as {@code http~public}
     * @param share the tree that it serves
     * @param configuration the configuration
     * @param directory where the server keeps its state unless the configuration names another place; it need not exist
     * @return the server; the caller starts and closes it
     * @throws IllegalArgumentException if the configuration is invalid; the message names the key, the problem and the remedy
     */
    SocketServer make(String name, Share share, Configuration configuration, Path directory);
}
