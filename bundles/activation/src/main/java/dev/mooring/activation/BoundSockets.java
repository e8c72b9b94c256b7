package dev.mooring.activation;

import dev.mooring.activation.internal.TraditionalStart;
import java.io.Closeable;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a process listens on that was not activated, as a configuration says that may change. What is bound and what cannot be is
 * said in the log.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public interface BoundSockets extends Closeable {

    /**
     * Begins with nothing.
     *
     * @param publisher called with all sockets after each change, by the thread that made it
     * @return nothing yet, which the caller closes
     */
    static BoundSockets open(Consumer<? super NamedSockets> publisher) {
        return new TraditionalStart(publisher::accept, System.getProperty("dev.mooring.activation.listen"));
    }

    /**
     * Listens on what a list says: those of its entries that were there before keep listening without a gap, others are closed.
     *
     * @param entries as of {@link NamedSockets#bind}; {@code null} for the system property {@code dev.mooring.activation.listen},
     *     where they are separated by commas
     */
    void listen(@Nullable List<String> entries);

    /** Closes the sockets, and removes the paths of those that have one. */
    @Override
    void close();
}
