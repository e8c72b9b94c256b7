package dev.mooring.accounts.internal.password;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.AccountFiles;
import dev.mooring.accounts.internal.user.LoginLog;
import dev.mooring.accounts.internal.user.Users;
import dev.mooring.accounts.internal.user.WatchedFile;
import java.nio.file.Path;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The files of passwords and users, and the credentials of their current content. */
public final class CredentialFiles {

    private final AccountFiles files;
    private final @Nullable WatchedFile<Passwords> passwords;
    private final @Nullable WatchedFile<Users> users;
    private final BiPredicate<byte[], String> hashes;
    private volatile CredentialCache credentials;

    /**
     * Reads the files. Logs their errors.
     *
     * @param hashes checks a password against a hash, as {@link PasswordHashes#matches}
     */
    public CredentialFiles(AccountFiles files, LoginLog log, LongSupplier nanos, BiPredicate<byte[], String> hashes) {
        this.files = files;
        this.hashes = hashes;
        passwords = watch(files.passwords(), Passwords::parse, Passwords.NONE, log, nanos);
        users = watch(files.users(), Users::parse, Users.UNREADABLE, log, nanos);
        credentials = new CredentialCache(recent(passwords, Passwords.NONE), recent(users, Users.SAME_FOR_ALL), hashes);
    }

    private static <T> @Nullable WatchedFile<T> watch(
            @Nullable Path path, WatchedFile.Parser<T> parser, T unreadable, LoginLog log, LongSupplier nanos) {
        return path == null ? null : new WatchedFile<>(path, true, parser, unreadable, log::warn, nanos);
    }

    private static <T> T recent(@Nullable WatchedFile<T> file, T without) {
        return file == null ? without : file.get();
    }

    private static <T> T latest(@Nullable WatchedFile<T> file, T without) {
        return file == null ? without : file.latest();
    }

    /** The credentials that the files had not more than a second ago. */
    public CredentialCache credentials() {
        return of(recent(passwords, Passwords.NONE), recent(users, Users.SAME_FOR_ALL));
    }

    /** The credentials that the files have now. A login that would fail needs these, because its account may have been made just now. */
    public CredentialCache latestCredentials() {
        return of(latest(passwords, Passwords.NONE), latest(users, Users.SAME_FOR_ALL));
    }

    private CredentialCache of(Passwords currentPasswords, Users currentUsers) {
        CredentialCache current = credentials;
        return current.isOf(currentPasswords, currentUsers) ? current : renew(currentPasswords, currentUsers);
    }

    private synchronized CredentialCache renew(Passwords currentPasswords, Users currentUsers) {
        if (!credentials.isOf(currentPasswords, currentUsers)) {
            credentials = new CredentialCache(currentPasswords, currentUsers, hashes);
        }
        return credentials;
    }

    /** The account of a user; {@code null} if its rights are unknown. */
    public @Nullable Account account(CredentialCache current, String user) {
        return current.users.account(user, files.share(), files.home(), files.readOnly());
    }
}
