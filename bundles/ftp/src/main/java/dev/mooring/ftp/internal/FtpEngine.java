package dev.mooring.ftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.ftp.FtpSettings;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.LibraryLog;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.ServedShares;
import dev.mooring.protocol.Traffic;
import dev.mooring.share.Accounts;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.ftplet.FtpException;
import org.apache.ftpserver.impl.DefaultFtpServer;
import org.jspecify.annotations.Nullable;

/** Apache FtpServer on MINA, with listener, commands and data connections of our own. */
public final class FtpEngine implements Engine {

    /** Held here, because java.util.logging forgets a logger that nobody holds, and its level with it. */
    private static final Logger MINA = Logger.getLogger("org.apache.mina");

    private static final Logger FTPSERVER = Logger.getLogger("org.apache.ftpserver");
    private static final long THREAD_IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 5;

    static {
        // They log stack traces for what clients do; what matters is logged by us.
        for (Logger logger : new Logger[] {MINA, FTPSERVER}) {
            if (logger.getLevel() == null) {
                logger.setLevel(Level.OFF);
            }
        }
    }

    private final LibraryLog log = LibraryLog.guard(List.of(MINA.getName(), FTPSERVER.getName()));
    private final String name;
    private final ServedShares shares;
    private final FtpSettings settings;
    private final PassivePool pool;
    private final Accounts accounts;
    private final Traffic traffic;
    private final @Nullable PemIdentity identity;
    private final ExecutorService threads;
    private final ControlSockets sockets;
    private final Control control;
    private final Commands commands;
    private final DefaultFtpServer server;

    /**
     * Builds and starts the engine.
     *
     * @param name what the server is called in the log and in the names of its threads
     * @param shares what is served
     * @param settings how
     * @param identity for FTPS, {@code null} for plain FTP
     * @param pool sockets for passive mode
     * @param accounts who may log in
     * @param traffic what the clients do
     * @throws IOException if FtpServer does not start
     */
    public FtpEngine(
            String name,
            ServedShares shares,
            FtpSettings settings,
            @Nullable PemIdentity identity,
            PassivePool pool,
            Accounts accounts,
            Traffic traffic)
            throws IOException {
        this.name = name;
        this.shares = shares;
        this.settings = settings;
        this.pool = pool;
        this.accounts = accounts;
        this.traffic = traffic;
        this.identity = identity;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, THREAD_IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        commands = new Commands(this);
        control = new Control(this);
        sockets = new ControlSockets(control, threads, settings.idleTimeout(), traffic);
        FtpServerFactory factory = new FtpServerFactory();
        // FtpServer empties the map when it stops.
        factory.setListeners(new HashMap<>(Map.of(name, sockets)));
        server = (DefaultFtpServer) factory.createServer();
        try {
            server.start();
        } catch (FtpException e) {
            log.close();
            throw new IOException(name + " cannot start its engine: " + e.getMessage(), e);
        }
    }

    @Override
    public Closeable listen(NamedSocket socket, ServerSocketChannel duplicate) throws IOException {
        return sockets.listen(socket, duplicate);
    }

    String name() {
        return name;
    }

    /** What accounts can see. */
    ServedShares shares() {
        return shares;
    }

    FtpSettings settings() {
        return settings;
    }

    PassivePool pool() {
        return pool;
    }

    Accounts accounts() {
        return accounts;
    }

    Traffic traffic() {
        return traffic;
    }

    @Nullable
    PemIdentity identity() {
        return identity;
    }

    ExecutorService threads() {
        return threads;
    }

    ControlProcessor processor() {
        return sockets.processor();
    }

    Commands commands() {
        return commands;
    }

    /** Dismisses idle sessions. */
    @Override
    public void dismissIdle() {
        control.dismissIdle();
    }

    /** Dismisses every session and ends every thread. */
    @Override
    public void close() {
        sockets.stop();
        control.close(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        server.stop();
        sockets.processor().dispose();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
        log.close();
    }
}
