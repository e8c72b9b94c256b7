package dev.mooring.http.internal;

import dev.mooring.http.HttpSettings;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.nio.channels.ServerSocketChannel;
import java.util.EnumSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/** Jetty, with as little of it as serving files takes. */
public final class Engine implements Closeable {

    /** Held here, because java.util.logging forgets a logger that nobody holds, and its level with it. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    static {
        if (JETTY.getLevel() == null) {
            JETTY.setLevel(Level.WARNING);
        }
    }

    private final Server server;
    private final SocketConnector connector;

    /**
     * Builds and starts the engine.
     *
     * @param name what the server is called in the log and in the names of its threads
     * @param share what is served
     * @param settings how
     * @throws IllegalStateException if Jetty does not start
     */
    public Engine(String name, Share share, HttpSettings settings) {
        QueuedThreadPool threads = new QueuedThreadPool(200, 2);
        threads.setName(name);
        server = new Server(
                threads,
                new ScheduledExecutorScheduler(name + "-scheduler", false),
                new ArrayByteBufferPool(0, 4096, BodyWriter.BUFFER_SIZE));
        server.setHandler(new FileHandler(name, share, settings));
        server.setErrorHandler(new ErrorPage());
        connector = new SocketConnector(server, new HttpConnectionFactory(configuration()));
        connector.setIdleTimeout(settings.idleTimeout().toMillis());
        server.addConnector(connector);
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException(name + " cannot start its engine", e);
        }
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendXPoweredBy(false);
        // RequestPath reads the raw path, so nothing in it is ambiguous: any name that a file can have gets through.
        configuration.setUriCompliance(UriCompliance.from(EnumSet.of(
                Violation.AMBIGUOUS_EMPTY_SEGMENT,
                Violation.AMBIGUOUS_PATH_ENCODING,
                Violation.AMBIGUOUS_PATH_PARAMETER,
                Violation.AMBIGUOUS_PATH_SEGMENT,
                Violation.AMBIGUOUS_PATH_SEPARATOR,
                Violation.ILLEGAL_PATH_CHARACTERS,
                Violation.SUSPICIOUS_PATH_CHARACTERS)));
        return configuration;
    }

    /**
     * Accepts connections from a channel.
     *
     * @param channel a bound, non-blocking channel, which is the engine's from here on
     * @return stops accepting and closes the channel; connections go on
     */
    public Closeable listen(ServerSocketChannel channel) {
        return connector.listen(channel);
    }

    /** Closes every connection and ends every thread. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            JETTY.log(Level.WARNING, "Jetty did not stop in good order", e);
        }
    }
}
