package dev.mooring.protocol;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A server that only its own process can reach. It has the classes and the configuration of a server that is about to replace another, but a share, an
 * account and a socket of its own. Requests to it load, initialise and compile the code, so that clients need not wait for that later.
 *
 * <p>Only one thread uses an instance.
 */
@ProviderType
public interface Rehearsal {

    /** A file of the share, of {@link #SMALL_SIZE} bytes. */
    String SMALL = "small.bin";

    /** The size of {@link #SMALL}, in bytes. */
    int SMALL_SIZE = 20_000;

    /** A file of the share, of {@link #LARGE_SIZE} bytes. */
    String LARGE = "large.bin";

    /** The size of {@link #LARGE}, in bytes. */
    int LARGE_SIZE = 1 << 20;

    /**
     * Connects to the server.
     *
     * @return a connected, blocking channel, which the caller closes
     * @throws IOException if that is not possible
     */
    SocketChannel connect() throws IOException;

    /**
     * Starts TLS as a client that trusts every certificate.
     *
     * @param channel a connected, blocking channel, which the result closes
     * @return a channel for the decrypted data
     * @throws IOException if the handshake fails
     */
    ByteChannel secure(ByteChannel channel) throws IOException;

    /**
     * The name of the only user.
     *
     * @return a name, which consists of letters
     */
    String user();

    /**
     * The password of the user.
     *
     * @return a random password, which consists of letters and digits
     */
    String password();

    /**
     * Whether more requests would still be useful. A thread that is interrupted, or that has taken long enough, must end. First this pauses, at
     * most a second: in proportion to the time since the last call, so that clients have the processor most of the time.
     *
     * @return {@code false} if the rehearsal must end now
     */
    boolean goesOn();
}
