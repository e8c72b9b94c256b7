package dev.mooring.protocol.internal;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The current accounts of a server. Without accounts every login is refused, and the log says so once. */
public final class CurrentAccounts implements Accounts {

    private static final Logger LOG = System.getLogger(CurrentAccounts.class.getName());
    private static final Duration LATER = Duration.ofSeconds(5);

    private final String name;
    private final AtomicReference<@Nullable Accounts> current = new AtomicReference<>();
    private volatile boolean kept;
    private volatile boolean reported;

    /**
     * Makes an instance without accounts.
     *
     * @param name the name of the server
     */
    public CurrentAccounts(String name) {
        this.name = name;
    }

    /** Sets the accounts. */
    public void set(Accounts accounts) {
        current.set(accounts);
        reported = false;
    }

    /** Removes the accounts. Does nothing if others have been set since, or while the server drains. */
    public void unset(Accounts accounts) {
        if (!kept) {
            current.compareAndSet(accounts, null);
        }
    }

    /** Ignores removals from now on, so that clients that a draining server has accepted can log in. */
    public void keep() {
        kept = true;
    }

    @Override
    public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
        Accounts accounts = current.get();
        if (accounts != null) {
            return accounts.authenticate(user, password, peer);
        }
        report();
        return CompletableFuture.completedFuture(new Verdict.Unavailable(LATER));
    }

    @Override
    public @Nullable Account authorize(String user, byte[] key, Peer peer) {
        Accounts accounts = current.get();
        if (accounts != null) {
            return accounts.authorize(user, key, peer);
        }
        report();
        return null;
    }

    private void report() {
        if (!reported) {
            reported = true;
            LOG.log(
                    Level.WARNING,
                    "{0} lets nobody in, because there are no accounts; configure dev.mooring.accounts-NAME.cfg, and"
                            + " accounts.target of {0} if NAME is not ''default''",
                    name);
        }
    }
}
