package dev.mooring.accounts.internal;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.AccountFiles;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.OwnedAccounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.accounts.internal.key.AuthorizedKey;
import dev.mooring.accounts.internal.key.KeyFiles;
import dev.mooring.accounts.internal.password.CredentialCache;
import dev.mooring.accounts.internal.password.FairQueue;
import dev.mooring.accounts.internal.password.PasswordHashes;
import dev.mooring.accounts.internal.password.Passwords;
import dev.mooring.accounts.internal.password.Throttle;
import dev.mooring.accounts.internal.user.UserNames;
import dev.mooring.accounts.internal.user.Users;
import dev.mooring.accounts.internal.user.WatchedFile;
import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
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
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Accounts in files, which are checked for changes at each login. */
public final class FileAccounts implements OwnedAccounts {

    /** Dependencies that tests replace. */
    record TestHooks(LongSupplier nanos, Clock clock, Duration delay, BiPredicate<byte[], String> hashes) {

        static final TestHooks REAL =
                new TestHooks(System::nanoTime, Clock.systemUTC(), Duration.ofSeconds(1), PasswordHashes::matches);
    }

    /** A login attempt. The same login on several connections at the same time is one attempt. */
    private record Attempt(Throttle.Source source, ByteBuffer print) {}

    private static final Logger LOG = System.getLogger(Accounts.PID);
    private static final Duration BUSY = Duration.ofSeconds(1);
    private static final Pattern SCOPE = Pattern.compile("%.*");
    private static final int QUEUE = 256;
    private static final int KEEP_ALIVE_SECONDS = 10;

    private final AccountFiles files;
    private final TestHooks surroundings;
    private final @Nullable WatchedFile<Passwords> passwords;
    private final @Nullable WatchedFile<Users> users;
    private final @Nullable KeyFiles keys;
    private final ClientLog keysRefused = new ClientLog(LOG);
    private final Throttle throttle;
    private final ThreadPoolExecutor checks;
    private final FairQueue queue;
    private final Map<Attempt, CompletableFuture<Verdict>> underWay = new ConcurrentHashMap<>();
    private volatile CredentialCache credentials;

    /**
     * Makes the accounts of some files.
     *
     * @param files the files and settings
     */
    public FileAccounts(AccountFiles files) {
        this(files, TestHooks.REAL);
    }

    FileAccounts(AccountFiles files, TestHooks surroundings) {
        if (files.passwords() == null && files.authorizedKeys() == null) {
            throw new IllegalArgumentException(
                    title(files) + "nobody can log in; set 'passwords' or 'authorized.keys' to a file");
        }
        if (!Users.isPath(files.home())) {
            throw new IllegalArgumentException(
                    title(files) + "home " + files.home() + " is not a path in a share; write / or /home/%u");
        }
        this.files = files;
        this.surroundings = surroundings;
        passwords = watch(files.passwords(), Passwords::parse, Passwords.NONE);
        users = watch(files.users(), Users::parse, Users.UNREADABLE);
        keys = keys(files.authorizedKeys());
        if (keys != null && keys.isShared() && files.passwords() == null && files.users() == null) {
            throw new IllegalArgumentException(title(files) + "nobody can log in, because authorized.keys "
                    + files.authorizedKeys()
                    + " is one file for all users and does not name them; set 'users' or"
                    + " 'passwords' to a file, or use a file for each user: authorized.keys = /etc/mooring/keys/%u");
        }
        throttle = new Throttle(surroundings.nanos);
        // Password checks use at most half of the processors. Without logins there are no threads.
        int most = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        checks = new ThreadPoolExecutor(
                most, most, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "mooring accounts " + files.name());
                    thread.setDaemon(true);
                    return thread;
                });
        checks.allowCoreThreadTimeOut(true);
        queue = new FairQueue(checks, most, QUEUE);
        credentials = new CredentialCache(currentPasswords(), currentUsers(), surroundings.hashes);
    }

    private <T> @Nullable WatchedFile<T> watch(@Nullable Path path, WatchedFile.Parser<T> parser, T unreadable) {
        return path == null ? null : new WatchedFile<>(path, true, parser, unreadable, this::warn, surroundings.nanos);
    }

    private @Nullable KeyFiles keys(@Nullable String pattern) {
        try {
            return pattern == null ? null : new KeyFiles(pattern, this::warn, surroundings.nanos);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(title(files) + "authorized.keys " + pattern + " is not a path", e);
        }
    }

    private static String title(AccountFiles files) {
        return "Accounts '" + files.name() + "': ";
    }

    private void warn(String what) {
        LOG.log(Level.WARNING, title(files) + what);
    }

    private Passwords currentPasswords() {
        return passwords == null ? Passwords.NONE : passwords.get();
    }

    private Users currentUsers() {
        return users == null ? Users.ALIKE : users.get();
    }

    private CredentialCache credentials() {
        Passwords currentPasswords = currentPasswords();
        Users currentUsers = currentUsers();
        CredentialCache current = credentials;
        return current.isOf(currentPasswords, currentUsers) ? current : renew(currentPasswords, currentUsers);
    }

    private synchronized CredentialCache renew(Passwords currentPasswords, Users currentUsers) {
        if (!credentials.isOf(currentPasswords, currentUsers)) {
            credentials = new CredentialCache(currentPasswords, currentUsers, surroundings.hashes);
        }
        return credentials;
    }

    private @Nullable Account account(CredentialCache current, String user) {
        return current.users.account(user, files.share(), files.home(), files.readOnly());
    }

    @Override
    public String name() {
        return files.name();
    }

    @Override
    public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
        if (checks.isShutdown()) {
            // The thread of a running check could otherwise take this one too.
            return CompletableFuture.completedStage(new Verdict.Refused());
        }
        Throttle.Source source = throttle.source(user, peer.address());
        CredentialCache current = credentials();
        byte[] secret = utf8(password);
        byte[] print = current.print(user, secret);
        if (throttle.mayLook(source) && current.remembers(user, print, surroundings.nanos.getAsLong())) {
            Account account = account(current, user);
            if (account != null) {
                Arrays.fill(secret, (byte) 0);
                throttle.loggedIn(user, source);
                return CompletableFuture.completedStage(new Verdict.Accepted(account));
            }
        }
        long blocked = throttle.blocked(source);
        if (blocked > 0) {
            Arrays.fill(secret, (byte) 0);
            throttle.lookedInVain(source);
            return CompletableFuture.completedStage(new Verdict.Limited(Duration.ofNanos(blocked)));
        }
        Attempt attempt = new Attempt(source, ByteBuffer.wrap(print));
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        CompletableFuture<Verdict> same = underWay.putIfAbsent(attempt, verdict);
        if (same != null) {
            Arrays.fill(secret, (byte) 0);
            return same.minimalCompletionStage();
        }
        long wait = throttle.begin(source);
        if (wait > 0) {
            Arrays.fill(secret, (byte) 0);
            finish(attempt, verdict, new Verdict.Limited(Duration.ofNanos(wait)));
        } else {
            start(() -> check(current, user, secret, peer, attempt, verdict), secret, attempt, verdict);
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

    private void start(Runnable check, byte[] secret, Attempt attempt, CompletableFuture<Verdict> verdict) {
        queue.add(attempt.source.network(), attempt.source.isKnown(), new FairQueue.Check() {
            @Override
            public void run() {
                check.run();
            }

            @Override
            public void giveWay() {
                Arrays.fill(secret, (byte) 0);
                throttle.end(attempt.source);
                finish(attempt, verdict, checks.isShutdown() ? new Verdict.Refused() : new Verdict.Busy(BUSY));
            }
        });
    }

    private void check(
            CredentialCache current,
            String user,
            byte[] secret,
            Peer peer,
            Attempt attempt,
            CompletableFuture<Verdict> verdict) {
        byte[] print = attempt.print.array();
        boolean repeated = throttle.isRepeated(attempt.source, print);
        boolean broken = false;
        Account account = null;
        try {
            account = !repeated && current.matches(user, secret) ? account(current, user) : null;
        } catch (RuntimeException | LinkageError e) {
            broken = true;
            LOG.log(Level.ERROR, title(files) + "a password could not be checked", ClientText.trace(e));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        if (account != null) {
            current.remember(user, print, surroundings.nanos.getAsLong());
            throttle.loggedIn(user, attempt.source);
            throttle.end(attempt.source);
            finish(attempt, verdict, new Verdict.Accepted(account));
            return;
        }
        long block = repeated || broken ? 0 : throttle.fail(attempt.source, print);
        LOG.log(
                Level.INFO,
                title(files) + "login refused: " + who(user, peer)
                        + (block > 0 ? " wait=" + TimeUnit.NANOSECONDS.toSeconds(block) : ""));
        CompletableFuture.delayedExecutor(surroundings.delay.toNanos(), TimeUnit.NANOSECONDS, this::execute)
                .execute(() -> {
                    throttle.end(attempt.source);
                    finish(attempt, verdict, new Verdict.Refused());
                });
    }

    /** Runs a task on a thread of this object instead of the timer's thread, which the whole JVM shares. After the close, the caller runs it. */
    private void execute(Runnable task) {
        try {
            checks.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    private void finish(Attempt attempt, CompletableFuture<Verdict> verdict, Verdict said) {
        underWay.remove(attempt);
        verdict.complete(said);
    }

    /** Puts the address first, so that text from a client cannot imitate it. */
    private static String who(String user, Peer peer) {
        InetAddress address = peer.address();
        return "address="
                + (address == null
                        ? "-"
                        : SCOPE.matcher(address.getHostAddress()).replaceFirst("")) + " protocol=" + peer.protocol()
                + " user=\"" + ClientText.of(user) + "\"";
    }

    @Override
    public @Nullable Account authorize(String user, byte[] key, Peer peer) {
        if (keys == null || checks.isShutdown() || !UserNames.isValid(user)) {
            return null;
        }
        CredentialCache current = credentials();
        if (keys.isShared() && !current.knows(user)) {
            return null;
        }
        String objection = null;
        for (AuthorizedKey authorized : keys.of(user)) {
            if (authorized.is(key)) {
                objection = authorized.objection(peer.address(), surroundings.clock.instant());
                if (objection == null) {
                    return account(current, user);
                }
            }
        }
        if (objection != null) {
            String why = objection;
            keysRefused.log(
                    Level.INFO,
                    peer.address(),
                    () -> title(files) + "key refused: " + who(user, peer) + ": " + ClientText.of(keys.path(user)) + " "
                            + ClientText.sentence(why));
        }
        return null;
    }

    @Override
    public void close() {
        checks.shutdown();
    }
}
