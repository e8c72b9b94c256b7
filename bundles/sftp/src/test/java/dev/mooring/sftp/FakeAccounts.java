package dev.mooring.sftp;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.share.SharePath;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.jspecify.annotations.Nullable;

/** Accounts whose password is {@code secret}. {@code ada} exists; logins of {@code limited} are refused for 1.5 s. */
public final class FakeAccounts implements Accounts {

    private final Map<String, Account> accounts = new HashMap<>();
    private final List<byte[]> keys = new CopyOnWriteArrayList<>();
    private final List<Peer> peers = new CopyOnWriteArrayList<>();
    private CountDownLatch held = new CountDownLatch(0);

    /** Contains only {@code ada}. */
    public FakeAccounts() {
        add(new Account("ada", null, SharePath.ROOT, false));
    }

    /** Adds an account. */
    public FakeAccounts add(Account account) {
        accounts.put(account.name(), account);
        return this;
    }

    /** Authorizes a key for every account. */
    public FakeAccounts authorize(KeyPair key) {
        ByteArrayBuffer encoded = new ByteArrayBuffer();
        encoded.putRawPublicKey(key.getPublic());
        keys.add(encoded.getCompactData());
        return this;
    }

    /** Delays verdicts on passwords until the latch is open. */
    public FakeAccounts hold(CountDownLatch latch) {
        held = latch;
        return this;
    }

    /** The clients of all logins so far. */
    public List<Peer> peers() {
        return peers;
    }

    private void await() {
        try {
            held.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
        peers.add(peer);
        boolean right = accounts.containsKey(user) && "secret".equals(new String(password));
        return CompletableFuture.supplyAsync(() -> {
            await();
            return user.equals("limited")
                    ? new Verdict.Limited(Duration.ofMillis(1500))
                    : right ? new Verdict.Accepted(accounts.get(user)) : new Verdict.Refused();
        });
    }

    @Override
    public @Nullable Account authorize(String user, byte[] key, Peer peer) {
        peers.add(peer);
        return keys.stream().anyMatch(known -> Arrays.equals(known, key)) ? accounts.get(user) : null;
    }
}
