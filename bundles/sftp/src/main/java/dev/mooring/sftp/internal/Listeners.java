package dev.mooring.sftp.internal;

import dev.mooring.protocol.ClientConnection;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.ServedShares;
import dev.mooring.protocol.Traffic;
import dev.mooring.sftp.SftpSettings;
import dev.mooring.share.Accounts;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;

/** Hands connections to SSHD. */
public final class Listeners implements Engine {

    private static final Logger LOG = System.getLogger(Listeners.class.getName());

    /** They complete reads and decrypt. What is run on them may not wait, but for half of them, which may go to files. */
    static final int THREADS = 2 * (Runtime.getRuntime().availableProcessors() + 1);

    private final SshEngine engine;
    private final Poller poller;

    /**
     * Builds and starts SSHD.
     *
     * @throws IOException if there can be no threads for it
     */
    public Listeners(String name, ServedShares shares, Accounts accounts, SftpSettings settings, Traffic traffic)
            throws IOException {
        poller = new Poller(name);
        try {
            engine = new SshEngine(name, shares, accounts, settings, traffic);
        } catch (RuntimeException | LinkageError e) {
            poller.close();
            throw e;
        }
    }

    @Override
    public void serve(ClientConnection connection) {
        poller.execute(() -> engine.serve(connection, poller));
    }

    /** Lines before the identification are for people: RFC 4253 section 4.2. */
    @Override
    public byte[] refusal(String reason) {
        return ("Too many connections: " + reason + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void dismissIdle() {
        engine.dismissIdle();
    }

    /** Ends the connections, after the clients have been told, and the threads. */
    @Override
    public void close() {
        engine.close();
        try {
            poller.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The threads end all the same", e);
        }
    }
}
