package dev.mooring.ftp;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.ftp.internal.commands.Commands;
import dev.mooring.ftp.internal.commands.DataCommands;
import dev.mooring.ftp.internal.commands.LoginCommands;
import dev.mooring.ftp.internal.data.PassivePool;
import dev.mooring.ftp.internal.data.PassivePorts;
import dev.mooring.ftp.internal.session.FtpEngine;
import dev.mooring.ftp.internal.session.ServerContext;
import dev.mooring.ftp.internal.session.TlsPolicy;
import dev.mooring.protocol.DataPort;
import dev.mooring.protocol.DataSockets;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.Limits;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.SocketServer;
import dev.mooring.share.Share;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Serves a share over FTP (RFC 959, 2228, 2389, 2428, 3659, 4217). Its sockets may come and go while it runs.
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
 * <p>If a data socket was ever added, passive mode uses only data sockets. The server lends each to a session for one connection, which must come
 * from the address of the control connection, and with {@code tls.reuse} must resume its TLS session. After the server has {@linkplain #releaseData released} them, its sessions borrow those of the server with
 * the same name that was started since. Without data sockets the server binds a port on the address of the control connection for each transfer. Active
 * mode connects only to the peer of the control connection.
 *
 * <p>An upload becomes visible when it is complete; an aborted upload leaves no trace. {@code APPE} and a resumed upload ({@code REST}) write in
 * place. {@code TYPE} has no effect: files are transferred unchanged. Names are UTF-8 (RFC 2640).
 *
 * <p>The server makes the engine when the first control connection arrives.
 */
public final class FtpFileServer extends SocketServer implements DataSockets {

    /** The heap that an idle session takes, in bytes. */
    private static final int HEAP_EACH = 4 * 1024;

    private static final int HEAP_EACH_TLS = 32 * 1024;

    /** When another server replaces this one, a session waits this long at most until the other server lends data sockets. */
    private static final Duration SUCCESSION = Duration.ofSeconds(5);

    /** Enough to type a password. */
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(60);

    private final FtpSettings settings;
    private final Duration loginTimeout;
    private final PassivePool pool;
    private final PassivePorts ports;
    private @Nullable PemIdentity identity;

    /**
     * Makes a server. It does nothing before {@link #start}.
     *
     * @param name the name of the server in the log
     * @param share the tree for accounts that have no share of their own
     * @param settings the settings
     */
    public FtpFileServer(String name, Share share, FtpSettings settings) {
        this(name, share, settings, LOGIN_TIMEOUT);
    }

    /** Makes a server with another time for logins, for tests. */
    FtpFileServer(String name, Share share, FtpSettings settings, Duration loginTimeout) {
        super(
                name,
                settings.tls() == FtpSettings.Tls.IMPLICIT ? "ftps" : "ftp",
                share,
                limits(settings),
                settings.tls() == FtpSettings.Tls.OFF ? HEAP_EACH : HEAP_EACH_TLS);
        this.settings = settings;
        this.loginTimeout = loginTimeout;
        pool = new PassivePool(name);
        ports = new PassivePorts(
                pool, () -> awaitLender(SUCCESSION), settings.firstPassivePort(), settings.lastPassivePort());
    }

    private static Limits limits(FtpSettings settings) {
        // After the server was replaced, all clients in the queue arrive at once. Each of them may be pending.
        return new Limits(
                settings.sessions(), settings.sessionsPerAddress(), settings.sessions(), settings.sessionsPerAddress());
    }

    /**
     * Adds a socket for passive mode. If it is not a listening TCP socket, the server logs the reason and does not use it.
     *
     * @param socket the socket, which the caller owns
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
        refuse("accept data connections on", socket, reason);
    }

    /**
     * Removes a socket: closes the duplicate. Connections that it accepted continue. Does nothing if the socket was not added, or if the process ends.
     *
     * @param socket the socket
     */
    @Override
    public synchronized void removeData(NamedSocket socket) {
        if (!keepsDataSockets()) {
            pool.remove(socket);
        }
    }

    @Override
    protected @Nullable String fault(NamedSocket socket) {
        if (socket.family() == Family.UNIX) {
            return "it is a unix socket, and FTP needs TCP for its data connections; set ListenStream="
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
        boolean implicit = settings.tls() == FtpSettings.Tls.IMPLICIT;
        boolean required = implicit || settings.tls() == FtpSettings.Tls.REQUIRED;
        return new FtpEngine(
                new ServerContext(
                        name(),
                        new TlsPolicy(identity, required, implicit, settings.tlsReuse()),
                        loginTimeout,
                        settings.idleTimeout(),
                        settings.dataTimeout(),
                        metrics()),
                new Commands(
                        new LoginCommands(accounts(), shares(), settings.anonymous(), settings.loginAttempts()),
                        new DataCommands(ports, settings.passiveAddress())));
    }

    @Override
    public DataPort lend(InetAddress local, boolean lastUnused) throws IOException {
        return ports.open(local, lastUnused);
    }

    @Override
    public void releaseData() {
        pool.drain();
    }

    @Override
    protected void end() {
        pool.close();
        super.end();
    }
}
