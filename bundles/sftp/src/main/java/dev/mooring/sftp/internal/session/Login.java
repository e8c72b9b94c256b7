package dev.mooring.sftp.internal.session;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.common.ClientText;
import dev.mooring.protocol.ServedShares;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Optional;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.file.FileSystemFactory;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.server.auth.AsyncAuthException;
import org.apache.sshd.server.session.ServerSession;
import org.jspecify.annotations.Nullable;

/** Checks logins with the accounts, and gives a session the share of its account. */
public final class Login implements FileSystemFactory {

    private static final Logger LOG = System.getLogger(Login.class.getName());

    private final String name;
    private final Accounts accounts;
    private final ServedShares shares;

    public Login(String name, Accounts accounts, ServedShares shares) {
        this.name = name;
        this.accounts = accounts;
        this.shares = shares;
    }

    private static Peer peer(ServerSession session) {
        return Peer.of("ssh", session.getClientAddress());
    }

    public boolean publicKey(String user, PublicKey key, ServerSession session) {
        ByteArrayBuffer encoded = new ByteArrayBuffer();
        encoded.putRawPublicKey(key);
        return admit(accounts.authorize(user, encoded.getCompactData(), peer(session)), session);
    }

    /** The verdict may take a second or more, and must not block a thread that serves others. */
    public boolean password(String user, String password, ServerSession session) {
        char[] secret = password.toCharArray();
        var verdict = accounts.authenticate(user, secret, peer(session)).toCompletableFuture();
        Arrays.fill(secret, '\0');
        if (verdict.isDone() && !verdict.isCompletedExceptionally()) {
            return decide(verdict.join(), session);
        }
        AsyncAuthException later = new AsyncAuthException();
        SshSession own = (SshSession) session;
        own.suspendLogin();
        verdict.whenCompleteAsync((given, failure) -> {
            if (failure != null) {
                LOG.log(Level.ERROR, name + " refused a login because its accounts failed", ClientText.trace(failure));
            }
            own.resumeLogin(() -> later.setAuthed(failure == null && decide(given, session)));
        });
        throw later;
    }

    private boolean decide(Verdict verdict, ServerSession session) {
        if (verdict instanceof Verdict.Accepted accepted) {
            return admit(accepted.account(), session);
        }
        if (verdict instanceof Verdict.Limited limited) {
            disconnect(
                    session,
                    "Too many logins from your address failed or are under way; try again in "
                            + limited.retryAfterSeconds() + " s");
        } else if (verdict instanceof Verdict.Busy busy) {
            disconnect(session, "Too many logins at the moment; try again in " + busy.retryAfterSeconds() + " s");
        } else if (verdict instanceof Verdict.Unavailable unavailable) {
            disconnect(
                    session, "Nobody can log in at the moment; try again in " + unavailable.retryAfterSeconds() + " s");
        }
        return false;
    }

    private static void disconnect(ServerSession session, String reason) {
        try {
            session.disconnect(SshConstants.SSH2_DISCONNECT_BY_APPLICATION, reason);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The client has disconnected already", ClientText.trace(e));
        }
    }

    private boolean admit(@Nullable Account account, ServerSession session) {
        if (account == null) {
            return false;
        }
        if (shares.of(account).isEmpty()) {
            LOG.log(
                    Level.ERROR,
                    "{0} cannot serve account ''{1}'', because share ''{2}'' does not exist; configure it in"
                            + " dev.mooring.share-{2}.cfg, or correct the account",
                    name,
                    ClientText.of(account.name()),
                    account.share());
            return false;
        }
        session.setAttribute(SshSession.ACCOUNT, account);
        return true;
    }

    @Override
    public @Nullable Path getUserHomeDir(SessionContext session) {
        return null;
    }

    /** A view of the share for each channel. The channel closes it. */
    @Override
    public FileSystem createFileSystem(SessionContext session) throws IOException {
        Account account = session.getAttribute(SshSession.ACCOUNT);
        Optional<Share> share = account == null ? Optional.empty() : shares.of(account);
        if (share.isEmpty()) {
            throw new IOException("There is no share for " + session.getUsername());
        }
        return share.get().fileSystem(SharePath.ROOT, account.readOnly());
    }
}
