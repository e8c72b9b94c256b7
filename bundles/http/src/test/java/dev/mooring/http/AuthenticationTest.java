package dev.mooring.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.http.Client.Answer;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AuthenticationTest {

    @TempDir
    Path root;

    private ListeningSocket socket;
    private HttpServer server;
    private boolean later;

    /** ada has the password "säge:1", eve has failed too often, and bob has another share. */
    private final class People implements Accounts {
        @Override
        public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
            assertEquals("http", peer.protocol());
            Verdict verdict = verdict(user, new String(password));
            return later
                    ? CompletableFuture.supplyAsync(() -> verdict, Executors.newSingleThreadExecutor())
                    : CompletableFuture.completedFuture(verdict);
        }

        private Verdict verdict(String user, String password) {
            return switch (user + "=" + password) {
                case "ada=säge:1" -> new Verdict.Accepted(new Account(user, null, SharePath.ROOT, true));
                case "bob=b" -> new Verdict.Accepted(new Account(user, "another", SharePath.ROOT, true));
                case "eve=e" -> new Verdict.Limited(Duration.ofMillis(1500));
                default -> new Verdict.Refused();
            };
        }

        @Override
        public @Nullable Account authorize(String user, byte[] key, Peer peer) {
            throw new AssertionError("HTTP has no keys");
        }
    }

    @BeforeEach
    void startServer() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");
        server = new HttpServer(
                "http~test",
                new DirectoryShare(root),
                HttpSettings.builder().authentication(true).build());
        server.setAccounts(new People());
        socket = ListeningSocket.inet("http");
        server.add(socket);
        server.start();
    }

    @AfterEach
    void closeServer() throws IOException {
        server.close();
        socket.close();
    }

    private Answer get(String... headers) throws IOException {
        return new Client(socket.localAddress()).get("/hello.txt", headers);
    }

    private static String basic(String credentials) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rightPasswordIsAcceptedByAnImmediateOrLaterVerdict(boolean verdictComesLater) throws IOException {
        later = verdictComesLater;
        assertEquals("hello", get(basic("ada:säge:1")).text());
        assertEquals("hello", get(basic("ada:säge:1").replace("Basic", "bAsIc")).text());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void missingOrWrongPasswordIsChallenged(boolean verdictComesLater) throws IOException {
        later = verdictComesLater;
        for (String header : new String[] {
            "X: y",
            basic("ada:wrong"),
            basic("nobody:x"),
            basic("ada"),
            "Authorization: Basic %%%",
            "Authorization: Bearer x"
        }) {
            Answer answer = get(header);
            assertEquals(401, answer.status(), header);
            assertTrue(answer.header("WWW-Authenticate").startsWith("Basic realm=\""), header);
            assertTrue(!answer.text().contains("hello"));
        }
    }

    @Test
    void limitedClientIsToldWhenToRetry() throws IOException {
        Answer answer = get(basic("eve:e"));
        assertEquals(429, answer.status());
        assertEquals("2", answer.header("Retry-After"));
    }

    @Test
    void accountWithAnotherShareSeesThatShare(@TempDir Path other) throws IOException {
        TestServer.write(other.resolve("hello.txt"), "bob's");
        server.shares().add(new DirectoryShare("another", other));
        for (int i = 0; i < 3; i++) { // first from the disk, then from memory
            assertEquals("hello", get(basic("ada:säge:1")).text());
            assertEquals("bob's", get(basic("bob:b")).text());
        }
        String tag = get(basic("ada:säge:1")).header("ETag");
        assertEquals(200, get(basic("bob:b"), "If-None-Match: " + tag).status());
    }

    @Test
    void shareOfAnAccountMayAppearLaterAndBeReplaced(@TempDir Path first, @TempDir Path second) throws IOException {
        TestServer.write(first.resolve("hello.txt"), "first");
        TestServer.write(second.resolve("hello.txt"), "other");
        DirectoryShare another = new DirectoryShare("another", first);
        try (CapturedLog log = new CapturedLog()) {
            assertEquals(503, get(basic("bob:b")).status());
            assertEquals(503, get(basic("bob:b")).status());
            assertEquals(
                    List.of(
                            "SEVERE http~test cannot serve account 'bob', because share 'another' does not exist; configure it"
                                    + " in dev.mooring.share-another.cfg, or set share= of the account to an existing share"),
                    log.lines());
            server.shares().add(another);
            assertEquals("first", get(basic("bob:b")).text());
            server.shares().remove(another);
            server.shares().add(new DirectoryShare("another", second));
            assertEquals("other", get(basic("bob:b")).text());
        }
    }

    @Test
    void protectedResponseIsForPrivateCachesOnly() throws IOException {
        String tag = get(basic("ada:säge:1")).header("ETag");
        for (Answer answer : List.of(
                get(basic("ada:säge:1")),
                get(basic("ada:säge:1"), "If-None-Match: " + tag),
                new Client(socket.localAddress()).get("/", basic("ada:säge:1")))) {
            assertEquals("private, no-cache", answer.header("Cache-Control"));
            assertTrue(answer.header("Vary").contains("Authorization"), answer.header("Vary"));
        }
        assertTrue(get().header("Vary").contains("Authorization"));
    }

    @Test
    void accessLogNamesAccountAndRequest() throws IOException {
        server.setAccessLog(true);
        try (CapturedLog log = new CapturedLog()) {
            get(basic("ada:säge:1"));
            get(basic("nobody:x"));

            log.await("\"GET /hello.txt HTTP/1.1\" 401 ");
            String line = log.await("\"GET /hello.txt HTTP/1.1\" 200 5 ");
            assertTrue(line.startsWith("INFO 127.0.0.1 - ada ["), line);
            assertTrue(line.endsWith(" http~test"), line);
            assertEquals(0, server.transfers());
        }
    }

    @Test
    void cachedFileNeedsAPasswordToo() throws IOException {
        get(basic("ada:säge:1"));
        get(basic("ada:säge:1"));
        assertEquals(401, get().status());
    }
}
