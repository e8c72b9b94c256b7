package dev.mooring.accounts;

import dev.mooring.accounts.internal.AccountsConfiguration;
import dev.mooring.accounts.internal.FileAccounts;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Accounts in files. Inside OSGi a configuration {@code dev.mooring.accounts~NAME} has the same settings.
 *
 * <p>At each login the files are read again if they have changed; an old password that was accepted shortly before may be accepted for a second
 * more. An invalid line opens no account; the log has its number, never its content. A file that cannot be read counts as empty, except {@code users}:
 * without it all logins are refused. The files are UTF-8. Empty lines and lines that begin with {@code #} are comments. No file may be
 * world-writable.
 *
 * <p><strong>Passwords</strong> have the format of {@code htpasswd}, {@code NAME:HASH}. The hash is bcrypt ({@code htpasswd -B}), SHA-crypt
 * ({@code -2}, {@code -5}), Apache's MD5 ({@code $apr1$}), or unsalted SHA-1 ({@code {SHA}}, for old files only). Plain text is refused, and so is
 * DES crypt, which uses only eight characters. Names have up to 255 characters, no control characters, blanks, {@code :} or {@code /}, and do not
 * begin with {@code .}, {@code -} or {@code #}. If several lines have the same name, the first counts, even if it is invalid: then the user cannot
 * log in with a password. So {@code !} or {@code *} before the hash locks the password, but not the account: keys still open it. Passwords have up
 * to 512 bytes, of which bcrypt uses 72.
 *
 * <p><strong>Authorized keys</strong> have OpenSSH's format, sshd(8). {@code from=} is supported with addresses, masks ({@code 10.0.0.0/8}),
 * {@code *} and {@code ?} in IPv4 addresses, and negation. {@code expiry-time=} is supported. Options for features that do not exist here
 * ({@code restrict}, {@code no-pty}, {@code permitopen=}, {@code environment=}, {@code tunnel=}…) have no effect. A key with any other option is
 * refused, and the log has the number of its line: {@code cert-authority}, {@code command=}, {@code principals=}, {@code verify-required}, host names
 * in {@code from=}. DSA keys and RSA keys of less than 2048 bits are refused too. The problems of a user's file are logged in one line when it is read
 * for the first time, and after each change. A user whose file would have a name of more than 255 bytes has no keys.
 *
 * <p><strong>Users</strong> has a line for each user whose settings differ; {@code *} is for all users without a line:
 *
 * <pre>
 * # name     settings
 * *          read.only=true
 * ada        share=team home=/people/ada read.only=false
 * bob        home="/with blanks"
 * </pre>
 *
 * <p>Settings that a line does not have come from the components of this record. A user with an invalid line cannot log in.
 *
 * <p>The verdict on a wrong password takes a second, also for a user that does not exist. It is logged in one line, and clients cannot forge the
 * beginning of such a line. The runtime has a filter for fail2ban, {@code fail2ban/filter.d/mooring.conf}:
 *
 * <pre>Accounts 'default': login refused: address=192.0.2.7 protocol=ssh user="ada"</pre>
 *
 * <p>After five failed logins an address (an IPv6 /64) is blocked: no password is accepted from it for 2 s, and for twice as long after each further
 * failure, up to 15 minutes. Half an hour without a failure resets this. The log line then ends in {@code wait=SECONDS}; attempts during the block
 * are not logged. A repeated wrong password, as from a client with outdated settings, counts once. Peers without an address are not blocked, but only
 * 32 of them can log in at once. A user who has logged in from an address before has a separate count there, and the user's password is checked
 * before those of others.
 *
 * @param name the name of these accounts, for messages
 * @param passwords the htpasswd file, or {@code null} for no passwords
 * @param authorizedKeys the file of keys, with {@code %u} for the user name ({@code /etc/mooring/keys/%u}). Without {@code %u} each key opens every
 *     account that has a valid password line or a line in {@code users}. {@code null} for no keys
 * @param users the file of users, or {@code null} if all users have the same settings
 * @param share the {@linkplain Account#share() share} of users without their own
 * @param home the home of users without their own; {@code %u} stands for the user name
 * @param readOnly whether users may only read
 */
public record AccountFiles(
        String name,
        @Nullable Path passwords,
        @Nullable String authorizedKeys,
        @Nullable Path users,
        @Nullable String share,
        String home,
        boolean readOnly) {

    /**
     * Makes the accounts. The files need not exist yet; their errors are logged now.
     *
     * @return the accounts, which the caller closes
     * @throws IllegalArgumentException if there are neither passwords nor keys, or a path is invalid; the message has the remedy
     */
    public OwnedAccounts open() {
        return new FileAccounts(this);
    }

    /**
     * Makes the accounts of a configuration {@code dev.mooring.accounts~NAME}, as its component does inside OSGi. Logs the errors of the
     * configuration.
     *
     * @param properties the configuration, including {@code service.pid}
     * @return the accounts, which the caller closes; {@code null} if the configuration is invalid
     */
    public static @Nullable OwnedAccounts open(Map<String, ?> properties) {
        return AccountsConfiguration.open(properties);
    }
}
