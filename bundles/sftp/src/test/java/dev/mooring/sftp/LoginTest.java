package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
                Set<ClientSessionEvent> ready =
                        session.waitFor(EnumSet.of(ClientSessionEvent.WAIT_AUTH), Duration.ofSeconds(20));
                assertTrue(ready.contains(ClientSessionEvent.WAIT_AUTH), ready::toString);
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
}
