package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.ftp.FtpSettings.Tls;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.TestCertificates;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many short sessions whose commands arrive while another thread completes the previous command. */
class HandOverTest {

    private static final int SESSIONS = Boolean.getBoolean("mooring.long") ? 10_000 : 400;
    private static final int CLIENTS = 4;
    private static final int MAX_SESSIONS = 1000;

    @TempDir
    Path root;

    @BeforeEach
    void fill() throws IOException {
        Files.writeString(root.resolve("f"), "0123456789");
    }

    /** Accounts that complete their verdicts on another thread, before or after the calling thread has continued. */
    private static final class RacingAccounts implements Accounts {

        @Override
        public CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer) {
            boolean right = user.equals("ada") && Arrays.equals("secret".toCharArray(), password);
            CompletableFuture<Verdict> verdict = new CompletableFuture<>() {
                @Override
                public <U> CompletableFuture<U> handle(BiFunction<? super Verdict, Throwable, ? extends U> function) {
                    return delay(super.handle(function));
                }

                @Override
                public CompletableFuture<Verdict> whenComplete(BiConsumer<? super Verdict, ? super Throwable> action) {
                    return delay(super.whenComplete(action));
                }
            };
            verdict.completeAsync(() -> right
                    ? new Verdict.Accepted(new Account(user, null, SharePath.ROOT, false))
                    : new Verdict.Refused());
            return verdict;
        }

        /** Delays the calling thread at random, so that the verdict is sometimes complete before it continues. */
        private static <T> T delay(T stage) {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(2) * 500_000L);
            return stage;
        }

        @Override
        public @Nullable Account authorize(String user, byte[] key, Peer peer) {
            return null;
        }
    }

    private static FtpSettings settings(Tls tls, @Nullable Path certificate, @Nullable Path key) {
        Duration timeout = Duration.ofSeconds(20);
        return new FtpSettings(
                tls, certificate, key, false, false, "", "", timeout, timeout, MAX_SESSIONS, MAX_SESSIONS, 2);
    }

    private TestServer start(FtpSettings settings) throws IOException {
        TestServer server = new TestServer(root, settings);
        server.server().setAccounts(new RacingAccounts());
        return server;
    }

    @FunctionalInterface
    private interface Session {
        void run(int number) throws Exception;
    }

    /** Runs sessions, several at a time, until one fails. */
    private static void run(int count, Session session) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            CompletionService<Void> ends = new ExecutorCompletionService<>(clients);
            for (int i = 0; i < count; i++) {
                int number = i;
                ends.submit(() -> {
                    session.run(number);
                    return null;
                });
            }
            for (int i = 0; i < count; i++) {
                ends.take().get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private static void send(FtpClient client, String... commands) throws IOException {
        client.send((String.join("\r\n", commands) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Expects replies with these codes in this order. */
    private static void expect(FtpClient client, int... codes) throws IOException {
        for (int code : codes) {
            String reply = client.reply();
            assertTrue(reply.startsWith(Integer.toString(code)), () -> code + " was expected: " + reply);
        }
    }

    @Test
    void restAppliesToItsTransferWhenCommandsFollowALoginAtOnce() throws Exception {
        try (TestServer server = start(settings(Tls.OFF, null, null))) {
            run(SESSIONS, number -> {
                try (FtpClient client = server.client()) {
                    send(client, "USER ada", "PASS secret", "TYPE I", "SIZE f", "REST 7");
                    expect(client, 331, 230, 200, 213, 350);
                    try (Socket data = client.passive()) {
                        send(client, "RETR f", "NOOP", "QUIT", "DELE f");
                        assertEquals("789", new String(data.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                    }
                    expect(client, 150, 226, 200, 221);
                    assertEquals("", client.reply());
                }
            });
        }
        assertTrue(Files.exists(root.resolve("f")), "a command after QUIT was carried out");
    }

    @Test
    void repliesAreInOrderWithAborAndStatDuringTransfers() throws Exception {
        try (TestServer server = start(settings(Tls.OFF, null, null))) {
            run(SESSIONS, number -> {
                Random random = new Random(number);
                try (FtpClient client = server.client().logIn()) {
                    for (int i = 0; i < 3; i++) {
                        switch (random.nextInt(3)) {
                            case 0 -> abortUpload(client, "aborted-" + number);
                            case 1 -> statDuringUpload(client, "stored-" + number);
                            default -> resumeDownload(client);
                        }
                    }
                }
            });
        }
    }

    /** An {@code ABOR} that arrives before the transfer has started aborts it too. */
    private void abortUpload(FtpClient client, String name) throws IOException {
        try (Socket data = client.passive()) {
            send(client, "STOR " + name, "ABOR", "NOOP");
            String reply = client.reply();
            if (reply.startsWith("150")) {
                reply = client.reply();
            }
            assertTrue(reply.startsWith("426"), reply);
            expect(client, 226, 200);
            assertTrue(data.isConnected());
        }
        assertFalse(Files.exists(root.resolve(name)));
    }

    /** A {@code STAT} gets one reply, whether the transfer ends before or after it. */
    private void statDuringUpload(FtpClient client, String name) throws IOException {
        try (Socket data = client.passive()) {
            client.say("STOR " + name, 150);
            data.getOutputStream().write(1);
            send(client, "STAT", "NOOP");
        }
        List<String> codes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            codes.add(client.reply().substring(0, 3));
        }
        assertTrue(
                Set.of(List.of("213", "226", "200"), List.of("226", "213", "200"), List.of("226", "211", "200"))
                        .contains(codes),
                codes.toString());
        assertEquals(1, Files.size(root.resolve(name)));
    }

    private static void resumeDownload(FtpClient client) throws IOException {
        try (Socket data = client.passive()) {
            send(client, "REST 5", "RETR f", "NOOP", "SIZE f");
            assertEquals("56789", new String(data.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        expect(client, 350, 150, 226, 200, 213);
    }

    @Test
    void commandsBeforeAHandshakeAreDiscardedAndThoseAfterItCarriedOut(@TempDir Path certificates) throws Exception {
        TestCertificates.make(certificates, "one", "EC");
        FtpSettings settings = settings(Tls.ALLOWED, certificates.resolve("one.pem"), certificates.resolve("one.key"));
        try (CapturedLog log = new CapturedLog();
                TestServer server = start(settings)) {
            run(SESSIONS / 4, number -> {
                try (FtpClient client = new FtpClient(server.socket().localAddress(), TestCertificates.trusting())) {
                    // One write, so that the later commands arrive with AUTH or shortly after.
                    send(client, "AUTH TLS", "USER ada", "PASS secret", "DELE f");
                    expect(client, 234);
                    client.wrapControl();
                    send(client, "PBSZ 0", "PROT P", "USER ada", "PASS secret", "SIZE f", "REST 7", "PWD", "QUIT");
                    expect(client, 200, 200, 331, 230, 213, 350, 257, 221);
                }
            });
            assertFalse(log.hasStackTrace(), () -> log.lines().toString());
        }
        assertTrue(Files.exists(root.resolve("f")));
    }

    @Test
    void dismissedClientGetsRepliesInOrderAndThenTheReason() throws Exception {
        String[] commands = new String[60];
        Arrays.setAll(commands, i -> i % 3 == 0 ? "REST 5" : i % 3 == 1 ? "SIZE f" : "HASH f");
        for (int round = 0; round < Math.max(10, SESSIONS / 100); round++) {
            TestServer server = start(settings(Tls.OFF, null, null));
            CountDownLatch begun = new CountDownLatch(CLIENTS);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
                try {
                    assertTrue(begun.await(20, TimeUnit.SECONDS));
                    server.close();
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            run(CLIENTS, number -> {
                try (FtpClient client = server.client()) {
                    send(client, "USER ada", "PASS secret");
                    send(client, commands);
                    begun.countDown();
                    StringBuilder codes = new StringBuilder();
                    for (String reply = client.reply(); !reply.isEmpty(); reply = client.reply()) {
                        codes.append(reply, 0, 3).append(' ');
                    }
                    assertTrue(
                            codes.toString().matches("(331 (230 (350 213 213 ){0,20}(350 (213 )?)?)?)?421 "),
                            codes.toString());
                }
            });
            closed.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void noCommandIsCarriedOutAfterTooManyFailedLogins() throws Exception {
        try (TestServer server = start(settings(Tls.OFF, null, null))) {
            run(SESSIONS / 4, number -> {
                try (FtpClient client = server.client()) {
                    send(client, "USER ada", "PASS no", "USER ada", "PASS no", "USER ada", "PASS secret", "DELE f");
                    expect(client, 331, 530, 331, 530, 421);
                    assertEquals("", client.reply());
                }
            });
        }
        assertTrue(Files.exists(root.resolve("f")));
    }
}
