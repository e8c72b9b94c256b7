package dev.mooring.ftp;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.ftp.internal.FtpEngine;
import dev.mooring.ftp.internal.PassivePool;
import dev.mooring.protocol.DataSockets;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.Limits;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.SocketServer;
import dev.mooring.share.Share;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Serves a share over FTP (RFC 959, 2228, 2389, 2428, 3659, 4217) on sockets that are handed to it, which may come and go
 * while it runs.
 *
 * <pre>{@code
 * try (FtpFileServer server = new FtpFileServer("ftp", share, FtpSettings.DEFAULT)) {
 *     server.setAccounts(accounts);
 *     NamedSockets.fromEnvironment().named("ftp").forEach(server::add);
 *     NamedSockets.fromEnvironment().named("ftp-data").forEach(server::addData);
 *     server.start();
 *     …
 * }
 * }</pre>
 *
 * <p>Passive mode uses the data sockets, if any was ever added: each is lent to a session for one connection, which must come
 * from the address of the control connection. Without them a port is bound on the address of the control connection for each
 * transfer. Active mode connects to the peer of the control connection and to nobody else.
 *
 * <p>An upload becomes visible when it is complete, and not at all if it is aborted; what is appended ({@code APPE}) or
 * resumed ({@code REST}) is written in place. Files are transferred as they are, whatever {@code TYPE} says. Names are
 * UTF-8 (RFC 2640).
 *
 * <p>The engine is loaded and built for the first control connection.
 */
public final class FtpFileServer extends SocketServer implements DataSockets {

    /** The bytes of heap that an idle session takes. */
    private static final int HEAP_EACH = 4 * 1024;

    private static final int HEAP_EACH_TLS = 32 * 1024;

    private final FtpSettings settings;
    private final PassivePool pool;
    private @Nullable PemIdentity identity;

    /**
     * Makes a server, which does nothing before it is {@linkplain #start() started}.
     *
     * @param name what the server is called in the log
     * @param share what is served to accounts that have no share of their own
     * @param settings how
     */
    public FtpFileServer(String name, Share share, FtpSettings settings) {
        super(
                name,
                settings.tls() == FtpSettings.Tls.IMPLICIT ? "ftps" : "ftp",
                share,
                limits(settings),
                settings.tls() == FtpSettings.Tls.OFF ? HEAP_EACH : HEAP_EACH_TLS);
        this.settings = settings;
        pool = new PassivePool(name);
    }

    private static Limits limits(FtpSettings settings) {
        // After a swap all that waited in the queue come at once: each may be pending.
        return new Limits(
                settings.sessions(), settings.sessionsPerAddress(), settings.sessions(), settings.sessionsPerAddress());
    }

    /**
     * Lends a socket to sessions for passive mode. One that cannot be used, because it is no listening TCP socket, is
     * reported in the log and left alone.
     *
     * @param socket the socket, which stays the caller's
     * @throws IllegalStateException if the server is closed
     */
    @Override
    public synchronized void addData(NamedSocket socket) {
        checkOpen();
        String reason = fault(socket);
        if (reason == null) {
            try {
                pool.add(socket);
                return;
            } catch (IOException e) {
                reason = e.getMessage();
            }
        }
        refuse("take data connections from", socket, reason);
    }

    /**
     * Lends a socket no more and closes the duplicate. Connections that were accepted from it go on. Nothing happens if the
     * socket was not added.
     *
     * @param socket the socket
     */
    @Override
    public synchronized void removeData(NamedSocket socket) {
        pool.remove(socket);
    }

    @Override
    protected @Nullable String fault(NamedSocket socket) {
        if (socket.family() == Family.UNIX) {
            return "it is a unix socket, and FTP needs TCP, to tell clients where to connect for data; set ListenStream="
                    + " to an address and a port in its .socket unit";
        }
        boolean internet = socket.family() == Family.INET || socket.family() == Family.INET6;
        return internet && socket.listening() && socket.type() == Type.STREAM
                ? null
                : "it is " + kind(socket)
                        + ", not a listening TCP socket; set ListenStream= and Accept=no in its .socket unit";
    }

    @Override
    protected void prepare() throws IOException {
        Path certificate = settings.certificate();
        Path key = settings.key();
        if (settings.tls() != FtpSettings.Tls.OFF && certificate != null && key != null) {
            identity = new PemIdentity(name(), certificate, key);
        }
    }

    @Override
    protected Engine engine() throws IOException {
        return new FtpEngine(name(), shares(), settings, identity, pool, accounts(), metrics());
    }

    /** The data sockets: each is accepted from by one server at a time, so that no client ends up at the wrong one. */
    @Override
    protected void releaseDataSockets() {
        pool.drain();
    }

    @Override
    protected void end() {
        pool.close();
        super.end();
    }
}
