package dev.mooring.ftp;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.share.SharePath;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Accounts for tests: ada may write, bob may read, eve is rate-limited. The password is {@code secret}. */
public final class FakeAccounts implements Accounts {

    @Override
    public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
        if (user.equals("eve")) {
            return CompletableFuture.completedFuture(new Verdict.Limited(Duration.ofSeconds(7)));
        }
        boolean right = Arrays.equals("secret".toCharArray(), password);
        return CompletableFuture.supplyAsync(() -> right && (user.equals("ada") || user.equals("bob"))
                ? new Verdict.Accepted(new Account(user, null, SharePath.ROOT, user.equals("bob")))
                : new Verdict.Refused());
    }

    @Override
    public @Nullable Account authorize(String user, byte[] key, Peer peer) {
        return null;
    }
}
