package dev.mooring.sftp;

import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_CREAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_TRUNC;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_WRITE;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientSession.ClientSessionEvent;
import org.apache.sshd.common.channel.RequestHandler;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KeepAliveTest {

    private static final int PIECE = 32 * 1024;

    @TempDir
    Path directory;

    private TestServer server(Duration idle) throws IOException {
        return server(idle, Duration.ofMillis(50));
    }

    private TestServer server(Duration idle, Duration keepAlive) throws IOException {
        SftpSettings settings = new TestSettings(directory.resolve("keys"))
                .idleTimeout(idle)
                .keepAlive(keepAlive)
                .get();
        return new TestServer(directory, new FakeAccounts(), settings, false);
    }

    @Test
    void clientThatAnswersIsLeftAlone() throws Exception {
        CountDownLatch questions = new CountDownLatch(3);
        // So long that no busy machine makes the client late for three of them.
        try (TestServer server = server(Duration.ZERO, Duration.ofSeconds(1))) {
            server.client().setGlobalRequestHandlers(List.of((session, request, reply, buffer) -> {
                assertEquals("keepalive@openssh.com", request);
                assertTrue(reply);
                questions.countDown();
                return RequestHandler.Result.ReplyFailure;
            }));
            try (ClientSession session = server.login("ada", "secret")) {
                assertTrue(questions.await(20, TimeUnit.SECONDS));
                assertTrue(session.isOpen());
            }
        }
    }

    @Test
    void sessionOfClientThatFallsSilentEndsAndItsUploadsGo() throws Exception {
        try (TestServer server = server(Duration.ZERO, Duration.ofSeconds(1))) {
            SftpClient sftp = server.sftp();
            sftp.open("/x", OpenMode.Write, OpenMode.Create, OpenMode.Truncate);
            assertEquals(1, Watched.names(directory.resolve("files")).size());
            // It is there, but takes nothing in any more.
            sftp.getSession().getIoSession().suspendRead();
            Watched.await(directory.resolve("files"));
        }
    }

    /** What its connection says of its end is behind what the server does not read. */
    @Test
    void aClientThatGoesWhileTheServerDoesNotReadFromItIsNoticedWithoutKeepAlives() throws Exception {
        try (TestServer server = server(Duration.ZERO, Duration.ZERO);
                ClientSession session = server.login("ada", "secret")) {
            Files.write(directory.resolve("files/x"), new byte[PIECE]);
            for (int i = 0; i < 2; i++) {
                RawSftp sftp = new RawSftp(session);
                sftp.open("upload" + i, SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC);
                byte[] handle = sftp.open("x", SSH_FXF_READ);
                // More replies than the client takes, and then more requests than wait for one connection.
                for (int j = 0; j < 100; j++) {
                    sftp.send(sftp.request(SSH_FXP_READ, buffer -> {
                        buffer.putBytes(handle);
                        buffer.putLong(0);
                        buffer.putInt(PIECE);
                    }));
                }
                for (int j = 0; j < 15; j++) {
                    sftp.send(sftp.request(SSH_FXP_WRITE, buffer -> {
                        buffer.putBytes(handle);
                        buffer.putLong(0);
                        buffer.putBytes(new byte[4 * PIECE]);
                    }));
                }
                while (!sftp.isFull()) {
                    Thread.onSpinWait(); // up to the time-out of the test
                }
            }
            assertEquals(3, Watched.names(directory.resolve("files")).size());
            session.getIoSession().close(true);
            Watched.await(directory.resolve("files"), "x");
        }
    }

    @Test
    void answersAreNoRequestsSoThatIdleSessionsEnd() throws Exception {
        try (TestServer server = server(Duration.ofMillis(500));
                ClientSession session = server.login("ada", "secret")) {
            assertTrue(session.waitFor(EnumSet.of(ClientSessionEvent.CLOSED), Duration.ofSeconds(20))
                    .contains(ClientSessionEvent.CLOSED));
        }
    }
}
