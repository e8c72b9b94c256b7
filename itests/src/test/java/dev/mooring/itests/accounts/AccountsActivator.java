package dev.mooring.itests.accounts;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.share.SharePath;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/**
 * Publishes two sets of accounts: {@code default}, with the highest ranking of that name, where grace has the password
 * {@code hopper}; and {@code crew}, where joan has the password {@code clarke}.
 */
public final class AccountsActivator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        publish(context, "default", "grace", "hopper");
        publish(context, "crew", "joan", "clarke");
    }

    private static void publish(BundleContext context, String name, String user, String password) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Accounts.ACCOUNTS_NAME, name);
        properties.put(Constants.SERVICE_RANKING, 1000);
        context.registerService(Accounts.class, new One(user, password), properties);
    }

    /** A user and a password. */
    private record One(String user, String password) implements Accounts {

        @Override
        public CompletionStage<Verdict> authenticate(String name, char[] given, Peer peer) {
            boolean right = name.equals(user) && Arrays.equals(given, password.toCharArray());
            return CompletableFuture.completedFuture(
                    right
                            ? new Verdict.Accepted(new Account(user, null, SharePath.ROOT, false))
                            : new Verdict.Refused());
        }

        @Override
        public @Nullable Account authorize(String name, byte[] key, Peer peer) {
            return null;
        }
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters the services.
    }
}
