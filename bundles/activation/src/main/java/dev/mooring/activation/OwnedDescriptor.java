package dev.mooring.activation;

import java.io.Closeable;
import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bare descriptor with an owner. The holder of this object closes it once, or releases it to another owner that closes
 * it.
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
     * The number of the descriptor. This object still owns it.
     *
     * @return the number
     * @throws IllegalStateException if it was closed or released
     */
    int number();

    /**
     * Passes the ownership to the caller, who must close the descriptor by other means. {@link #close()} then does nothing.
     *
     * @return the number
     * @throws IllegalStateException if it was closed or released
     */
    int release();

    /**
     * Closes the descriptor, unless it was closed or released before.
     *
     * @throws IOException if the system reports an error; the descriptor is closed anyway
     */
    @Override
    void close() throws IOException;
}
