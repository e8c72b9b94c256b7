package dev.mooring.accounts.internal.user;

import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The log of some accounts. */
public final class LoginLog {

    private static final Logger LOG = System.getLogger(Accounts.PID);
    private static final int MAX_PROBLEMS = 10;
    private static final Pattern SCOPE = Pattern.compile("%.*");

    private final String title;
    private final ClientLog refusedKeys = new ClientLog(LOG);
    private final ClientLog unknownKeyFiles = new ClientLog(LOG);

    /** Makes the log of accounts of this name. */
    public LoginLog(String name) {
        title = title(name);
    }

    /** The beginning of all messages about accounts. */
    public static String title(String name) {
        return "Accounts '" + name + "': ";
    }

    /** Logs a problem of a file. */
    public void warn(String problem) {
        LOG.log(Level.WARNING, title + problem);
    }

    /** Logs the problems of a user's file of keys in one line. */
    public void invalidKeyFile(String path, List<String> problems) {
        LOG.log(Level.WARNING, keyFile(path, problems));
    }

    /**
     * The same for a file that perhaps does not exist, such as in a directory that may not be searched. Limits the lines of each address, because clients choose
     * the user.
     */
    public void unknownKeyFile(String path, Peer peer, List<String> problems) {
        unknownKeyFiles.log(Level.WARNING, peer.address(), () -> keyFile(path, problems));
    }

    private String keyFile(String path, List<String> problems) {
        int more = problems.size() - MAX_PROBLEMS;
        return title + ClientText.of(path) + " "
                + String.join("; ", problems.subList(0, Math.min(problems.size(), MAX_PROBLEMS)))
                + (more > 0 ? "; and " + more + " more" : "");
    }

    /** Logs an error of a password check. */
    public void failedCheck(Throwable error) {
        LOG.log(Level.ERROR, title + "a password could not be checked", ClientText.trace(error));
    }

    /**
     * Logs a refused password. fail2ban reads this line.
     *
     * @param block the nanoseconds for which the address is blocked; 0 if it is not
     */
    public void refusedPassword(String user, Peer peer, long block) {
        LOG.log(
                Level.INFO,
                title + "login refused: " + describe(user, peer)
                        + (block > 0 ? " wait=" + TimeUnit.NANOSECONDS.toSeconds(block) : ""));
    }

    /** Logs a refused key, but limits the lines of each address. */
    public void refusedKey(String user, Peer peer, Supplier<String> reason) {
        refusedKeys.log(
                Level.INFO, peer.address(), () -> title + "key refused: " + describe(user, peer) + ": " + reason.get());
    }

    /** Puts the address first, so that text from a client cannot imitate it. */
    private static String describe(String user, Peer peer) {
        InetAddress address = peer.address();
        return "address="
                + (address == null
                        ? "-"
                        : SCOPE.matcher(address.getHostAddress()).replaceFirst("")) + " protocol=" + peer.protocol()
                + " user=\"" + ClientText.of(user) + "\"";
    }
}
