package dev.mooring.sftp;

import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_EXTENDED;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_MKDIR;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_STAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_STATUS;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FX_FAILURE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ProcessDescriptors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ChannelSubsystem;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.helpers.AbstractSession;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.core.CoreModuleProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The resources that a client can use after its login are limited. */
@Timeout(120)
class BoundsTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int PIECE = 32 * 1024;

    @TempDir
    Path directory;

    private TestServer server() throws IOException {
        Files.createDirectories(directory.resolve("files"));
        return new TestServer(directory);
    }

    @Test
    void environmentVariablesAreRefused() throws Exception {
        CountDownLatch refused = new CountDownLatch(1);
        ChannelSubsystem channel = new ChannelSubsystem("sftp") {
            @Override
            public void handleFailure() {
                refused.countDown();
            }
        };
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret")) {
            session.getService(ConnectionService.class).registerChannel(channel);
            channel.open().verify(TIMEOUT);
            Buffer request = session.createBuffer(SshConstants.SSH_MSG_CHANNEL_REQUEST);
            request.putUInt(channel.getRecipient());
            request.putString("env");
            request.putBoolean(true);
            request.putString("LANG");
            request.putString("C.UTF-8");
            session.writePacket(request);
            assertTrue(refused.await(20, TimeUnit.SECONDS));
        }
    }

    private static void requestPieces(RawSftp client, byte[] handle) throws Exception {
        for (int i = 0; i < 2000; i++) {
            client.send(client.request(SSH_FXP_READ, buffer -> {
                buffer.putBytes(handle);
                buffer.putLong(0);
                buffer.putInt(PIECE);
            }));
        }
    }

    @Test
    void noRequestRunsForAClientThatDoesNotReadItsReplies() throws Exception {
        try (TestServer server = server();
                RawSftp greedy = new RawSftp(server);
                RawSftp modest = new RawSftp(server)) {
            Files.write(directory.resolve("files/x"), new byte[PIECE]);
            byte[] handle = greedy.open("x", SSH_FXF_READ);
            requestPieces(greedy, handle);
            greedy.send(greedy.request(SSH_FXP_MKDIR, buffer -> {
                RawSftp.name(buffer, "last");
                buffer.putInt(0);
            }));
            for (int i = 0; i < 200; i++) {
                modest.stat(SSH_FXP_STAT, "x".getBytes(StandardCharsets.US_ASCII));
            }
            assertFalse(Files.exists(directory.resolve("files/last")));

            for (int i = 0; i < 2000; i++) {
                assertTrue(greedy.receive().available() > PIECE);
            }
            assertEquals(SSH_FXP_STATUS, greedy.receive().getUByte());
            assertTrue(Files.exists(directory.resolve("files/last")));
        }
    }

    @Test
    void dataWaitingForAClientIsDiscardedWhenItsConnectionEnds() throws Exception {
        var field = Class.forName("dev.mooring.sftp.internal.transport.PendingBytes")
                .getDeclaredField("TOTAL");
        field.setAccessible(true);
        AtomicLong waiting = (AtomicLong) field.get(null);
        try (TestServer server = server();
                RawSftp greedy = new RawSftp(server)) {
            Files.write(directory.resolve("files/x"), new byte[PIECE]);
            byte[] handle = greedy.open("x", SSH_FXF_READ);
            requestPieces(greedy, handle);
            assertTrue(greedy.receive().available() > PIECE);
            assertTrue(waiting.get() > 0);
            greedy.disconnect();
            while (waiting.get() != 0) {
                Thread.onSpinWait(); // up to the timeout of the test
            }
        }
    }

    @Test
    void manySmallRequestsOfOneClientAreAllAnswered() throws Exception {
        int count = 20_000;
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < count; i++) {
                        sftp.send(sftp.request(SSH_FXP_STAT, buffer -> RawSftp.name(buffer, "/")));
                    }
                } catch (IOException e) {
                    // Then the replies do not arrive, and the test fails.
                }
            });
            sender.start();
            for (int i = 0; i < count; i++) {
                sftp.receive();
            }
            sender.join();
        }
    }

    @Test
    void readingStopsForAClientThatDoesNotReadItsReplies() throws Exception {
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret")) {
            session.getIoSession().suspendRead();
            // The kernel buffers some megabytes of replies.
            IoWriteFuture last = send(session, 1000);
            for (int i = 0; i < 300 && last.await(Duration.ofSeconds(3)); i++) {
                last = send(session, 1000);
            }
            assertFalse(last.isDone());

            session.getIoSession().resumeRead();
            assertTrue(last.verify(TIMEOUT).isWritten());
        }
    }

    private static IoWriteFuture send(ClientSession session, int count) throws IOException {
        IoWriteFuture last = null;
        for (int i = 0; i < count; i++) {
            Buffer request = session.createBuffer(SshConstants.SSH_MSG_GLOBAL_REQUEST);
            request.putString("keepalive@openssh.com");
            request.putBoolean(true);
            last = session.writePacket(request);
        }
        return last;
    }

    @Test
    void requestsDuringAnUnfinishedKeyExchangeAreLimited() throws Exception {
        var write = AbstractSession.class.getDeclaredMethod("doWritePacket", Buffer.class);
        write.setAccessible(true);
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret")) {
            session.getIoSession().suspendRead();
            session.reExchangeKeys();
            for (int i = 0; i < 1001; i++) {
                Buffer request = session.createBuffer(SshConstants.SSH_MSG_GLOBAL_REQUEST);
                request.putString("keepalive@openssh.com");
                request.putBoolean(true);
                write.invoke(session, request);
            }
            session.getIoSession().resumeRead();
            session.waitFor(EnumSet.of(ClientSession.ClientSessionEvent.CLOSED), TIMEOUT);
            assertTrue(session.isClosed());
        }
    }

    @Test
    void handlesOfAConnectionAreLimitedOverAllItsChannels() throws Exception {
        assumeTrue(ProcessDescriptors.LIMIT >= 16_000, "this process may open too few descriptors");
        try (CapturedLog log = new CapturedLog();
                TestServer server = server();
                ClientSession session = server.login("ada", "secret");
                RawSftp first = new RawSftp(session);
                RawSftp second = new RawSftp(session)) {
            Files.createFile(directory.resolve("files/x"));
            byte[] handle = {};
            for (int i = 0; i < 1000; i++) {
                handle = (i % 2 == 0 ? first : second).open("x", SSH_FXF_READ);
            }
            IOException e = assertThrows(IOException.class, () -> first.open("x", SSH_FXF_READ));
            assertTrue(e.getMessage().contains("this connection has 1000 open files; close some"), e.getMessage());
            assertTrue(e.getMessage().startsWith("status " + SSH_FX_FAILURE), e.getMessage());
            log.await("ada cannot open a file: this connection has 1000 open files");
            second.close(handle);
            first.open("x", SSH_FXF_READ);
        }
    }

    @Test
    void concurrentCommandsOfAnAccountAreLimited() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = server();
                ClientSession first = server.login("ada", "secret");
                ClientSession second = server.login("ada", "secret")) {
            List<ChannelExec> running = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                ChannelExec command = (i % 2 == 0 ? first : second).createExecChannel("md5sum");
                command.open().verify(TIMEOUT);
                running.add(command);
            }
            CoreModuleProperties.REQUEST_EXEC_REPLY.set(first, true);
            try (ChannelExec oneMore = first.createExecChannel("md5sum")) {
                oneMore.open().verify(TIMEOUT);
                assertTrue(oneMore.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), TIMEOUT)
                        .contains(ClientChannelEvent.CLOSED));
                assertNull(oneMore.getExitStatus());
            }
            log.await("ada cannot run a command: this account runs 16 commands");
            for (ChannelExec each : running) {
                each.getInvertedIn().close();
                each.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), TIMEOUT);
                assertEquals(0, each.getExitStatus());
            }
        }
    }

    @Test
    void blocksAreHashedIfTheirHashesFitIntoAReply() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            Files.write(directory.resolve("files/x"), new byte[1024 * 1024]);
            assertTrue(hash(sftp, 4096).available() > 100 * 16);
            for (int block : new int[] {256, Integer.MAX_VALUE}) {
                IOException e = assertThrows(IOException.class, () -> hash(sftp, block));
                assertTrue(e.getMessage().contains("ask for larger blocks"), e.getMessage());
            }
        }
    }

    private static Buffer hash(RawSftp sftp, int block) throws IOException {
        return sftp.ask(org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_EXTENDED_REPLY, SSH_FXP_EXTENDED, buffer -> {
            buffer.putString("check-file-name");
            buffer.putString("/x");
            buffer.putString("md5");
            buffer.putLong(0);
            buffer.putLong(0);
            buffer.putInt(block);
        });
    }
}
