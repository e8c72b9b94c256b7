package dev.mooring.http.internal;

import dev.mooring.share.Account;
import dev.mooring.share.Accounts;
import dev.mooring.share.Peer;
import dev.mooring.share.Verdict;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Stands in for accounts that are not there: everybody is asked to come back later. */
final class NoAccounts implements Accounts {

    private static final Duration LATER = Duration.ofSeconds(5);

    @Override
    public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
        return CompletableFuture.completedFuture(new Verdict.Limited(LATER));
    }

    @Override
    public @Nullable Account authorize(String user, byte[] key, Peer peer) {
        return null;
    }
}
