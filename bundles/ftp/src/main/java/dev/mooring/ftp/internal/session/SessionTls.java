package dev.mooring.ftp.internal.session;

import dev.mooring.ftp.internal.control.ControlConnection;
import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.protocol.PemIdentity;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
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
    void openImplicit() throws IOException {
        PemIdentity identity = policy.identity();
        if (policy.implicit() && identity != null) {
            connection.secure(begin(identity));
        }
    }

    private SSLContext begin(PemIdentity identity) throws IOException {
        SSLContext begun = policy.reuse() ? identity.newContext() : identity.context();
        context = begun;
        return begun;
    }

    /**
     * Encrypts the control connection after a reply, and discards all input before that.
     *
     * @param identity the certificate and key of the server
     * @param reply the last reply without encryption
     * @return completes when the connection expects the handshake
     */
    public CompletionStage<Runnable> start(PemIdentity identity, Reply reply) throws IOException {
        CompletableFuture<Runnable> done = new CompletableFuture<>();
        connection.secure(begin(identity), reply, discardCommands, () -> done.complete(() -> {}));
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

    /**
     * Checks the TLS session of a data connection. The JDK does not tell whether a handshake resumed a session, but a resumed session has the time at which
     * the first one was made. With {@code tls.reuse} the context has only sessions of this client, so the session with this time is that of the control
     * connection. A new one is always later, because the client logs in after the handshake of the control connection.
     *
     * @throws SSLException if it must be that of the control connection, and is not
     */
    void checkData(SSLSession data) throws SSLException {
        if (policy.reuse()) {
            SSLSession control = connection.tlsSession();
            if (control == null || control.getCreationTime() != data.getCreationTime()) {
                throw new SSLException("it did not resume the TLS session of the control connection");
            }
        }
    }

    /** The context for data connections, which can resume the TLS session of the control connection; {@code null} for plain ones. */
    @Nullable
    SSLContext dataContext() {
        return dataProtected ? context : null;
    }
}
