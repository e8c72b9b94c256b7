package dev.mooring.common;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs events that clients can cause before they have logged in. It logs one line for each address and minute, so that no client can fill the log.
 * The next line has the number of omitted ones. An IPv6 address stands for its /64 ({@link ClientNetwork}). Use one instance for each kind of line.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class ClientLog {

    private final Logger log;
    private final OncePerMinute limit = new OncePerMinute();

    /**
     * Makes a log for one kind of line.
     *
     * @param log receives the lines
     */
    public ClientLog(Logger log) {
        this.log = log;
    }

    /**
     * Logs a line, unless there was one for this address within the last minute.
     *
     * @param level the level
     * @param address the address of the client; {@code null} if it has none
     * @param line makes the line, in which every value from a client is a {@link ClientText}
     */
    public void log(Level level, @Nullable InetAddress address, Supplier<String> line) {
        if (log.isLoggable(level)) {
            int leftOut = limit.leftOut(ClientNetwork.of(address));
            if (leftOut >= 0) {
                log.log(level, line.get() + suffix(leftOut));
            }
        }
    }

    /**
     * The end of a line after omitted lines.
     *
     * @param leftOut the number of omitted lines
     * @return the text; empty for 0
     */
    public static String suffix(int leftOut) {
        return leftOut == 0 ? "" : " (" + leftOut + " similar lines omitted before)";
    }
}
