package dev.mooring.accounts.internal.password;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.accounts.internal.user.LoginLog;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Decides logins with a password: accepts cached passwords at once, limits guesses, and checks the others on threads of its own. */
public final class PasswordLogins {

    /** A login attempt. The same login on several connections at the same time is one attempt. */
    private record Attempt(Throttle.Source source, ByteBuffer fingerprint) {}

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final int QUEUE_CAPACITY = 256;
    private static final int KEEP_ALIVE_SECONDS = 10;

    private final CredentialFiles files;
    private final LoginLog log;
    private final LongSupplier nanos;
    private final Duration delay;
    private final Throttle throttle;
    private final ThreadPoolExecutor threads;
    private final FairQueue queue;
    private final Map<Attempt, CompletableFuture<Verdict>> inProgress = new ConcurrentHashMap<>();

    /**
     * Makes the logins of some accounts.
     *
     * @param name the name of the accounts, for the threads
     * @param delay the time that a refusal takes
     */
    public PasswordLogins(String name, CredentialFiles files, LoginLog log, LongSupplier nanos, Duration delay) {
        this.files = files;
        this.log = log;
        this.nanos = nanos;
        this.delay = delay;
        throttle = new Throttle(nanos);
        // Password checks use at most half of the processors. Without logins there are no threads.
        int size = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        threads = new ThreadPoolExecutor(
                size, size, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "mooring accounts " + name);
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        queue = new FairQueue(threads, size, QUEUE_CAPACITY);
    }

    /** Decides a login; see {@link dev.mooring.accounts.Accounts#authenticate}. */
    public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
        if (isClosed()) {
            // Otherwise the thread of a running check could run this check too.
            return CompletableFuture.completedStage(new Verdict.Unavailable(RETRY_AFTER));
        }
        Throttle.Source source = throttle.source(user, peer.address());
        CredentialCache recent = files.credentials();
        byte[] secret = utf8(password);
        byte[] recentFingerprint = recent.fingerprint(user, secret);
        if (throttle.mayUseCache(source) && recent.remembers(user, recentFingerprint, nanos.getAsLong())) {
            Account account = files.account(recent, user);
            if (account != null) {
                Arrays.fill(secret, (byte) 0);
                throttle.loggedIn(user, source);
                return CompletableFuture.completedStage(new Verdict.Accepted(account));
            }
        }
        long blocked = throttle.blocked(source);
        if (blocked > 0) {
            Arrays.fill(secret, (byte) 0);
            throttle.missedCache(source);
            return CompletableFuture.completedStage(new Verdict.Limited(Duration.ofNanos(blocked)));
        }
        CredentialCache credentials = files.latestCredentials();
        byte[] fingerprint = credentials == recent ? recentFingerprint : credentials.fingerprint(user, secret);
        Attempt attempt = new Attempt(source, ByteBuffer.wrap(fingerprint));
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        CompletableFuture<Verdict> same = inProgress.putIfAbsent(attempt, verdict);
        if (same != null) {
            Arrays.fill(secret, (byte) 0);
            return same.minimalCompletionStage();
        }
        long wait = throttle.begin(source);
        if (wait > 0) {
            Arrays.fill(secret, (byte) 0);
            finish(attempt, verdict, new Verdict.Limited(Duration.ofNanos(wait)));
        } else {
            enqueue(() -> check(credentials, user, secret, peer, attempt, verdict), secret, attempt, verdict);
        }
        return verdict.minimalCompletionStage();
    }

    private static byte[] utf8(char[] password) {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        Arrays.fill(encoded.array(), (byte) 0);
        return bytes;
    }

    private void enqueue(Runnable check, byte[] secret, Attempt attempt, CompletableFuture<Verdict> verdict) {
        queue.add(attempt.source.network(), attempt.source.isKnown(), new FairQueue.Check() {
            @Override
            public void run() {
                check.run();
            }

            @Override
            public void drop() {
                Arrays.fill(secret, (byte) 0);
                throttle.end(attempt.source);
                finish(
                        attempt,
                        verdict,
                        isClosed() ? new Verdict.Unavailable(RETRY_AFTER) : new Verdict.Busy(RETRY_AFTER));
            }
        });
    }

    private void check(
            CredentialCache credentials,
            String user,
            byte[] secret,
            Peer peer,
            Attempt attempt,
            CompletableFuture<Verdict> verdict) {
        byte[] fingerprint = attempt.fingerprint.array();
        boolean repeated = throttle.isRepeated(attempt.source, fingerprint);
        boolean broken = false;
        Account account = null;
        try {
            account = !repeated && credentials.matches(user, secret) ? files.account(credentials, user) : null;
        } catch (RuntimeException | LinkageError e) {
            broken = true;
            log.failedCheck(e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        if (account != null) {
            accept(credentials, user, account, attempt, verdict);
        } else {
            long block = repeated || broken ? 0 : throttle.fail(attempt.source, fingerprint);
            log.refusedPassword(user, peer, block);
            refuseLater(attempt, verdict);
        }
    }

    private void accept(
            CredentialCache credentials,
            String user,
            Account account,
            Attempt attempt,
            CompletableFuture<Verdict> verdict) {
        credentials.remember(user, attempt.fingerprint.array(), nanos.getAsLong());
        throttle.loggedIn(user, attempt.source);
        throttle.end(attempt.source);
        finish(attempt, verdict, new Verdict.Accepted(account));
    }

    private void refuseLater(Attempt attempt, CompletableFuture<Verdict> verdict) {
        CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS, this::execute)
                .execute(() -> {
                    throttle.end(attempt.source);
                    finish(attempt, verdict, new Verdict.Refused());
                });
    }

    /** Runs a task on a thread of this object instead of the timer's thread, which the whole JVM shares. After the close, the caller runs it. */
    private void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    private void finish(Attempt attempt, CompletableFuture<Verdict> verdict, Verdict result) {
        inProgress.remove(attempt);
        verdict.complete(result);
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return threads.isShutdown();
    }

    /** Checks no further passwords, also those in the queue: their clients may try again. Running checks end. */
    public void close() {
        threads.shutdown();
    }
}
