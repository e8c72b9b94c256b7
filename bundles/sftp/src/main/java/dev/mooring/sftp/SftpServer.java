package dev.mooring.sftp;

import dev.mooring.protocol.Engine;
import dev.mooring.protocol.Limits;
import dev.mooring.protocol.Rehearsal;
import dev.mooring.protocol.SocketServer;
import dev.mooring.sftp.internal.crypto.HostKeyFiles;
import dev.mooring.sftp.internal.engine.SftpRehearsal;
import dev.mooring.sftp.internal.engine.SshEngine;
import dev.mooring.share.Share;
import java.io.IOException;
import java.util.List;

/**
 * Serves a share over SFTP (versions 3 to 6, with the extensions of OpenSSH) and scp. Sockets are TCP or unix; they can be added and
 * removed while the server runs. There is no shell and no forwarding. The only commands are scp and those that hash a file, such as
 * {@code md5sum}.
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
 * <p>The first connection starts the engine, which generates the host keys that are missing.
 */
public final class SftpServer extends SocketServer {

    /** The heap that an idle session takes, in bytes. */
    private static final int HEAP_EACH = 64 * 1024;

    private final SftpSettings settings;

    /**
     * Makes a server. It does nothing until it is {@linkplain #start() started}.
     *
     * @param name the name of the server in the log
     * @param share the tree that it serves to accounts without a share of their own
     * @param settings its settings
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
        return new SshEngine(name(), shares(), accounts(), metrics(), settings);
    }

    @Override
    protected void rehearse(Rehearsal rehearsal) throws IOException {
        boolean password =
                List.of(SftpSettings.alternatives(settings.authentication())).contains("password");
        new SftpRehearsal(rehearsal, password).run();
    }
}
