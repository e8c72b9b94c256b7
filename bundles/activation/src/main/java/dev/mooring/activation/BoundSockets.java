package dev.mooring.activation;

import dev.mooring.activation.internal.TraditionalStart;
import java.io.Closeable;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The sockets that a process binds if it was not activated. They follow a configuration that may change. The bound sockets and the errors are
 * logged.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public interface BoundSockets extends Closeable {

    /**
     * Makes an object without sockets.
     *
     * @param publisher called with all sockets after each change, by the thread that made the change
     * @return an object without sockets; the caller closes it
     */
    static BoundSockets open(Consumer<? super NamedSockets> publisher) {
        return new TraditionalStart(publisher::accept, System.getProperty("dev.mooring.activation.listen"));
    }

    /**
     * Listens on the addresses of a list. Entries of the previous list that are also in the new one keep listening without a gap; the others are
     * closed.
     *
     * @param entries entries as for {@link NamedSockets#bind}; {@code null} for those of the system property {@code dev.mooring.activation.listen},
     *     which are separated by commas
     */
    void listen(@Nullable List<String> entries);

    /** Closes the sockets, and removes the paths of unix sockets. */
    @Override
    void close();
}
