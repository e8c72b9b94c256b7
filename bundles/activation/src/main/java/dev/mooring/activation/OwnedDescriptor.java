package dev.mooring.activation;

import java.io.Closeable;
import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bare descriptor with an owner: whoever holds this object closes it, once, or hands the number on to someone who
 * will.
 *
 * <pre>{@code
 * try (OwnedDescriptor descriptor = socket.openDescriptor()) {
 *     channel = new EpollServerSocketChannel(descriptor.number());
 *     descriptor.release();
 * }
 * }</pre>
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public interface OwnedDescriptor extends Closeable {

    /**
     * The number of the descriptor, which stays owned by this object.
     *
     * @return the number
     * @throws IllegalStateException if it was closed or released
     */
    int number();

    /**
     * Hands the descriptor to the caller, who must close it by other means; {@link #close()} does nothing from here on.
     *
     * @return the number
     * @throws IllegalStateException if it was closed or released
     */
    int release();

    /**
     * Closes the descriptor, unless it was closed or released before.
     *
     * @throws IOException if the system reports an error; the descriptor is gone all the same
     */
    @Override
    void close() throws IOException;
}
