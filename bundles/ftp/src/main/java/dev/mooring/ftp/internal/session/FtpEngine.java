package dev.mooring.ftp.internal.session;

import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.control.ControlLoop;
import dev.mooring.protocol.ClientConnection;
import dev.mooring.protocol.Engine;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The sessions of a server, the thread that reads from all of them, and the threads that carry out their commands. */
public final class FtpEngine implements Engine {

    private static final Logger LOG = System.getLogger(FtpEngine.class.getName());
    private static final long THREAD_IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 5;

    private final ServerContext server;
    private final ExecutorService threads;
    private final CommandTable commands;
    private final ControlLoop loop;
    private final Set<FtpSession> sessions = ConcurrentHashMap.newKeySet();

    /**
     * Builds and starts the engine.
     *
     * @param server the common objects and settings of the sessions
     * @param commands the commands that clients can send
     * @throws IOException if the selector cannot be opened, for example because the process has no descriptor left
     */
    public FtpEngine(ServerContext server, CommandTable commands) throws IOException {
        this.server = server;
        this.commands = commands;
        String name = server.name();
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, THREAD_IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        loop = new ControlLoop(name, threads);
    }

    @Override
    public void serve(ClientConnection connection) {
        FtpSession session = null;
        try {
            Socket socket = connection.channel().socket();
            socket.setTcpNoDelay(true);
            // A client sends the Telnet codes before ABOR as urgent data (RFC 959 section 4.1.3). Without this option
            // one byte of them would be lost.
            socket.setOOBInline(true);
            session = new FtpSession(this, loop, connection);
            sessions.add(session);
            session.open();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The client has disconnected", ClientText.trace(e));
            closeNow(session, connection);
        } catch (RuntimeException | Error e) {
            closeNow(session, connection);
            throw e;
        }
    }

    private static void closeNow(@Nullable FtpSession session, ClientConnection connection) {
        if (session == null) {
            connection.close();
        } else {
            session.closeNow();
        }
    }

    /** Sends no reply with implicit TLS: the client would read it as part of the handshake. */
    @Override
    public byte[] refusal(String reason) {
        return server.tls().implicit()
                ? new byte[0]
                : ("421 Try again later: " + reason + ".\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Removes an ended session. */
    void remove(FtpSession session) {
        sessions.remove(session);
    }

    ServerContext server() {
        return server;
    }

    ExecutorService threads() {
        return threads;
    }

    CommandTable commands() {
        return commands;
    }

    /** Waits until everything that has arrived on control connections so far has been read. */
    void awaitPendingReads() {
        try {
            loop.awaitPendingReads();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Dismisses idle sessions. */
    @Override
    public void dismissIdle() {
        sessions.forEach(FtpSession::dismissIfIdle);
    }

    /** Dismisses every session, closes those that do not end in time, and ends every thread. */
    @Override
    public void close() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        sessions.forEach(session -> session.dismiss("The server is stopping; try again in a moment."));
        for (FtpSession session : sessions) {
            if (!session.awaitClosed(TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()))) {
                session.closeNow();
            }
        }
        loop.close();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
