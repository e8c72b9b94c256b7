package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.share.Configuration;
import dev.mooring.share.Share;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Makes the servers of a protocol. Without OSGi it is found by {@link java.util.ServiceLoader}; inside, the component of the
 * protocol has it. Implementations have no state.
 */
@ConsumerType
public interface ServerProvider {

    /** The default of {@code share.target}. */
    String DEFAULT_SHARE = "(share.name=default)";

    /** The default of {@code accounts.target}. */
    String DEFAULT_ACCOUNTS = "(accounts.name=default)";

    /**
     * Whose servers these are.
     *
     * @return the factory PID: a configuration of it, such as {@code dev.mooring.http~public}, is a server
     */
    String pid();

    /**
     * What can be configured, {@code sockets.target}, {@code share.target}, {@code accounts.target}, {@code drain.timeout} and
     * {@code access.log} among it, and {@code data.target} if the servers are {@link DataSockets}.
     *
     * @return a component property type, as of {@link Configuration}
     */
    Class<? extends Annotation> keys();

    /**
     * Whether a server accepts nobody as long as there are no accounts.
     *
     * @return {@code false} if it has something for those who do not log in
     */
    default boolean needsAccounts() {
        return false;
    }

    /**
     * Makes a server.
     *
     * @param name what it is called, such as {@code http~public}
     * @param share what it serves
     * @param configuration the configuration
     * @param directory for what the server has to keep, where the configuration names no other; it need not be there yet
     * @return the server, which is the caller's to start and close
     * @throws IllegalArgumentException if the configuration is no good; the message says which key, what and the remedy
     */
    SocketServer make(String name, Share share, Configuration configuration, Path directory);

    /**
     * Makes classes ready that an engine takes. A runtime calls this by a thread of its own while it starts, if somebody waits in the
     * queue of a socket that has the name of the protocol: that is the last part of {@link #pid()}. Nothing depends on it.
     *
     * @param queued the socket, of which duplicates may be opened and closed; nothing may be taken out of its queue
     * @throws Exception if that is not possible; whoever needs those classes will be told
     */
    default void warmUp(NamedSocket queued) throws Exception {
        // It is worth it where a start takes long.
    }
}
