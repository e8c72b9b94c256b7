package dev.mooring.sftp;

import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_DATA;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_READ;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Account;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ChannelSubsystem;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.core.CoreModuleProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limits that all sessions share, see docs/explanation/limits.md. */
@Timeout(120)
class SharedBoundsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BLOCK = 32 * 1024;

    @TempDir
    Path directory;

    @Test
    void theServerRuns64CommandsAtOnce() throws Exception {
        FakeAccounts accounts = new FakeAccounts();
        for (int i = 0; i < 5; i++) {
            accounts.add(new Account("user" + i, null, SharePath.ROOT, false));
        }
        try (CapturedLog log = new CapturedLog();
                TestServer server =
                        new TestServer(directory, accounts, SftpSettings.defaults(directory.resolve("keys")), false)) {
            List<ChannelExec> running = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                ClientSession session = i % 8 == 0 ? server.login("user" + i / 16, "secret") : null;
                ClientSession its = session == null
                        ? (ClientSession) running.get(running.size() - 1).getSession()
                        : session;
                ChannelExec command = its.createExecChannel("md5sum");
                command.open().verify(PATIENCE);
                running.add(command);
            }
            try (ClientSession last = server.login("user4", "secret")) {
                CoreModuleProperties.REQUEST_EXEC_REPLY.set(last, true);
                try (ChannelExec oneMore = last.createExecChannel("md5sum")) {
                    oneMore.open().verify(PATIENCE);
                    assertTrue(oneMore.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE)
                            .contains(ClientChannelEvent.CLOSED));
                    assertNull(oneMore.getExitStatus());
                }
                log.await("user4 cannot run a command: the server runs 64 commands");
                ChannelExec first = running.get(0);
                first.getInvertedIn().close();
                first.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);
                assertEquals(0, first.getExitStatus());
            }
        }
    }

    @Test
    void aConnectionHasTenChannels() throws Exception {
        try (TestServer server = new TestServer(directory);
                ClientSession session = server.login("ada", "secret")) {
            List<ChannelSubsystem> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                ChannelSubsystem channel = session.createSubsystemChannel("sftp");
                channel.open().verify(PATIENCE);
                open.add(channel);
            }
            assertThrows(
                    IOException.class,
                    () -> session.createSubsystemChannel("sftp").open().verify(PATIENCE));
            // The connection goes on, and a closed channel makes room at once.
            for (ChannelSubsystem each : List.copyOf(open)) {
                each.close(false).await(PATIENCE);
                session.createSubsystemChannel("sftp").open().verify(PATIENCE);
            }
        }
    }

    private static int read(RawSftp sftp, byte[] handle) throws IOException {
        Buffer data = sftp.ask(SSH_FXP_DATA, SSH_FXP_READ, buffer -> {
            buffer.putBytes(handle);
            buffer.putLong(0);
            buffer.putInt(BLOCK);
        });
        return data.getInt();
    }

    @Test
    void readsAreSmallWhileAllSessionsTakeAnEighthOfTheHeap() throws Exception {
        try (TestServer server = new TestServer(directory);
                RawSftp sftp = new RawSftp(server)) {
            Files.write(directory.resolve("files/x"), new byte[BLOCK]);
            byte[] handle = sftp.open("x", SSH_FXF_READ);
            assertEquals(BLOCK, read(sftp, handle));
            long eighth = Runtime.getRuntime().maxMemory() / 8;
            // As if other clients did not read their responses.
            waiting().addAndGet(eighth);
            try {
                assertEquals(16 * 1024, read(sftp, handle));
            } finally {
                waiting().addAndGet(-eighth);
            }
            assertEquals(BLOCK, read(sftp, handle));
        }
    }

    private static AtomicLong waiting() throws ReflectiveOperationException {
        var field = Class.forName("dev.mooring.sftp.internal.transport.PendingBytes")
                .getDeclaredField("TOTAL");
        field.setAccessible(true);
        return (AtomicLong) field.get(null);
    }
}
