package dev.mooring.share;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs what clients can cause before they have logged in: one line for an address and minute, so that nobody fills the log. The
 * next one says how many were left out. An IPv6 address stands for its /64 ({@link Peer#network}). One object is for one kind of
 * line.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class ClientLog {

    private final Logger log;
    private final OncePerMinute limit = new OncePerMinute();

    /**
     * Limits the lines of one kind.
     *
     * @param log where they go
     */
    public ClientLog(Logger log) {
        this.log = log;
    }

    /**
     * Logs a line, unless there was one for this address within the last minute.
     *
     * @param level its level
     * @param address the client's, {@code null} where there is none
     * @param line makes the line, in which every value of a client is a {@link ClientText}
     */
    public void log(Level level, @Nullable InetAddress address, Supplier<String> line) {
        if (log.isLoggable(level)) {
            int leftOut = limit.leftOut(Peer.network(address));
            if (leftOut >= 0) {
                log.log(level, line.get() + suffix(leftOut));
            }
        }
    }

    /**
     * What a line says about those before it.
     *
     * @param leftOut how many were left out
     * @return nothing for none
     */
    public static String suffix(int leftOut) {
        return leftOut == 0 ? "" : " (and " + leftOut + " like it before that were left out)";
    }
}
