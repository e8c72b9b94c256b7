package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
import org.junit.jupiter.api.io.TempDir;

class KeepAliveTest {

    @TempDir
    Path directory;

    private TestServer server(Duration idle) throws IOException {
        return server(idle, Duration.ofMillis(50));
    }

    private TestServer server(Duration idle, Duration keepAlive) throws IOException {
        SftpSettings settings = new SftpSettings(
                directory.resolve("keys"),
                List.of(),
                "password",
                10,
                10,
                10,
                10,
                Duration.ofSeconds(20),
                idle,
                keepAlive,
                false);
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

    @Test
    void answersAreNoRequestsSoThatIdleSessionsEnd() throws Exception {
        try (TestServer server = server(Duration.ofMillis(500));
                ClientSession session = server.login("ada", "secret")) {
            assertTrue(session.waitFor(EnumSet.of(ClientSessionEvent.CLOSED), Duration.ofSeconds(20))
                    .contains(ClientSessionEvent.CLOSED));
        }
    }
}
