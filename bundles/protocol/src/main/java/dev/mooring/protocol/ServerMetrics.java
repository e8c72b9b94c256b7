package dev.mooring.protocol;

import dev.mooring.common.ClientText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections, transfers and bytes of a server, and writes the access log if it is on.
 *
 * <p>The access log has one format for all protocols: the Common Log Format of web servers, followed by the duration in seconds and the server:
 *
 * <pre>{@code
 * 192.0.2.7 - ada [22/Nov/2026:14:03:27 +0000] "GET /a%20b.txt HTTP/1.1" 200 1024 0.003 http~public
 * }</pre>
 *
 * <p>The status is that of the response in HTTP, of the last reply in FTP, {@code SSH_FX_…} in SFTP. The logger is
 * {@code dev.mooring.access}.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class ServerMetrics {

    private static final String LOGGER = "dev.mooring.access";
    private static final double NANOS = 1e9;

    private final String server;
    private final LongAdder connections = new LongAdder();
    private final LongAdder transfers = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder proxyErrors = new LongAdder();
    private volatile boolean awaited;
    private volatile long lastDisconnection = System.nanoTime();
    private volatile @Nullable Logger log;

    ServerMetrics(String server) {
        this.server = server;
    }

    void setLogged(boolean logged) {
        log = logged ? System.getLogger(LOGGER) : null;
    }

    /**
     * Whether the access log is on. If not, callers need not collect the values of a line.
     *
     * @return {@code true} if {@link #log} writes
     */
    public boolean isLogged() {
        return log != null;
    }

    /** Counts a connection that has been accepted. */
    public void connected() {
        connections.increment();
    }

    /** Stops counting a connection. */
    public void disconnected() {
        lastDisconnection = System.nanoTime();
        connections.decrement();
        if (awaited) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /**
     * Waits until there is no connection.
     *
     * @return {@code false} if a connection is left when the time is over
     */
    synchronized boolean awaitNoConnection(Duration patience) throws InterruptedException {
        awaited = true;
        long deadline = System.nanoTime() + patience.toNanos();
        for (long left = patience.toNanos(); connections() > 0 && left > 0; left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return connections() == 0;
    }

    /** Counts a request or transfer in progress. */
    public void begun() {
        transfers.increment();
    }

    /** Stops counting a request or transfer. */
    public void ended() {
        transfers.decrement();
    }

    /**
     * Counts the bytes of files and listings that were transferred in either direction.
     *
     * @param count the number of bytes
     */
    public void moved(long count) {
        bytes.add(count);
    }

    /** Counts a connection that was ended because of its PROXY header or its peer. */
    void proxyFailed() {
        proxyErrors.increment();
    }

    long proxyErrors() {
        return proxyErrors.sum();
    }

    long connections() {
        return connections.sum();
    }

    Duration idle() {
        return connections() > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - lastDisconnection);
    }

    long transfers() {
        return transfers.sum();
    }

    long bytes() {
        return bytes.sum();
    }

    /**
     * Writes a line to the access log, if it is on.
     *
     * @param peer the client
     * @param user the account, {@code null} for none
     * @param request the command in the protocol's term, such as {@code GET} or {@code RETR}
     * @param target the path, percent-encoded as {@link ClientText#encode} does
     * @param protocol the protocol and its version
     * @param status the status of the reply
     * @param count the number of transferred bytes
     * @param duration the time from the command to its end
     */
    public void log(
            @Nullable SocketAddress peer,
            @Nullable String user,
            String request,
            String target,
            String protocol,
            int status,
            long count,
            Duration duration) {
        Logger open = log;
        if (open != null) {
            open.log(
                    Level.INFO,
                    address(peer) + " - " + (user == null ? "-" : ClientText.encode(user)) + " ["
                            + Time.FORMAT.format(ZonedDateTime.now())
                            + "] \"" + ClientText.encodeRest(request) + " " + ClientText.encodeRest(target) + " "
                            + protocol + "\" " + status
                            + " "
                            + count + " " + String.format(Locale.ROOT, "%.3f", duration.toNanos() / NANOS) + " "
                            + server);
        }
    }

    /** Loaded with the first line, because a formatter takes long to make. */
    private static final class Time {
        static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);
    }

    private static String address(@Nullable SocketAddress peer) {
        return peer instanceof InetSocketAddress inet && !inet.isUnresolved()
                ? inet.getAddress().getHostAddress()
                : "unix";
    }
}
