package dev.mooring.sftp;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What can be set about an {@link SftpServer}. The names in the messages of the constructor are those of the
 * configuration keys.
 *
 * @param hostKeyDirectory {@code host.key.directory}: where the host keys are that the server makes for itself,
 *     {@code ssh_host_ed25519_key}, {@code ssh_host_ecdsa_key} and {@code ssh_host_rsa_key}; it need not exist yet
 * @param hostKeys {@code host.keys}: files of private keys, in the format of OpenSSH or PEM and without a passphrase, that
 *     are used instead; empty for the server's own
 * @param authentication {@code authentication}: what it takes to log in, as OpenSSH's {@code AuthenticationMethods}:
 *     lists separated by blanks, one of which has to be gone through, of methods separated by commas, each of which has to
 *     succeed; the methods are {@code publickey} and {@code password}
 * @param maxSessions {@code max.sessions}: how many connections there may be, those that have not logged in among them
 * @param maxSessionsPerAddress {@code max.sessions.per.address}: how many of them may come from one address, or one /64 of IPv6
 * @param maxUnauthenticated {@code max.unauthenticated}: how many may be without a login, half of them from one address
 * @param maxChannels {@code max.channels}: how many channels (transfers, commands) one connection may have open
 * @param loginTimeout {@code login.timeout}: how long a connection may take to log in
 * @param idleTimeout {@code idle.timeout}: how long a connection may go without the client asking for something, zero for
 *     as long as it likes
 * @param keepAlive {@code keep.alive}: how often the server asks the client whether it is still there, which also has middle
 *     boxes keep the connection; one that has left three such questions unanswered is taken for gone. Zero for never
 * @param uploadsInPlace {@code uploads.in.place}: whether a file that is uploaded is written where it will be, so that others
 *     see it grow and one that was broken off stays to be resumed; if not, others see the old file until the new one is
 *     complete, and what is broken off leaves nothing
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
     * @throws IllegalArgumentException if one of them is no good; the message says which, what is wrong, and the remedy
     */
    public SftpSettings {
        hostKeys = List.copyOf(hostKeys);
        checkAuthentication(authentication);
        check(maxSessions >= 1, "max.sessions", maxSessions, "is less than 1; nobody could connect");
        check(
                maxSessionsPerAddress >= 1,
                "max.sessions.per.address",
                maxSessionsPerAddress,
                "is less than 1; nobody could connect");
        check(
                maxUnauthenticated >= 1,
                "max.unauthenticated",
                maxUnauthenticated,
                "is less than 1; nobody could log in");
        check(maxChannels >= 1, "max.channels", maxChannels, "is less than 1; nothing could be transferred");
        check(
                loginTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
                "login.timeout",
                loginTimeout.toSeconds(),
                "is less than a second; write it in seconds, 1 or more");
        check(
                !idleTimeout.isNegative(),
                "idle.timeout",
                idleTimeout.toSeconds(),
                "is negative; write it in seconds, 0 for no limit");
        check(
                !keepAlive.isNegative(),
                "keep.alive",
                keepAlive.toSeconds(),
                "is negative; write it in seconds, 0 for never");
    }

    /**
     * What is set where nothing is said.
     *
     * @param hostKeyDirectory where the server keeps its host keys
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

    private static void checkAuthentication(String authentication) {
        check(!authentication.isBlank(), "authentication", authentication, "is empty; write publickey password");
        for (String list : authentication.trim().split("\\s+")) {
            for (String method : list.split(",", -1)) {
                check(
                        METHODS.contains(method),
                        "authentication",
                        authentication,
                        "has '" + method + "', which is no method; write lists of publickey and password, such as"
                                + " 'publickey password' for one of them, 'publickey,password' for both");
            }
        }
    }

    private static void check(boolean good, String key, Object value, String problem) {
        if (!good) {
            throw new IllegalArgumentException(key + " = '" + value + "' " + problem);
        }
    }
}
