package dev.mooring.ftp.internal.session;

import dev.mooring.ftp.internal.control.ControlConnection;
import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.protocol.PemIdentity;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The encryption of one session: its control connection, and its data connections. Only the owner of the session uses it. */
public final class SessionTls {

    private final TlsPolicy policy;
    private final ControlConnection connection;
    private final Runnable discardCommands;
    private @Nullable SSLContext context;
    private boolean dataProtected;

    /**
     * Starts without encryption.
     *
     * @param policy the policy of the server
     * @param connection the control connection
     * @param discardCommands discards the received commands
     */
    SessionTls(TlsPolicy policy, ControlConnection connection, Runnable discardCommands) {
        this.policy = policy;
        this.connection = connection;
        this.discardCommands = discardCommands;
        dataProtected = policy.implicit();
    }

    /** Encrypts a new connection from its first byte, if the server has implicit TLS. */
    void openImplicit() {
        PemIdentity identity = policy.identity();
        if (policy.implicit() && identity != null) {
            SSLContext implicit = identity.context();
            context = implicit;
            connection.secure(implicit);
        }
    }

    /**
     * Encrypts the control connection after a reply, and discards all input before that.
     *
     * @param identity the certificate and key of the server
     * @param reply the last reply without encryption
     * @return completes when the connection expects the handshake
     */
    public CompletionStage<Runnable> start(PemIdentity identity, Reply reply) {
        SSLContext started = identity.context();
        context = started;
        CompletableFuture<Runnable> done = new CompletableFuture<>();
        connection.secure(started, reply, discardCommands, () -> done.complete(() -> {}));
        return done;
    }

    /** Whether the control connection is encrypted. */
    public boolean isActive() {
        return context != null;
    }

    /** Whether the server requires TLS, and the control connection is not encrypted. */
    public boolean isMissing() {
        return policy.required() && context == null;
    }

    /** Whether data connections are encrypted. */
    public boolean isDataProtected() {
        return dataProtected;
    }

    /** Whether the server requires TLS, and data connections are not encrypted. */
    public boolean isMissingForData() {
        return policy.required() && !dataProtected;
    }

    /** Sets whether data connections are encrypted ({@code PROT}). */
    public void protectData(boolean protect) {
        dataProtected = protect;
    }

    /** The context for data connections, which can resume the TLS session of the control connection; {@code null} for plain ones. */
    @Nullable
    SSLContext dataContext() {
        return dataProtected ? context : null;
    }
}
