package dev.mooring.share;

import dev.mooring.share.internal.AccountsConfiguration;
import dev.mooring.share.internal.account.FileAccounts;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Accounts kept in files. Inside OSGi a configuration {@code dev.mooring.accounts~NAME} says the same.
 *
 * <p>The files are looked at when somebody logs in, at most once a second, and read again if they have changed. A line that
 * is broken is logged by its number, never by its content, and counts for nothing; a file that cannot be read is as if
 * empty, but for {@code users}, without which nobody gets in. All of them are UTF-8; empty lines and those that begin with
 * {@code #} are comments. None may be writable by everybody.
 *
 * <p><strong>Passwords</strong> are as {@code htpasswd} writes them: {@code NAME:HASH}, hashed with bcrypt
 * ({@code htpasswd -B}), SHA-crypt ({@code -2}, {@code -5}), MD5 as Apache has it ({@code $apr1$}), or without any salt ({@code {SHA}}, for old files only). Plain
 * text is refused, and so is DES crypt, which looks at eight characters only. Names have up to 255 characters, no control
 * characters, blanks, {@code :} or {@code /}, and do not begin with {@code .}, {@code -} or {@code #}. Of several lines
 * with one name the first counts. Passwords have up to 512 bytes, of which bcrypt sees 72.
 *
 * <p><strong>Authorized keys</strong> are in OpenSSH's format, sshd(8). {@code from=} is honoured with addresses, masks
 * ({@code 10.0.0.0/8}), {@code *} and {@code ?} in IPv4 addresses, and negation; {@code expiry-time=} is honoured; options
 * that allow or forbid what is not offered anyway ({@code restrict}, {@code no-pty}, {@code permitopen=},
 * {@code environment=}, {@code tunnel=}…) change nothing. A key with any other option is refused, with the number of its
 * line in the log: {@code cert-authority}, {@code command=}, {@code principals=}, {@code verify-required}, host names in
 * {@code from=}. So are DSA keys, and RSA keys of less than 2048 bits.
 *
 * <p><strong>Users</strong> have a line each for what is different for them; {@code *} is for all that have no line:
 *
 * <pre>
 * # name     settings
 * *          read.only=true
 * ada        share=team home=/people/ada read.only=false
 * bob        home="/with blanks"
 * </pre>
 *
 * <p>What a line does not say is as the components of this record say. A user whose line is broken does not get in.
 *
 * <p>A password that is refused costs a second, also for a user that does not exist, and is logged in one line, whose
 * beginning nobody but Mooring writes. The runtime has a filter for fail2ban, {@code fail2ban/filter.d/mooring.conf}:
 *
 * <pre>Accounts 'default': login refused: address=192.0.2.7 protocol=ssh user="ada"</pre>
 *
 * <p>An address (of IPv6 a /64) that has failed five times has to wait before anybody there may use a password again: 2 s
 * first, then twice as long after each failure, up to a quarter of an hour, until it has not failed for half an hour. The
 * line then ends in {@code wait=SECONDS}; what is tried meanwhile is not logged. The same wrong password again, as from a
 * client whose settings are out of date, counts once. Peers without an address do not wait, but only 32 of them can log in
 * at once. A user who has logged in from an address before is counted for itself there, and its password is checked before those
 * of others.
 *
 * @param name of these accounts, for messages
 * @param passwords the htpasswd file, or {@code null} for no passwords
 * @param authorizedKeys the file of keys, with {@code %u} in the place of the user name ({@code /etc/mooring/keys/%u}).
 *     Without {@code %u} each key opens every account that has a password or a line in {@code users}. {@code null} for no
 *     keys
 * @param users the file of users, or {@code null} if they are all alike
 * @param share the {@linkplain Account#share() share} of those that have none of their own
 * @param home the home of those that have none of their own; {@code %u} in it becomes the user name
 * @param readOnly whether they may only read
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
     * Makes the accounts. The files need not be there yet; what is wrong with them is logged now.
     *
     * @return the accounts, which the caller closes
     * @throws IllegalArgumentException if there are neither passwords nor keys, or a path cannot be one; the message says
     *     what to write instead
     */
    public OwnedAccounts open() {
        return new FileAccounts(this);
    }

    /**
     * Makes the accounts of a configuration {@code dev.mooring.accounts~NAME}, as its component does inside OSGi. What is wrong
     * with it is said in the log.
     *
     * @param properties the configuration, {@code service.pid} among it
     * @return the accounts, which the caller closes; {@code null} if the configuration is no good
     */
    public static @Nullable OwnedAccounts open(Map<String, ?> properties) {
        return AccountsConfiguration.open(properties);
    }
}
