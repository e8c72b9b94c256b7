package dev.mooring.felix.http.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.common.Configuration;
import java.time.Duration;
import java.util.Map;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/**
 * The values of the configuration.
 *
 * @param sockets matches the services of the sockets
 * @param idleTimeout the time without a byte after which a connection is closed
 * @param drainTimeout the time that requests may take to finish when the connector stops
 */
record Settings(Filter sockets, Duration idleTimeout, Duration drainTimeout) {

    /**
     * Reads the configuration.
     *
     * @throws IllegalArgumentException if a value is wrong; the message names the key, the problem and the remedy
     */
    static Settings of(Configuration configuration) {
        return new Settings(
                filter(configuration.text("sockets.target")),
                positive(configuration, "idle.timeout", 1),
                positive(configuration, "drain.timeout", 0));
    }

    private static Filter filter(String target) {
        try {
            return FrameworkUtil.createFilter(
                    "(&(" + Constants.OBJECTCLASS + "=" + NamedSocket.class.getName() + ")" + target + ")");
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(
                    "sockets.target = '" + target + "' is no filter; write one, like (socket.name=console)", e);
        }
    }

    private static Duration positive(Configuration configuration, String key, long least) {
        Duration duration = configuration.seconds(key);
        if (duration.toSeconds() < least) {
            throw new IllegalArgumentException(
                    key + " = '" + duration.toSeconds() + "' is too short; write it in seconds, " + least + " or more");
        }
        return duration;
    }

    /** Reads the properties of a configuration. */
    static Settings of(Map<String, ?> properties) {
        Configuration configuration = new Configuration(Keys.class, properties);
        configuration.warnOfUnknown(System.getLogger(Activator.PID));
        return of(configuration);
    }
}
