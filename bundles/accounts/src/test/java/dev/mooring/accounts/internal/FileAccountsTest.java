package dev.mooring.accounts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.AccountFiles;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.accounts.internal.key.AuthorizedKeyTest;
import dev.mooring.accounts.internal.password.CredentialCache;
import dev.mooring.accounts.internal.password.PasswordHashes;
import dev.mooring.accounts.internal.password.Throttle;
import dev.mooring.common.LogRecorder;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("files")
class FileAccountsTest {

    // htpasswd -B -C 4: "right", "new", "other"
    private static final String ADA = "ada:$2y$04$6tpZ020KvERR7njKqGnq4.dGlhnKIverkZJJVj8o5lCa9rfnIqpAe\n";
    private static final String ADA_NEW = "ada:$2y$04$54EERgbO/k2R5kGHG1x3J.uQXq/s5jK.Jhd4J1nCa1tSQA3GPI2U2\n";
    private static final String BOB = "bob:$2y$04$SWEcZurSkznPzIYVvo7Hae2RDncGvtm5FyQUrs71oORsLwoexZfiO\n";

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);
    private final AtomicInteger checks = new AtomicInteger();
    private final List<String> costs = new CopyOnWriteArrayList<>();
    private int host;
    private final Peer peer = peer("192.0.2.7");

    @TempDir
    Path dir;

    private LogRecorder log;
    private FileAccounts accounts;

    @BeforeEach
    void open() throws IOException {
        log = new LogRecorder(Accounts.PID);
        write("passwd", ADA + BOB);
        Files.createDirectory(dir.resolve("keys"));
        write("users", "ada share=team home=/people/ada read.only=true\nkeyonly home=\"/a b\"\n");
        open(new AccountFiles(
                "default", dir.resolve("passwd"), dir + "/keys/%u", dir.resolve("users"), null, "/%u", false));
    }

    private void open(AccountFiles files) {
        accounts = new FileAccounts(
                files,
                new FileAccounts.TestHooks(
                        nanos::get,
                        Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC),
                        Duration.ZERO,
                        (password, hash) -> {
                            checks.incrementAndGet();
                            costs.add(PasswordHashes.cost(hash));
                            return PasswordHashes.matches(password, hash);
                        }));
    }

    @AfterEach
    void close() {
        accounts.close();
        log.close();
    }

    @Test
    void sharedKeyFileWithoutUsersIsRefused() {
        AccountFiles files = new AccountFiles("default", null, "/etc/keys", null, null, "/", false);
        Exception refusal = assertThrows(IllegalArgumentException.class, () -> new FileAccounts(files));
        assertTrue(refusal.getMessage().contains("/etc/keys is one file for all users"), refusal::getMessage);
    }

    @Test
    void rightPasswordOpensTheAccountWithItsSettings() {
        assertEquals(
                new Verdict.Accepted(new Account("ada", "team", SharePath.of("/people/ada"), true)),
                login("ada", "right"));
        assertEquals(
                new Verdict.Accepted(new Account("bob", null, SharePath.of("/bob"), false)), login("bob", "other"));
        assertEquals(List.of(), log.lines());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wrong", "right\0", "right\0right", "RIGHT", "other"})
    void anyOtherPasswordIsRefused(String password) {
        assertEquals(new Verdict.Refused(), login("ada", password));
    }

    @Test
    void acceptedPasswordIsNotHashedAgainForFiveMinutes() {
        login("ada", "right");
        for (int i = 0; i < 10; i++) {
            assertTrue(start("ada", "right", peer("192.0.2." + i))
                    .toCompletableFuture()
                    .isDone());
        }
        assertEquals(1, checks.get());
        login("ada", "wrong");
        assertEquals(2, checks.get());
        nanos.addAndGet(CredentialCache.LIFETIME);
        login("ada", "right");
        assertEquals(3, checks.get());
    }

    @Test
    void acceptedPasswordStaysForASecondAfterAChange() throws IOException {
        login("ada", "right");
        write("passwd", ADA_NEW);
        login("ada", "right");
        assertEquals(1, checks.get());
        later();
        assertEquals(new Verdict.Refused(), login("ada", "right"));
        assertInstanceOf(Verdict.Accepted.class, login("ada", "new"));
        write("users", "* read.only=true\n");
        later();
        assertEquals(new Verdict.Accepted(new Account("ada", null, SharePath.of("/ada"), true)), login("ada", "new"));
        assertEquals(4, checks.get());
        Files.delete(dir.resolve("passwd"));
        later();
        assertEquals(new Verdict.Refused(), login("ada", "new"));
        assertTrue(log.lines().contains("WARNING Accounts 'default': " + dir.resolve("passwd") + " does not exist"));
    }

    @Test
    void newAccountMayLogInAtOnce() throws IOException {
        byte[] key = AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519);
        write("passwd", ADA);
        later();
        assertEquals(new Verdict.Refused(), login("bob", "other"));
        write("passwd", ADA + BOB);
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        write("keys/bob", AuthorizedKeyTest.ED25519);
        assertNotNull(accounts.authorize("bob", key, peer));
        Files.delete(dir.resolve("users"));
        assertNull(accounts.authorize("bob", key, peer));
    }

    @Test
    void touchedFileChangesNothing() throws IOException {
        login("ada", "right");
        write("passwd", ADA + BOB);
        later();
        login("ada", "right");
        assertEquals(1, checks.get());
    }

    @Test
    void unknownUserIsCheckedAgainstAnotherHash() {
        assertEquals(new Verdict.Refused(), login("eve", "right"));
        assertEquals(1, checks.get());
        assertEquals(new Verdict.Refused(), login("keyonly", "x"));
        assertEquals(2, checks.get());
        assertEquals(new Verdict.Refused(), login("../ada", "x".repeat(100_000)));
        assertEquals(3, checks.get());
        // The other user's password must not open an account.
        assertEquals(new Verdict.Refused(), login("eve", "other"));
    }

    @Test
    void refusalIsLoggedInOneLineWithoutThePassword() {
        login("ada", "secret");
        login("eve\" user=\"x\n\u2028address=198.51.100.1", "secret");
        authenticate("ada", "secret", new Peer("ftp", null));
        assertEquals(
                List.of(
                        "INFO Accounts 'default': login refused: address=192.0.2.7 protocol=http user=\"ada\"",
                        "INFO Accounts 'default': login refused: address=192.0.2.7 protocol=http"
                                + " user=\"eve%22%20user=%22x%0A%E2%80%A8address=198.51.100.1\"",
                        "INFO Accounts 'default': login refused: address=- protocol=ftp user=\"ada\""),
                log.lines());
    }

    @Test
    void addressIsBlockedAfterFiveFailures() {
        for (int i = 0; i < 5; i++) {
            assertEquals(new Verdict.Refused(), login("user" + i, "wrong"));
        }
        assertEquals(new Verdict.Limited(Duration.ofSeconds(2)), login("ada", "right"));
        assertEquals(5, checks.get());
        assertTrue(log.lines().get(4).endsWith("user=\"user4\" wait=2"));
        assertInstanceOf(Verdict.Accepted.class, authenticate("ada", "right", peer("192.0.2.8")));
        assertInstanceOf(Verdict.Limited.class, login("ada", "right"));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertInstanceOf(Verdict.Accepted.class, login("ada", "right"));
    }

    @Test
    void knownUserIsNotLockedOutByGuessesForOthers() {
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        guess("ada", 5);
        assertInstanceOf(Verdict.Limited.class, login("ada", "right"));
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        nanos.addAndGet(CredentialCache.LIFETIME);
        guess("ada", 5);
        assertInstanceOf(Verdict.Limited.class, login("ada", "right"));
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"), "after the cache entry has expired");
    }

    @Test
    void guessesForAKnownUserAreLimitedToo() {
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        guess("bob", 5);
        int before = checks.get();
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"), "from the cache");
        for (int i = 0; i < Throttle.MAX_CACHE_MISSES; i++) {
            assertInstanceOf(Verdict.Limited.class, login("bob", "more" + i));
        }
        assertInstanceOf(Verdict.Limited.class, login("bob", "other"), "after too many guesses");
        assertEquals(before, checks.get());
        assertInstanceOf(Verdict.Refused.class, login("ada", "wrong"), "others have a separate count");
    }

    private void guess(String user, int times) {
        for (int i = 0; i < times; i++) {
            login(user, "guess" + i + nanos.get());
        }
    }

    @Test
    void refusalComputesOneHashOfEachCostForEveryUser() throws IOException {
        accounts.close();
        write(
                "passwd",
                ADA + BOB + "eve:$2y$05$6tpZ020KvERR7njKqGnq4.dGlhnKIverkZJJVj8o5lCa9rfnIqpAe\n"
                        + "sha:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n");
        open(new AccountFiles("default", dir.resolve("passwd"), null, null, null, "/", false));
        for (String user : List.of("ada", "bob", "eve", "sha", "nobody")) {
            costs.clear();
            assertEquals(new Verdict.Refused(), authenticate(user, "wrong", peer("192.0.2." + ++host)));
            assertEquals(Set.of("$2y$04", "$2y$05", "{SHA}"), Set.copyOf(costs), user);
            assertEquals(3, costs.size(), user);
        }
    }

    @Test
    void clientThatRepeatsAnOldPasswordDoesNotBlockItsAddress() {
        for (int i = 0; i < 20; i++) {
            assertEquals(new Verdict.Refused(), login("ada", "old"));
        }
        assertEquals(1, checks.get());
        assertInstanceOf(Verdict.Accepted.class, login("ada", "right"));
    }

    @Test
    void passwordThatHasBecomeRightIsAccepted() throws IOException {
        assertEquals(new Verdict.Refused(), login("ada", "new"));
        write("passwd", ADA_NEW);
        assertInstanceOf(Verdict.Accepted.class, login("ada", "new"));
    }

    /** Accounts that check passwords only after a signal. */
    private FileAccounts checkingAfter(CountDownLatch go) {
        return new FileAccounts(
                new AccountFiles("default", dir.resolve("passwd"), null, null, null, "/", false),
                new FileAccounts.TestHooks(nanos::get, Clock.systemUTC(), Duration.ZERO, (password, hash) -> {
                    checks.incrementAndGet();
                    try {
                        return go.await(60, TimeUnit.SECONDS) && PasswordHashes.matches(password, hash);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
    }

    /** A thread that has just checked a password may take another check before it notices the close. */
    @Test
    void loginAfterTheCloseIsNotCheckedEvenShortlyAfterAnother() {
        for (int i = 0; i < 1000; i++) {
            accounts.close();
            accounts = new FileAccounts(
                    new AccountFiles("default", dir.resolve("passwd"), null, null, null, "/", false),
                    new FileAccounts.TestHooks(nanos::get, Clock.systemUTC(), Duration.ZERO, (password, hash) -> true));
            assertInstanceOf(Verdict.Accepted.class, login("ada", "right"));
            accounts.close();
            assertInstanceOf(Verdict.Unavailable.class, login("bob", "other"));
        }
    }

    @Test
    void sameLoginFromManyConnectionsIsCheckedOnce() throws Exception {
        accounts.close();
        CountDownLatch go = new CountDownLatch(1);
        accounts = checkingAfter(go);
        List<CompletableFuture<Verdict>> logins = IntStream.range(0, 50)
                .mapToObj(i -> start("ada", "right", peer).toCompletableFuture())
                .toList();
        go.countDown();
        for (CompletableFuture<Verdict> login : logins) {
            assertInstanceOf(Verdict.Accepted.class, login.get(10, TimeUnit.SECONDS));
        }
        assertEquals(1, checks.get());
    }

    @Test
    void refusalIsDelayedAndTheCallerIsNot() {
        accounts.close();
        accounts = new FileAccounts(
                new AccountFiles("default", dir.resolve("passwd"), null, null, null, "/", false),
                new FileAccounts.TestHooks(nanos::get, Clock.systemUTC(), Duration.ofDays(1), PasswordHashes::matches));
        CompletableFuture<Verdict> refusal = start("ada", "wrong", peer).toCompletableFuture();
        assertInstanceOf(Verdict.Accepted.class, authenticate("ada", "right", peer));
        // With two processors there is one thread, so it has already decided the refusal.
        assertFalse(refusal.isDone());
    }

    @Test
    void errorInACheckIsARefusalThatDoesNotCount() throws IOException {
        accounts.close();
        accounts = new FileAccounts(
                new AccountFiles("default", dir.resolve("passwd"), null, null, null, "/", false),
                new FileAccounts.TestHooks(nanos::get, Clock.systemUTC(), Duration.ZERO, (password, hash) -> {
                    if (checks.incrementAndGet() < 10) {
                        throw new NoClassDefFoundError("a library");
                    }
                    return PasswordHashes.matches(password, hash);
                }));
        for (int i = 1; i < 10; i++) {
            assertEquals(new Verdict.Refused(), login("ada", "right"));
        }
        assertInstanceOf(Verdict.Accepted.class, login("ada", "right"));
    }

    @Test
    void loggedAddressHasNoScope() throws UnknownHostException {
        byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
        authenticate("ada", "x", new Peer("ssh", Inet6Address.getByAddress("", linkLocal, 1)));
        assertEquals(
                List.of("INFO Accounts 'default': login refused: address=fe80:0:0:0:0:0:0:1 protocol=ssh user=\"ada\""),
                log.lines());
    }

    @Test
    void invalidLineIsIgnoredAndLoggedOnceByItsNumber() throws IOException {
        write("passwd", "# a comment\n\n" + ADA + "plain:secret\nsecret\n:" + "\n../x:secret\n" + ADA_NEW + BOB);
        for (int i = 0; i < 3; i++) {
            later();
            assertInstanceOf(Verdict.Accepted.class, login("ada", "right"));
            assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        }
        assertEquals(5, log.lines().size(), log.lines()::toString);
        for (int i = 0; i < 5; i++) {
            assertTrue(
                    log.lines()
                            .get(i)
                            .startsWith("WARNING Accounts 'default': " + dir + "/passwd line " + (i + 4) + " "),
                    log.lines()::toString);
            assertFalse(log.lines().get(i).contains("secret"));
        }
    }

    @Test
    void invalidLineReservesItsName() throws IOException {
        String locked = ADA.replace("ada:", "ada:!");
        for (String first : List.of(locked, "ada\n", "ada:*\n")) {
            write("passwd", first + ADA + BOB);
            later();
            assertEquals(new Verdict.Refused(), login("ada", "right"), first);
            assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        }
    }

    @Test
    void lockedPasswordDoesNotLockTheKey() throws IOException {
        byte[] key = AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519);
        write("passwd", ADA.replace("ada:", "ada:!"));
        write("keys/ada", AuthorizedKeyTest.ED25519 + "\n");
        assertNotNull(accounts.authorize("ada", key, peer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "read.only=ture",
                "readonly=true",
                "home=/../x",
                "share=\"team",
                "share",
                "share=a,b =c",
                "share=\"\""
            })
    void userWithAnInvalidLineIsRefused(String settings) throws IOException {
        write("users", "ada " + settings + "\n");
        later();
        assertEquals(new Verdict.Refused(), login("ada", "right"));
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        assertTrue(log.lines().get(0).contains(dir + "/users line 1 is invalid"), log.lines()::toString);
    }

    @Test
    void loginsAreRefusedIfTheFileOfUsersIsMissingOrItsDefaultLineIsInvalid() throws IOException {
        write("users", "* read.only=yes\nbob read.only=true\n");
        later();
        assertEquals(new Verdict.Refused(), login("ada", "right"));
        assertEquals(new Verdict.Refused(), login("bob", "other"));
        Files.delete(dir.resolve("users"));
        later();
        assertEquals(new Verdict.Refused(), login("ada", "right again"));
    }

    @Test
    void worldWritableFileIsNotRead() throws IOException {
        Files.setPosixFilePermissions(dir.resolve("passwd"), PosixFilePermissions.fromString("rw-rw-rw-"));
        later();
        assertEquals(new Verdict.Refused(), login("ada", "right"));
        assertTrue(log.lines().get(0).contains("chmod o-w " + dir.resolve("passwd")), log.lines()::toString);
    }

    @Test
    void keyOpensTheAccountOfItsFile() throws IOException {
        byte[] key = AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519);
        assertNull(accounts.authorize("ada", key, peer));
        write(
                "keys/ada",
                "cert-authority " + AuthorizedKeyTest.ED25519 + "\n" + AuthorizedKeyTest.ED25519 + " ada@example\n");
        assertEquals(
                new Account("ada", "team", SharePath.of("/people/ada"), true), accounts.authorize("ada", key, peer));
        assertTrue(log.lines().get(0).contains("/keys/ada line 1 is ignored"), log.lines()::toString);
        assertNull(accounts.authorize("bob", key, peer));
        assertNull(accounts.authorize("../keys/ada", key, peer));
        assertNull(accounts.authorize("x/../ada", key, peer));
        assertNull(accounts.authorize("", key, peer));
        assertNull(accounts.authorize("a\0", key, peer));
        write("keys/ada", "");
        assertNull(accounts.authorize("ada", key, peer));
    }

    @Test
    void keyThatDoesNotAllowAnAddressIsRefusedAndLogged() throws IOException {
        byte[] key = AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519);
        write("keys/ada", "from=\"192.0.2.8\" " + AuthorizedKeyTest.ED25519 + "\n");
        assertNull(accounts.authorize("ada", key, peer));
        assertNotNull(accounts.authorize("ada", key, peer("192.0.2.8")));
        assertEquals(
                List.of("INFO Accounts 'default': key refused: address=192.0.2.7 protocol=http user=\"ada\": " + dir
                        + "/keys/ada line 1 does not allow this address"),
                log.lines());
    }

    @Test
    void namesThatAreTooLongForAFileHaveNoKeysAndNoLogLine() throws IOException {
        byte[] key = AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519);
        write("keys/" + "é".repeat(127), AuthorizedKeyTest.ED25519 + "\n");
        assertNotNull(accounts.authorize("é".repeat(127), key, peer));
        write("keys/ada", "x\n");
        assertNull(accounts.authorize("ada", key, peer));
        assertEquals(1, log.lines().size(), log.lines()::toString);

        // They do not evict the files of users, which would be read and reported again.
        for (int i = 0; i < 1100; i++) {
            assertNull(accounts.authorize("é".repeat(200) + i, key, peer));
        }
        assertNull(accounts.authorize("ada", key, peer("192.0.2.8")));
        assertEquals(1, log.lines().size(), log.lines()::toString);
    }

    @Test
    void problemsOfUsersKeyFilesAreLoggedOnceAMinuteWithEncodedNames() throws IOException {
        byte[] key = AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519);
        write("keys/josé", "x\n\ny\n");
        assertNull(accounts.authorize("josé", key, peer));
        assertEquals(
                List.of("WARNING Accounts 'default': " + dir
                        + "/keys/jos%C3%A9 line 1 is ignored: it is not [OPTIONS] TYPE KEY [COMMENT];"
                        + " line 3 is ignored: it is not [OPTIONS] TYPE KEY [COMMENT]"),
                log.lines());

        // No name in a file has a file, but none is known not to exist.
        write("file", "");
        open(new AccountFiles("default", null, dir + "/file/%u", dir.resolve("users"), null, "/", false));
        for (int i = 0; i < 20; i++) {
            assertNull(accounts.authorize("é" + i, key, peer));
        }
        assertEquals(2, log.lines().size(), log.lines()::toString);
        assertTrue(
                log.lines().get(1).contains("/file/%C3%A90 cannot be read: ")
                        && !log.lines().get(1).contains("é"),
                log.lines()::toString);
    }

    @Test
    void unknownKeysAreNotFailuresAndABlockedAddressMayUseAKey() throws IOException {
        write("keys/ada", AuthorizedKeyTest.ED25519 + "\n");
        for (int i = 0; i < 20; i++) {
            assertNull(accounts.authorize("ada", new byte[] {(byte) i}, peer));
        }
        assertInstanceOf(Verdict.Accepted.class, login("bob", "other"));
        for (int i = 0; i < 5; i++) {
            login("ada", "wrong" + i);
        }
        assertInstanceOf(Verdict.Limited.class, login("ada", "right"));
        assertNotNull(accounts.authorize("ada", AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519), peer));
    }

    @Test
    void sharedKeyFileOpensEveryAccount() throws IOException {
        accounts.close();
        write("shared", AuthorizedKeyTest.ED25519 + "\n");
        open(new AccountFiles("default", dir.resolve("passwd"), dir + "/shared", dir.resolve("users"), "s", "/", true));
        byte[] key = AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519);
        assertEquals(new Account("bob", "s", SharePath.ROOT, true), accounts.authorize("bob", key, peer));
        assertEquals(new Account("keyonly", "s", SharePath.of("a b"), true), accounts.authorize("keyonly", key, peer));
        assertNull(accounts.authorize("eve", key, peer));
        assertNull(accounts.authorize("*", key, peer));
    }

    @Test
    void loginsAreNotCheckedAfterTheClose() throws IOException {
        write("keys/ada", AuthorizedKeyTest.ED25519 + "\n");
        login("ada", "right");
        accounts.close();
        accounts.close();
        assertInstanceOf(Verdict.Unavailable.class, login("ada", "right"));
        assertInstanceOf(Verdict.Unavailable.class, login("bob", "other"));
        assertNull(accounts.authorize("ada", AuthorizedKeyTest.blob(AuthorizedKeyTest.ED25519), peer));
    }

    @Test
    void accountsWithoutPasswordsAndKeysAreRefused() {
        assertEquals(
                "Accounts 'x': nobody can log in; set 'passwords' or 'authorized.keys' to a file",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new AccountFiles("x", null, null, null, null, "/", false).open())
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new AccountFiles("x", dir, null, null, null, "/../..", false)
                .open());
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(dir.resolve(name), content);
    }

    private void later() {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    }

    private Verdict login(String user, String password) {
        return authenticate(user, password, peer);
    }

    private Verdict authenticate(String user, String password, Peer from) {
        return start(user, password, from)
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private CompletionStage<Verdict> start(String user, String password, Peer from) {
        return accounts.authenticate(user, password.toCharArray(), from);
    }

    private static Peer peer(String address) {
        try {
            return new Peer("http", InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
