package dev.mooring.ftp.internal.commands;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.ftp.internal.session.FtpSession;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.protocol.ServedShares;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Commands for login and encryption. */
public final class LoginCommands {

    private static final Logger LOG = System.getLogger(LoginCommands.class.getName());
    private static final Set<String> ANONYMOUS = Set.of("anonymous", "ftp");

    private static final String UNAVAILABLE = "The files of this account are not available.";

    private final Accounts accounts;
    private final ServedShares shares;
    private final boolean anonymous;
    private final int attempts;

    /**
     * Makes the commands of a server.
     *
     * @param accounts the accounts that may log in
     * @param shares the trees that accounts can see
     * @param anonymous whether {@code anonymous} and {@code ftp} may log in with any password
     * @param attempts the number of refused passwords after which the server closes a connection
     */
    public LoginCommands(Accounts accounts, ServedShares shares, boolean anonymous, int attempts) {
        this.accounts = accounts;
        this.shares = shares;
        this.anonymous = anonymous;
        this.attempts = attempts;
    }

    private boolean isAnonymous(String user) {
        return anonymous && ANONYMOUS.contains(user.toLowerCase(Locale.ROOT));
    }

    void user(FtpSession client, @Nullable String name) {
        if (client.isLoggedIn()) {
            client.reply(530, "Already logged in; send REIN first.");
        } else if (client.tls().isMissing()) {
            client.reply(530, "This server requires TLS; send AUTH TLS first.");
        } else if (name == null) {
            client.reply(501, "USER needs a name.");
        } else {
            client.state().user = name;
            client.reply(
                    331,
                    isAnonymous(name)
                            ? "Guest login; any password is accepted."
                            : "Password required for " + name + ".");
        }
    }

    @Nullable
    CompletionStage<Runnable> pass(FtpSession client, @Nullable String password) {
        String user = client.state().user;
        client.state().user = null;
        if (client.isLoggedIn()) {
            client.reply(202, "Already logged in.");
        } else if (user == null) {
            client.reply(503, "Send USER first.");
        } else if (isAnonymous(user)) {
            logIn(client, new Account("anonymous", null, SharePath.ROOT, true));
        } else {
            return accounts.authenticate(
                            user,
                            password == null ? new char[0] : password.toCharArray(),
                            new Peer("ftp", client.peer()))
                    .handle((verdict, error) -> () -> replyTo(client, verdict, error));
        }
        return null;
    }

    private void replyTo(FtpSession client, @Nullable Verdict verdict, @Nullable Throwable error) {
        if (error != null) {
            LOG.log(
                    Level.ERROR,
                    "{0} could not check a login: {1}",
                    client.server().name(),
                    ClientText.sentence(error));
            client.reply(451, "Your password could not be checked.");
        } else if (verdict instanceof Verdict.Accepted accepted) {
            logIn(client, accepted.account());
        } else if (verdict instanceof Verdict.Limited limited) {
            client.dismiss("Too many logins from your address failed or are under way; try again in "
                    + limited.retryAfterSeconds() + " s.");
        } else if (verdict instanceof Verdict.Busy busy) {
            client.dismiss("Too many logins at the moment; try again in " + busy.retryAfterSeconds() + " s.");
        } else if (verdict instanceof Verdict.Unavailable unavailable) {
            client.dismiss("Nobody can log in at the moment; try again in " + unavailable.retryAfterSeconds() + " s.");
        } else if (client.countRefusedLogin() >= attempts) {
            client.reply(530, "Login incorrect.");
            client.dismiss("Too many failed logins.");
        } else {
            client.reply(530, "Login incorrect.");
        }
    }

    private void logIn(FtpSession client, Account account) {
        Optional<Share> share = shares.of(account);
        if (share.isEmpty()) {
            LOG.log(
                    Level.ERROR,
                    "{0}: {1} cannot log in, because share ''{2}'' does not exist; set share= of the account to an existing share",
                    client.server().name(),
                    ClientText.of(account.name()),
                    account.share());
            client.reply(530, UNAVAILABLE);
            return;
        }
        try {
            client.logIn(account, share.get());
            client.reply(
                    230,
                    "User " + account.name() + " logged in" + (client.login().mayWrite() ? "." : ", read-only."));
        } catch (IOException | UnsupportedOperationException e) {
            LOG.log(
                    Level.ERROR,
                    "{0}: {1} cannot log in: {2}",
                    client.server().name(),
                    ClientText.of(account.name()),
                    ClientText.sentence(e.getMessage()));
            client.logOut();
            client.reply(530, UNAVAILABLE);
        }
    }

    void rein(FtpSession client, @Nullable String none) {
        client.logOut();
        client.reply(220, "Service ready for new user.");
    }

    void quit(FtpSession client, @Nullable String none) {
        client.close(221, "Goodbye.");
    }

    @Nullable
    CompletionStage<Runnable> auth(FtpSession client, @Nullable String mechanism) throws IOException {
        PemIdentity identity = client.server().tls().identity();
        if (identity == null) {
            client.reply(502, "This server has no TLS.");
        } else if (client.tls().isActive()) {
            client.reply(503, "The connection is encrypted already.");
        } else if (mechanism == null
                || !Set.of("TLS", "TLS-C", "SSL", "TLS-P")
                        .contains(mechanism.strip().toUpperCase(Locale.ROOT))) {
            client.reply(504, "Only AUTH TLS is supported.");
        } else {
            // The client must log in again (RFC 4217 section 4.2).
            client.logOut();
            return client.tls().start(identity, new Reply(234, "Proceed with TLS negotiation."));
        }
        return null;
    }

    void pbsz(FtpSession client, @Nullable String size) {
        if (client.tls().isActive()) {
            client.reply(200, "PBSZ=0");
        } else {
            client.reply(503, "Send AUTH TLS first.");
        }
    }

    void prot(FtpSession client, @Nullable String level) {
        String wanted = level == null ? "" : level.strip().toUpperCase(Locale.ROOT);
        if (!client.tls().isActive()) {
            client.reply(503, "Send AUTH TLS first.");
        } else if (wanted.equals("P")) {
            client.tls().protectData(true);
            client.reply(200, "Protection level set to Private.");
        } else if (!wanted.equals("C")) {
            // S and E are levels of other mechanisms (RFC 2228 section 3).
            client.reply(wanted.matches("[SE]") ? 536 : 504, "Only PROT C and PROT P are supported.");
        } else if (client.server().tls().required()) {
            client.reply(534, "This server requires encrypted data connections.");
        } else {
            client.tls().protectData(false);
            client.reply(200, "Protection level set to Clear.");
        }
    }
}
