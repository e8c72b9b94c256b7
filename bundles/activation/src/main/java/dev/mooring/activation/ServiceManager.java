package dev.mooring.activation;

import dev.mooring.activation.internal.NotifySocket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The service manager that started this process and receives its notifications: systemd, or any launcher that implements
 * its protocol.
 *
 * <p>In OSGi this is also a service. Instances are safe for use by several threads.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_watchdog_enabled.html">sd_watchdog_enabled(3)</a>
 */
@ProviderType
public interface ServiceManager {

    /**
     * Reads {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC} and {@code WATCHDOG_PID}.
     *
     * @return the service manager; it is not {@linkplain #isPresent() present} if no notifications are expected
     */
    static ServiceManager fromEnvironment() {
        return NotifySocket.fromEnvironment();
    }

    /**
     * Whether notifications are expected.
     *
     * @return {@code false} if {@code NOTIFY_SOCKET} is absent or malformed
     */
    boolean isPresent();

    /**
     * Sends a notification in one datagram. Does nothing if the service manager is not present. The first call loads a
     * native library, because the JDK has no unix datagram channel. That takes some 0.3 to 0.6 s, so call it on a thread
     * that no client waits for.
     *
     * @param assignments assignments such as {@code READY=1} and {@code STATUS=…}, each without a line break
     * @throws IOException if the notification cannot be sent; the message contains the problem and the remedy
     * @throws IllegalArgumentException if an element is not an assignment or has a line break
     */
    void send(String... assignments) throws IOException;

    /**
     * The time for which the service manager waits for {@code WATCHDOG=1} before it ends this process. Half of it is a good
     * interval for these pings.
     *
     * @return the time; empty if the service manager expects no pings from this process
     */
    Optional<Duration> watchdog();

    /**
     * The problems with the variables. Each is a sentence with the variable, the problem and the remedy.
     *
     * @return an immutable list; empty if there are none
     */
    List<String> problems();
}
