package dev.mooring.accounts.internal;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.AccountFiles;
import dev.mooring.accounts.OwnedAccounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.accounts.internal.key.KeyFiles;
import dev.mooring.accounts.internal.password.CredentialCache;
import dev.mooring.accounts.internal.password.CredentialFiles;
import dev.mooring.accounts.internal.password.PasswordHashes;
import dev.mooring.accounts.internal.password.PasswordLogins;
import dev.mooring.accounts.internal.user.LoginLog;
import dev.mooring.accounts.internal.user.UserNames;
import dev.mooring.accounts.internal.user.Users;
import java.nio.file.InvalidPathException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Accounts in files, which are checked for changes at each login. */
public final class FileAccounts implements OwnedAccounts {

    /** Dependencies that tests replace. */
    record TestHooks(LongSupplier nanos, Clock clock, Duration delay, BiPredicate<byte[], String> hashes) {

        static final TestHooks REAL =
                new TestHooks(System::nanoTime, Clock.systemUTC(), Duration.ofSeconds(1), PasswordHashes::matches);
    }

    private final String name;
    private final TestHooks hooks;
    private final CredentialFiles credentialFiles;
    private final PasswordLogins passwordLogins;
    private final @Nullable KeyFiles keys;

    /**
     * Makes the accounts of some files.
     *
     * @param files the files and settings
     */
    public FileAccounts(AccountFiles files) {
        this(files, TestHooks.REAL);
    }

    FileAccounts(AccountFiles files, TestHooks hooks) {
        name = files.name();
        this.hooks = hooks;
        String title = LoginLog.title(name);
        if (files.passwords() == null && files.authorizedKeys() == null) {
            throw new IllegalArgumentException(
                    title + "nobody can log in; set 'passwords' or 'authorized.keys' to a file");
        }
        if (!Users.isPath(files.home())) {
            throw new IllegalArgumentException(
                    title + "home " + files.home() + " is not a path in a share; write / or /home/%u");
        }
        LoginLog log = new LoginLog(name);
        keys = keys(files, log, hooks.nanos);
        if (keys != null && keys.isShared() && files.passwords() == null && files.users() == null) {
            throw new IllegalArgumentException(title + "nobody can log in, because authorized.keys "
                    + files.authorizedKeys()
                    + " is one file for all users and does not name them; set 'users' or"
                    + " 'passwords' to a file, or use a file for each user: authorized.keys = /etc/mooring/keys/%u");
        }
        credentialFiles = new CredentialFiles(files, log, hooks.nanos, hooks.hashes);
        passwordLogins = new PasswordLogins(name, credentialFiles, log, hooks.nanos, hooks.delay);
    }

    private static @Nullable KeyFiles keys(AccountFiles files, LoginLog log, LongSupplier nanos) {
        String pattern = files.authorizedKeys();
        try {
            return pattern == null ? null : new KeyFiles(pattern, log, nanos);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    LoginLog.title(files.name()) + "authorized.keys " + pattern + " is not a path", e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
        return passwordLogins.authenticate(user, password, peer);
    }

    @Override
    public @Nullable Account authorize(String user, byte[] key, Peer peer) {
        if (keys == null || passwordLogins.isClosed() || !UserNames.isValid(user)) {
            return null;
        }
        CredentialCache credentials = credentialFiles.latestCredentials();
        if (keys.isShared() && !credentials.knows(user)) {
            return null;
        }
        return keys.accept(user, key, peer, hooks.clock) ? credentialFiles.account(credentials, user) : null;
    }

    @Override
    public void close() {
        passwordLogins.close();
    }
}
