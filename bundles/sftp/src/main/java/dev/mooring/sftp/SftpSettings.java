package dev.mooring.sftp;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The settings of an {@link SftpServer}. Messages of the constructor name them by their configuration keys.
 *
 * @param hostKeyDirectory {@code host.key.directory}: the directory of generated host keys, {@code ssh_host_ed25519_key},
 *     {@code ssh_host_ecdsa_key} and {@code ssh_host_rsa_key}; it need not exist
 * @param hostKeys {@code host.keys}: files of private keys to use instead, in OpenSSH or PEM format and without a passphrase; empty for
 *     generated keys
 * @param authentication {@code authentication}: the methods that a login takes, in the syntax of OpenSSH's {@code AuthenticationMethods}:
 *     lists separated by blanks, of which one is enough; each is a list of methods separated by commas, of which all must succeed. The
 *     methods are {@code publickey} and {@code password}
 * @param maxSessions {@code max.sessions}: the maximum number of connections, including those without a login
 * @param maxSessionsPerAddress {@code max.sessions.per.address}: the maximum number of connections from one address, or from one /64 of
 *     IPv6
 * @param maxUnauthenticated {@code max.unauthenticated}: the maximum number of connections without a login, half of them from one address
 * @param maxChannels {@code max.channels}: the maximum number of channels (transfers, commands) of one connection
 * @param loginTimeout {@code login.timeout}: how long a login may take, at least one second
 * @param idleTimeout {@code idle.timeout}: how long a connection may be without a request; zero for no limit
 * @param keepAlive {@code keep.alive}: the interval between keep-alives, which also stop middleboxes from dropping the connection. After
 *     three without an answer the server closes the connection. Zero for none
 * @param uploadsInPlace {@code uploads.in.place}: whether an upload is written to its final name at once. If so, other clients see it grow,
 *     and an interrupted upload can be resumed. If not, other clients see the old file until the upload is complete, and an interrupted
 *     upload is removed
 */
public record SftpSettings(
        Path hostKeyDirectory,
        List<Path> hostKeys,
        String authentication,
        int maxSessions,
        int maxSessionsPerAddress,
        int maxUnauthenticated,
        int maxChannels,
        Duration loginTimeout,
        Duration idleTimeout,
        Duration keepAlive,
        boolean uploadsInPlace) {

    private static final Set<String> METHODS = Set.of("publickey", "password");

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if one of them is invalid; the message names the key, the problem and the remedy
     */
    public SftpSettings {
        hostKeys = List.copyOf(hostKeys);
        checkAuthentication(authentication);
        check(
                maxSessions >= 1,
                "max.sessions",
                maxSessions,
                "is less than 1; set it to 1 or more, or no client can connect");
        check(
                maxSessionsPerAddress >= 1,
                "max.sessions.per.address",
                maxSessionsPerAddress,
                "is less than 1; set it to 1 or more, or no client can connect");
        check(
                maxUnauthenticated >= 1,
                "max.unauthenticated",
                maxUnauthenticated,
                "is less than 1; set it to 1 or more, or no client can log in");
        check(
                maxChannels >= 1,
                "max.channels",
                maxChannels,
                "is less than 1; set it to 1 or more, or no client can transfer anything");
        check(
                loginTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
                "login.timeout",
                loginTimeout.toSeconds(),
                "is less than one second; set it to 1 or more, in seconds");
        check(
                !idleTimeout.isNegative(),
                "idle.timeout",
                idleTimeout.toSeconds(),
                "is negative; set it to seconds, or to 0 for no limit");
        check(
                !keepAlive.isNegative(),
                "keep.alive",
                keepAlive.toSeconds(),
                "is negative; set it to seconds, or to 0 for none");
    }

    /**
     * The default settings.
     *
     * @param hostKeyDirectory the directory of generated host keys
     * @return the settings
     */
    public static SftpSettings defaults(Path hostKeyDirectory) {
        return new SftpSettings(
                hostKeyDirectory,
                List.of(),
                "publickey password",
                1000,
                200,
                100,
                10,
                Duration.ofSeconds(60),
                Duration.ofSeconds(600),
                Duration.ofSeconds(60),
                false);
    }

    /** The lists of methods, each of which is enough to log in. */
    static String[] alternatives(String authentication) {
        return authentication.trim().split("\\s+");
    }

    private static void checkAuthentication(String authentication) {
        check(!authentication.isBlank(), "authentication", authentication, "is empty; set it to publickey password");
        for (String list : alternatives(authentication)) {
            for (String method : list.split(",", -1)) {
                check(
                        METHODS.contains(method),
                        "authentication",
                        authentication,
                        "has the unknown method '" + method
                                + "'; set it to publickey, password, 'publickey password' for either"
                                + " of them, or 'publickey,password' for both");
            }
        }
    }

    private static void check(boolean good, String key, Object value, String problem) {
        if (!good) {
            throw new IllegalArgumentException(key + " = '" + value + "' " + problem);
        }
    }
}
