package dev.mooring.activation;

import dev.mooring.activation.internal.NotifySocket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Who started this process, and is told how it does: systemd, or any launcher that speaks its protocol.
 *
 * <p>In OSGi this is a service too. Instances are safe for use by several threads.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_watchdog_enabled.html">sd_watchdog_enabled(3)</a>
 */
@ProviderType
public interface ServiceManager {

    /**
     * Reads {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC} and {@code WATCHDOG_PID}.
     *
     * @return the service manager; one that is not {@linkplain #isPresent() present} if nobody wants to be told
     */
    static ServiceManager fromEnvironment() {
        return NotifySocket.fromEnvironment();
    }

    /**
     * Whether there is anybody to tell.
     *
     * @return {@code false} if {@code NOTIFY_SOCKET} is absent or malformed
     */
    boolean isPresent();

    /**
     * Tells the service manager, in one datagram. Does nothing if it is not present. The first call loads a native library
     * (the JDK has no unix datagram channel), which takes some 0.3 to 0.6 s: make it where nobody waits for it.
     *
     * @param assignments such as {@code READY=1} and {@code STATUS=…}, each without a line break
     * @throws IOException if it could not be told; the message says what is wrong and the remedy
     * @throws IllegalArgumentException if one of them is no assignment or has a line break
     */
    void send(String... assignments) throws IOException;

    /**
     * How long the service manager waits for {@code WATCHDOG=1} before it ends this process; half of that is a good pause
     * between two.
     *
     * @return the time, empty if it does not wait for that from this process
     */
    Optional<Duration> watchdog();

    /**
     * What was wrong with the variables, each in a sentence that says which, what and the remedy.
     *
     * @return an immutable list, empty if all is well
     */
    List<String> problems();
}
