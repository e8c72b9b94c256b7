package dev.mooring.sftp;

import dev.mooring.protocol.Engine;
import dev.mooring.protocol.Limits;
import dev.mooring.protocol.SocketServer;
import dev.mooring.sftp.internal.crypto.HostKeyFiles;
import dev.mooring.sftp.internal.engine.EngineSettings;
import dev.mooring.sftp.internal.engine.SshEngine;
import dev.mooring.share.Share;
import java.io.IOException;

/**
 * Serves a share over SFTP (versions 3 to 6, with the extensions of OpenSSH) and scp on sockets that are handed to it, TCP
 * or unix, which may come and go while it runs. There is no shell, no forwarding, and no command but scp and those that hash a file
 * ({@code md5sum} and its like).
 *
 * <pre>{@code
 * try (SftpServer server = new SftpServer("sftp", share, SftpSettings.defaults(Path.of("/var/lib/sftp")))) {
 *     server.setAccounts(accounts);
 *     NamedSockets.fromEnvironment().named("sftp").forEach(server::add);
 *     server.start();
 *     …
 * }
 * }</pre>
 *
 * <p>The engine is built, and a host key made where there is none, with the first connection.
 */
public final class SftpServer extends SocketServer {

    /** The bytes of heap that an idle session takes. */
    private static final int HEAP_EACH = 64 * 1024;

    private final SftpSettings settings;

    /**
     * Makes a server, which does nothing before it is {@linkplain #start() started}.
     *
     * @param name what the server is called in the log
     * @param share what is served to accounts that have no share of their own
     * @param settings how
     */
    public SftpServer(String name, Share share, SftpSettings settings) {
        super(name, "sftp", share, limits(settings), HEAP_EACH);
        this.settings = settings;
    }

    private static Limits limits(SftpSettings settings) {
        int pending = settings.maxUnauthenticated();
        return new Limits(settings.maxSessions(), settings.maxSessionsPerAddress(), pending, Math.max(1, pending / 2));
    }

    @Override
    protected void prepare() {
        HostKeyFiles.check(name(), settings.hostKeyDirectory(), settings.hostKeys());
    }

    @Override
    protected Engine engine() throws IOException {
        return new SshEngine(
                name(),
                shares(),
                accounts(),
                metrics(),
                new EngineSettings(
                        settings.hostKeyDirectory(),
                        settings.hostKeys(),
                        settings.authentication(),
                        settings.maxChannels(),
                        settings.loginTimeout(),
                        settings.idleTimeout(),
                        settings.keepAlive(),
                        settings.uploadsInPlace()));
    }
}
