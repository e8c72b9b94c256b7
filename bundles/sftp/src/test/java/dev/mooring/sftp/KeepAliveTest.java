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
    void clientThatAnswersStaysConnected() throws Exception {
        CountDownLatch keepAlives = new CountDownLatch(3);
        // Long enough that even on a busy machine the client does not miss three of them.
        try (TestServer server = server(Duration.ZERO, Duration.ofSeconds(1))) {
            server.client().setGlobalRequestHandlers(List.of((session, request, reply, buffer) -> {
                assertEquals("keepalive@openssh.com", request);
                assertTrue(reply);
                keepAlives.countDown();
                return RequestHandler.Result.ReplyFailure;
            }));
            try (ClientSession session = server.login("ada", "secret")) {
                assertTrue(keepAlives.await(20, TimeUnit.SECONDS));
                assertTrue(session.isOpen());
            }
        }
    }

    @Test
    void sessionOfASilentClientEndsAndItsUploadsAreRemoved() throws Exception {
        try (TestServer server = server(Duration.ZERO, Duration.ofSeconds(1))) {
            SftpClient sftp = server.sftp();
            sftp.open("/x", OpenMode.Write, OpenMode.Create, OpenMode.Truncate);
            assertEquals(1, DirectoryContents.names(directory.resolve("files")).size());
            // The client is connected, but does not read.
            sftp.getSession().getIoSession().suspendRead();
            DirectoryContents.await(directory.resolve("files"));
        }
    }

    /** The end of the stream is behind data that the server does not read. */
    @Test
    void disconnectIsNoticedWithoutKeepAlivesWhileTheServerDoesNotRead() throws Exception {
        try (TestServer server = server(Duration.ZERO, Duration.ZERO);
                ClientSession session = server.login("ada", "secret")) {
            Files.write(directory.resolve("files/x"), new byte[PIECE]);
            for (int i = 0; i < 2; i++) {
                RawSftp sftp = new RawSftp(session);
                sftp.open("upload" + i, SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC);
                byte[] handle = sftp.open("x", SSH_FXF_READ);
                // More replies than the client reads, and then more requests than the server keeps for a connection.
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
                    Thread.onSpinWait(); // up to the timeout of the test
                }
            }
            assertEquals(3, DirectoryContents.names(directory.resolve("files")).size());
            session.getIoSession().close(true);
            DirectoryContents.await(directory.resolve("files"), "x");
        }
    }

    @Test
    void answersToKeepAlivesDoNotKeepAnIdleSessionOpen() throws Exception {
        try (TestServer server = server(Duration.ofMillis(500));
                ClientSession session = server.login("ada", "secret")) {
            assertTrue(session.waitFor(EnumSet.of(ClientSessionEvent.CLOSED), Duration.ofSeconds(20))
                    .contains(ClientSessionEvent.CLOSED));
        }
    }
}
