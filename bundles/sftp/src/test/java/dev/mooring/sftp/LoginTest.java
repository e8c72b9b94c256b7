package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientSession.ClientSessionEvent;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.util.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A login handles one request at a time, although other threads decide. */
class LoginTest {

    @TempDir
    Path directory;

    /** The first request would get no answer, and its verdict would apply to the second. */
    @Test
    void requestDuringAPasswordCheckEndsTheSession() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CompletableFuture<Integer> reason = new CompletableFuture<>();
        try (TestServer server = new TestServer(
                directory, new FakeAccounts().hold(held), SftpSettings.defaults(directory.resolve("keys")), false)) {
            server.client().addSessionListener(new SessionListener() {
                @Override
                public void sessionDisconnect(
                        Session session, int code, String message, String language, boolean initiator) {
                    reason.complete(initiator ? -1 : code);
                }
            });
            try (ClientSession session = server.connect("ada")) {
                awaitWithoutLogin(session);
                for (String password : List.of("secret", "another")) {
                    Buffer request = session.createBuffer(SshConstants.SSH_MSG_USERAUTH_REQUEST);
                    request.putString("ada");
                    request.putString("ssh-connection");
                    request.putString("password");
                    request.putBoolean(false);
                    request.putString(password);
                    session.writePacket(request);
                }
                assertEquals(SshConstants.SSH2_DISCONNECT_PROTOCOL_ERROR, reason.get(20, TimeUnit.SECONDS));
            } finally {
                held.countDown();
            }
        }
    }

    private static void requestService(ClientSession session, String name) throws IOException {
        Buffer request = session.createBuffer(SshConstants.SSH_MSG_SERVICE_REQUEST);
        request.putString(name);
        session.writePacket(request);
    }

    private static void awaitWithoutLogin(ClientSession session) {
        Set<ClientSessionEvent> ready =
                session.waitFor(EnumSet.of(ClientSessionEvent.WAIT_AUTH), Duration.ofSeconds(20));
        assertTrue(ready.contains(ClientSessionEvent.WAIT_AUTH), ready::toString);
    }

    private static void awaitEnd(ClientSession session) {
        Set<ClientSessionEvent> end = session.waitFor(EnumSet.of(ClientSessionEvent.CLOSED), Duration.ofSeconds(60));
        assertTrue(end.contains(ClientSessionEvent.CLOSED), end::toString);
    }

    @Test
    void attemptsAreCountedAlsoIfTheClientRequestsTheServiceBeforeEach() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        try (TestServer server = new TestServer(directory)) {
            server.client().addSessionListener(new SessionListener() {
                @Override
                public void sessionDisconnect(
                        Session session, int code, String message, String language, boolean initiator) {
                    failures.set(Integer.parseInt(message.replaceAll("\\D+", "")));
                }
            });
            try (ClientSession session = server.connect("ada")) {
                awaitWithoutLogin(session);
                for (int i = 0; i < 14; i++) { // the first one is not counted
                    requestService(session, i % 2 == 0 ? "ssh-userauth" : "SSH-UserAuth");
                    Buffer attempt = session.createBuffer(SshConstants.SSH_MSG_USERAUTH_REQUEST);
                    attempt.putString("ada");
                    attempt.putString("ssh-connection");
                    attempt.putString("none");
                    session.writePacket(attempt);
                }
                awaitEnd(session);
                assertEquals(13, failures.get());
            }
        }
    }

    /** As paramiko, which requests the service before each attempt. */
    @Test
    void clientThatRequestsTheServiceAgainCanLogIn() throws Exception {
        try (TestServer server = new TestServer(directory);
                ClientSession session = server.connect("ada")) {
            awaitWithoutLogin(session);
            requestService(session, "ssh-userauth");
            session.addPasswordIdentity("wrong");
            assertThrows(IOException.class, () -> session.auth().verify(Duration.ofSeconds(20)));
            session.removePasswordIdentity("wrong");
            requestService(session, "ssh-userauth");
            session.addPasswordIdentity("secret");
            session.auth().verify(Duration.ofSeconds(20));
        }
    }

    @Test
    void timeForTheLoginIsNotExtendedByRequestsForTheService() throws Exception {
        SftpSettings settings = new TestSettings(directory.resolve("keys"))
                .loginTimeout(Duration.ofSeconds(3))
                .get();
        try (TestServer server = new TestServer(directory, new FakeAccounts(), settings, false);
                ClientSession session = server.connect("ada")) {
            awaitWithoutLogin(session);
            Thread client = new Thread(() -> {
                try {
                    while (session.isOpen()) {
                        requestService(session, "ssh-userauth");
                        session.waitFor(EnumSet.of(ClientSessionEvent.CLOSED), Duration.ofMillis(500));
                    }
                } catch (IOException e) {
                    // The server has ended the connection.
                }
            });
            client.start();
            awaitEnd(session);
            client.join();
        }
    }

    /** It would have channels of its own, beside the limit. */
    @Test
    void secondServiceAfterTheLoginEndsTheConnection() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            for (String name : List.of("ssh-connection", "ssh-userauth")) {
                try (ClientSession session = server.login("ada", "secret")) {
                    requestService(session, name);
                    awaitEnd(session);
                }
            }
        }
    }
}
