package dev.mooring.ftp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an {@link FtpFileServer}. Error messages of the constructor use the names of the configuration keys.
 *
 * @param tls {@code tls}: whether connections are encrypted
 * @param certificate {@code tls.certificate}: a PEM file with the certificate and its chain, read again when it changes; {@code null} for none
 * @param key {@code tls.key}: a PEM file with the private key of the certificate; {@code null} for none
 * @param tlsReuse {@code tls.reuse}: whether an encrypted data connection must resume the TLS session of its control connection. This proves that it
 *     comes from the same client; a client that does not resume it cannot transfer files with {@code PROT P}
 * @param anonymous {@code anonymous}: whether {@code anonymous} and {@code ftp} may log in with any password; they may only read
 * @param passiveAddress {@code passive.address}: the IPv4 address in replies to {@code PASV} (RFC 959), for a server behind network address
 *     translation; empty for the address of the control connection
 * @param passivePorts {@code passive.ports}: the ports to bind for passive mode without data sockets, {@code FIRST-LAST}; empty for any free port
 * @param idleTimeout {@code idle.timeout}: how long a session may have neither a command nor a transfer; at least one second
 * @param dataTimeout {@code data.timeout}: how long a transfer may wait for its data connection, and how long it may stall; at least one second
 * @param sessions {@code sessions}: the maximum number of sessions
 * @param sessionsPerAddress {@code sessions.per.address}: the maximum number of sessions from one address
 * @param loginAttempts {@code login.attempts}: the number of refused passwords after which the server closes a connection
 */
public record FtpSettings(
        Tls tls,
        @Nullable Path certificate,
        @Nullable Path key,
        boolean tlsReuse,
        boolean anonymous,
        String passiveAddress,
        String passivePorts,
        Duration idleTimeout,
        Duration dataTimeout,
        int sessions,
        int sessionsPerAddress,
        int loginAttempts) {

    /** Whether connections are encrypted. */
    public enum Tls {
        /** Never. */
        OFF,
        /** If the client asks for it ({@code AUTH TLS}, RFC 4217). */
        ALLOWED,
        /** Always, with {@code AUTH TLS}. Without TLS, logins and transfers are refused. */
        REQUIRED,
        /** From the first byte, as on port 990. Data connections must be encrypted too. */
        IMPLICIT
    }

    private static final Pattern RANGE = Pattern.compile("\\s*(\\d{1,5})\\s*-\\s*(\\d{1,5})\\s*");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final int MAX_PORT = 65535;

    /** The defaults. */
    public static final FtpSettings DEFAULT = new FtpSettings(
            Tls.OFF, null, null, false, false, "", "", Duration.ofMinutes(5), Duration.ofMinutes(1), 500, 100, 3);

    /**
     * Checks the settings. Does not read the files.
     *
     * @throws IllegalArgumentException if a setting is invalid; the message names the key, the problem and the remedy
     */
    public FtpSettings {
        check(
                certificate == null || key != null,
                "tls.certificate",
                certificate,
                "has no key; set tls.key to the PEM file of its private key");
        check(
                key == null || certificate != null,
                "tls.key",
                key,
                "has no certificate; set tls.certificate to its PEM file");
        check(
                tls == Tls.OFF || certificate != null,
                "tls",
                tls.name().toLowerCase(java.util.Locale.ROOT),
                "needs a certificate; set tls.certificate and tls.key to PEM files");
        check(
                tls != Tls.OFF || !tlsReuse,
                "tls.reuse",
                "required",
                "has no effect, because the server has no TLS; set tls.certificate and tls.key to PEM files, and tls to"
                        + " allowed, required or implicit");
        check(
                passiveAddress.isEmpty() || IPV4.matcher(passiveAddress).matches() && isAddress(passiveAddress),
                "passive.address",
                passiveAddress,
                "is not an IPv4 address; write it like 192.0.2.1");
        Matcher range = RANGE.matcher(passivePorts);
        check(
                passivePorts.isEmpty()
                        || range.matches()
                                && Integer.parseInt(range.group(1)) > 0
                                && Integer.parseInt(range.group(1)) <= Integer.parseInt(range.group(2))
                                && Integer.parseInt(range.group(2)) <= MAX_PORT,
                "passive.ports",
                passivePorts,
                "is not a port range; write it like 61000-61100");
        check(
                idleTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
                "idle.timeout",
                idleTimeout.toSeconds(),
                "is less than a second; write it in seconds, 1 or more");
        check(
                dataTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
                "data.timeout",
                dataTimeout.toSeconds(),
                "is less than a second; write it in seconds, 1 or more");
        check(sessions > 0, "sessions", sessions, "lets nobody in; write 1 or more");
        check(sessionsPerAddress > 0, "sessions.per.address", sessionsPerAddress, "lets nobody in; write 1 or more");
        check(loginAttempts > 0, "login.attempts", loginAttempts, "lets nobody in; write 1 or more");
    }

    private static boolean isAddress(String literal) {
        try {
            InetAddress.getByName(literal);
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /**
     * The first port of {@link #passivePorts}.
     *
     * @return a port; 0 for any free port
     */
    public int firstPassivePort() {
        return passivePorts.isEmpty() ? 0 : Integer.parseInt(passivePorts.split("-")[0].trim());
    }

    /**
     * The last port of {@link #passivePorts}.
     *
     * @return a port; 0 for any free port
     */
    public int lastPassivePort() {
        return passivePorts.isEmpty() ? 0 : Integer.parseInt(passivePorts.split("-")[1].trim());
    }

    private static void check(boolean good, String key, @Nullable Object value, String problem) {
        if (!good) {
            throw new IllegalArgumentException(key + " = '" + value + "' " + problem);
        }
    }
}
