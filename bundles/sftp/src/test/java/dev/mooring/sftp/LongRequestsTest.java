package dev.mooring.sftp;

import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_CREAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_WRITE;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_ATTRS;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_DATA;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_EXTENDED;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_EXTENDED_REPLY;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_READ;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_STAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXP_STATUS;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FX_FAILURE;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FX_OK;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.SocketServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientSession.ClientSessionEvent;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.SshServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that take as long as their client wants: hashes and copies. */
@Timeout(120)
class LongRequestsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long HUGE = 1L << 42;
    private static final int MIB = 1024 * 1024;

    /** More than two steps, and no multiple of any buffer. */
    private static final int SIZE = 9 * MIB + 4321;

    @TempDir
    Path directory;

    private TestServer server() throws IOException {
        Files.createDirectories(directory.resolve("files"));
        return new TestServer(directory);
    }

    private Path file(String name) {
        return directory.resolve("files").resolve(name);
    }

    private byte[] content(String name) throws IOException {
        byte[] content = new byte[SIZE];
        new Random(1).nextBytes(content);
        Files.write(file(name), content);
        return content;
    }

    /** A sparse file. */
    private void huge(String name) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(file(name).toFile(), "rw")) {
            file.setLength(HUGE);
        }
    }

    private static Consumer<Buffer> checkFile(String target, long start, long length, int block) {
        return buffer -> {
            buffer.putString("check-file-name");
            buffer.putString(target);
            buffer.putString("md5");
            buffer.putLong(start);
            buffer.putLong(length);
            buffer.putInt(block);
        };
    }

    private static Consumer<Buffer> md5(String target, long start, long length, byte[] quickHash) {
        return buffer -> {
            buffer.putString("md5-hash");
            buffer.putString(target);
            buffer.putLong(start);
            buffer.putLong(length);
            buffer.putBytes(quickHash);
        };
    }

    private static Consumer<Buffer> copyFile(String from, String to, boolean replace) {
        return buffer -> {
            buffer.putString("copy-file");
            buffer.putString(from);
            buffer.putString(to);
            buffer.putBoolean(replace);
        };
    }

    private static Consumer<Buffer> copyData(byte[] from, byte[] to) {
        return buffer -> {
            buffer.putString("copy-data");
            buffer.putBytes(from);
            buffer.putLong(0);
            buffer.putLong(0);
            buffer.putBytes(to);
            buffer.putLong(0);
        };
    }

    private static byte[] md5(byte[] content, int start, int end) throws Exception {
        return MessageDigest.getInstance("MD5").digest(Arrays.copyOfRange(content, start, end));
    }

    /** The hashes of a reply to check-file. */
    private static List<byte[]> hashes(RawSftp sftp, Consumer<Buffer> request) throws IOException {
        Buffer reply = sftp.ask(SSH_FXP_EXTENDED_REPLY, SSH_FXP_EXTENDED, request);
        assertEquals("check-file", reply.getString());
        assertEquals("md5", reply.getString());
        List<byte[]> hashes = new ArrayList<>();
        while (reply.available() > 0) {
            hashes.add(reply.getBytes());
        }
        return hashes;
    }

    private static byte[] hash(RawSftp sftp, Consumer<Buffer> request) throws IOException {
        Buffer reply = sftp.ask(SSH_FXP_EXTENDED_REPLY, SSH_FXP_EXTENDED, request);
        assertEquals("md5-hash", reply.getString());
        return reply.getBytes();
    }

    @Test
    void hashesAreThoseOfTheFileOfAPartAndOfBlocks() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            byte[] content = content("x");
            List<byte[]> whole = hashes(sftp, checkFile("/x", 0, 0, 0));
            assertEquals(1, whole.size());
            assertArrayEquals(md5(content, 0, SIZE), whole.get(0));
            assertArrayEquals(
                    md5(content, 5, 5 + 5 * MIB),
                    hashes(sftp, checkFile("/x", 5, 5 * MIB, 0)).get(0));

            int block = 100_000;
            List<byte[]> blocks = hashes(sftp, checkFile("/x", 7, 0, block));
            assertEquals((SIZE - 7 + block - 1) / block, blocks.size());
            for (int i = 0; i < blocks.size(); i++) {
                int start = 7 + i * block;
                assertArrayEquals(md5(content, start, Math.min(SIZE, start + block)), blocks.get(i), "block " + i);
            }
        }
    }

    @Test
    void quickHashDecidesWhetherTheFileIsHashed() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            byte[] content = content("x");
            byte[] all = md5(content, 0, SIZE);
            assertArrayEquals(all, hash(sftp, md5("/x", 0, 0, new byte[0])));
            assertArrayEquals(all, hash(sftp, md5("/x", 0, 0, md5(content, 0, 2048))));
            assertArrayEquals(new byte[0], hash(sftp, md5("/x", 0, 0, md5(content, 1, 2048))));
            assertArrayEquals(
                    md5(content, 3, 1003), hash(sftp, md5("/x", 3, 1000, md5(content, 3, 1003))), "only a quick hash");
        }
    }

    @Test
    void hashesAreAlsoMadeByHandle() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            byte[] content = content("x");
            byte[] handle = sftp.open("x", SSH_FXF_READ);
            Files.delete(file("x"));
            Buffer reply = sftp.ask(SSH_FXP_EXTENDED_REPLY, SSH_FXP_EXTENDED, buffer -> {
                buffer.putString("md5-hash-handle");
                buffer.putBytes(handle);
                buffer.putLong(0);
                buffer.putLong(0);
                buffer.putInt(0);
            });
            assertEquals("md5-hash-handle", reply.getString());
            assertArrayEquals(md5(content, 0, SIZE), reply.getBytes());
        }
    }

    @Test
    void filesAreCopiedByNameAndReplacedOnlyOnRequest() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            byte[] content = content("x");
            assertEquals(SSH_FX_OK, sftp.status(SSH_FXP_EXTENDED, copyFile("/x", "/y", false)));
            assertArrayEquals(content, Files.readAllBytes(file("y")));
            Files.writeString(file("y"), "another");
            assertEquals(SSH_FX_FAILURE, sftp.status(SSH_FXP_EXTENDED, copyFile("/x", "/y", false)));
            assertEquals("another", Files.readString(file("y")));
            assertEquals(SSH_FX_OK, sftp.status(SSH_FXP_EXTENDED, copyFile("/x", "/y", true)));
            assertArrayEquals(content, Files.readAllBytes(file("y")));
            assertEquals(SSH_FX_OK, sftp.status(SSH_FXP_EXTENDED, copyFile("/x", "/x", true)), "onto itself");
            assertArrayEquals(content, Files.readAllBytes(file("x")));
            Files.createSymbolicLink(file("link"), Path.of("x"));
            Files.delete(file("y"));
            Files.createSymbolicLink(file("y"), Path.of("z"));
            Files.writeString(file("z"), "the target of a link is not replaced");
            assertEquals(SSH_FX_OK, sftp.status(SSH_FXP_EXTENDED, copyFile("/link", "/y", true)));
            assertArrayEquals(content, Files.readAllBytes(file("y")));
            assertTrue(Files.readString(file("z")).startsWith("the target"));
        }
    }

    @Test
    void repliesKeepTheirOrder() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            content("x");
            Files.createFile(file("copy"));
            byte[] from = sftp.open("x", SSH_FXF_READ);
            byte[] to = sftp.open("copy", SSH_FXF_WRITE);
            for (int i = 0; i < 3; i++) {
                sftp.send(sftp.request(SSH_FXP_STAT, buffer -> buffer.putString("/x")));
                sftp.send(sftp.request(SSH_FXP_EXTENDED, checkFile("/x", 0, 0, 0)));
                sftp.send(sftp.request(SSH_FXP_STAT, buffer -> buffer.putString("/x")));
                sftp.send(sftp.request(SSH_FXP_EXTENDED, copyData(from, to)));
            }
            for (int i = 0; i < 3; i++) {
                for (int type : new int[] {SSH_FXP_ATTRS, SSH_FXP_EXTENDED_REPLY, SSH_FXP_ATTRS, SSH_FXP_STATUS}) {
                    assertEquals(type, sftp.receive().getUByte());
                }
            }
            assertEquals(-1, Files.mismatch(file("x"), file("copy")));
        }
    }

    /** Requests that would take hours, on more channels than the server has threads for all requests. */
    private static List<ClientSession> occupy(TestServer server) throws IOException {
        int channels = Math.max(20, 5 * Runtime.getRuntime().availableProcessors());
        List<ClientSession> sessions = new ArrayList<>();
        for (int i = 0; i < channels; i++) {
            if (i % 10 == 0) {
                sessions.add(server.login("ada", "secret"));
            }
            RawSftp sftp = new RawSftp(sessions.get(sessions.size() - 1));
            sftp.send(sftp.request(
                    SSH_FXP_EXTENDED,
                    switch (i % 4) {
                        case 0 -> checkFile("/huge", 0, 0, 0);
                        case 1 -> md5("/huge", 0, 0, new byte[0]);
                        case 2 -> copyFile("/huge", "/copy" + i, false);
                        default -> copyData(sftp.open("huge", SSH_FXF_READ), sftp.open("target", SSH_FXF_WRITE));
                    }));
        }
        return sessions;
    }

    @Test
    void endlessRequestsLeaveThreadsToOthersAndEndWithTheirConnection() throws Exception {
        try (TestServer server = server();
                RawSftp other = new RawSftp(server)) {
            huge("huge");
            Files.createFile(file("target"));
            content("x");
            byte[] handle = other.open("x", SSH_FXF_READ);
            List<ClientSession> sessions = occupy(server);
            for (int i = 0; i < 20; i++) {
                long offset = (long) i * 100_000;
                Buffer data = other.ask(SSH_FXP_DATA, SSH_FXP_READ, buffer -> {
                    buffer.putBytes(handle);
                    buffer.putLong(offset);
                    buffer.putInt(100_000);
                });
                assertEquals(100_000, data.getInt());
            }
            assertEquals(1, hashes(other, checkFile("/x", 0, 0, 0)).size(), "also another hash has its turn");
            for (ClientSession each : sessions) {
                each.close(true).await(PATIENCE);
            }
            while (isStepRunning()) {
                Thread.onSpinWait(); // up to the timeout of the test
            }
            long size = Files.size(file("target"));
            other.stat(SSH_FXP_STAT, "x".getBytes(StandardCharsets.US_ASCII));
            assertEquals(size, Files.size(file("target")), "nothing copies any more");
        }
    }

    /** Whether a thread works on a long request, or is about to. */
    private static boolean isStepRunning() {
        return isRunning("SftpChannel", "answerAll");
    }

    private static boolean isRunning(String type, String method) {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(Arrays::stream)
                .anyMatch(frame -> frame.getClassName().endsWith(type)
                        && frame.getMethodName().equals(method));
    }

    @Test
    void requestEndsWhenItsChannelIsClosed() throws Exception {
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret")) {
            huge("huge");
            for (int i = 0; i < 30; i++) {
                RawSftp sftp = new RawSftp(session);
                sftp.send(sftp.request(SSH_FXP_EXTENDED, checkFile("/huge", 0, 0, 0)));
                sftp.closeChannel();
            }
            while (isStepRunning()) {
                Thread.onSpinWait(); // up to the timeout of the test
            }
        }
    }

    @Test
    void closedChannelCountsUntilItsRequestHasEnded() throws Exception {
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret")) {
            huge("huge");
            // As if the disk did not answer: no step ends.
            Semaphore threads = threadsForLongRequests(server);
            int count = threads.drainPermits();
            RawSftp last = null;
            for (int i = 0; i < 10; i++) {
                last = new RawSftp(session);
                last.send(last.request(SSH_FXP_EXTENDED, checkFile("/huge", 0, 0, 0)));
            }
            Objects.requireNonNull(last).closeChannelSoon();
            assertThrows(IOException.class, () -> new RawSftp(session));

            threads.release(count);
            try (RawSftp another = new RawSftp(server)) {
                // Any long request wakes the threads.
                another.ask(SSH_FXP_EXTENDED_REPLY, SSH_FXP_EXTENDED, checkFile("/huge", 0, 1, 0));
            }
            last.closeChannel();
            new RawSftp(session);
        }
    }

    private static Semaphore threadsForLongRequests(TestServer server) throws ReflectiveOperationException {
        return threads(server, "longWorkers");
    }

    private static Semaphore threads(TestServer server, String kind) throws ReflectiveOperationException {
        Object holder = field(SocketServer.class, "engine", server.server());
        Object engine = field(holder.getClass(), "engine", holder);
        SshServer ssh = (SshServer) field(engine.getClass(), "server", engine);
        Object factory = ssh.getSubsystemFactories().get(0);
        Object workers = field(factory.getClass(), kind, factory);
        return (Semaphore) field(workers.getClass(), "idle", workers);
    }

    private static Object field(Class<?> owner, String name, Object object) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
    }

    @Test
    void copyDoesNotReplaceFileThatAppearedMeanwhile() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            content("x");
            Semaphore threads = threadsForLongRequests(server);
            int count = threads.drainPermits();
            byte[] request = sftp.request(SSH_FXP_EXTENDED, copyFile("/x", "/y", false));
            sftp.send(request);
            Path files = file("y").getParent();
            while (hiddenFiles(files) == 0) {
                Thread.onSpinWait(); // up to the timeout of the test
            }
            // As another client that replaces the file does.
            Files.writeString(file("other"), "another client's");
            Files.move(file("other"), file("y"), StandardCopyOption.ATOMIC_MOVE);
            threads.release(count);
            wake(server);
            Buffer reply = sftp.receive();
            assertEquals(SSH_FXP_STATUS, reply.getUByte());
            reply.getInt();
            assertEquals(SSH_FX_FAILURE, reply.getInt());
            assertEquals("another client's", Files.readString(file("y")));
            assertEquals(0, hiddenFiles(files));
        }
    }

    private static long hiddenFiles(Path directory) throws IOException {
        try (Stream<Path> names = Files.list(directory)) {
            return names.filter(each -> each.getFileName().toString().startsWith(".mooring-"))
                    .count();
        }
    }

    /** Any long request wakes the threads. */
    private static void wake(TestServer server) throws IOException {
        try (RawSftp another = new RawSftp(server)) {
            another.ask(SSH_FXP_EXTENDED_REPLY, SSH_FXP_EXTENDED, checkFile("/x", 0, 1, 0));
        }
    }

    /** As OpenSSH's scp. */
    @Test
    void uploadOverAnExistingFileDoesNotWaitForHashes() throws Exception {
        try (TestServer server = server();
                RawSftp sftp = new RawSftp(server)) {
            content("x");
            Semaphore threads = threadsForLongRequests(server);
            int count = threads.drainPermits();
            byte[] handle = sftp.open("x", SSH_FXF_WRITE | SSH_FXF_CREAT);
            String piece = "y".repeat(200_000);
            CompletableFuture<Integer> last = CompletableFuture.supplyAsync(() -> {
                try {
                    int status = -1;
                    for (long offset = 0; offset < SIZE; offset += piece.length()) {
                        status = sftp.write(handle, offset, piece);
                        sftp.stat(SSH_FXP_STAT, "x".getBytes(StandardCharsets.US_ASCII));
                    }
                    return status;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertEquals(SSH_FX_OK, last.get(20, TimeUnit.SECONDS));

            threads.release(count);
            assertEquals(SSH_FX_OK, sftp.close(handle));
            assertTrue(Files.size(file("x")) >= SIZE);
        }
    }

    @Test
    void closedChannelWithoutRequestDoesNotCountUntilAThreadEndsIt() throws Exception {
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret")) {
            RawSftp last = null;
            for (int i = 0; i < 10; i++) {
                last = new RawSftp(session);
            }
            Semaphore threads = threads(server, "workers");
            int count = threads.drainPermits();
            Objects.requireNonNull(last).closeChannelSoon();
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            boolean opened = false;
            while (!opened && System.nanoTime() < end) {
                try {
                    new RawSftp(session);
                    opened = true;
                } catch (IOException e) {
                    // The client sends the end of the closed channel from another thread.
                }
            }
            threads.release(count);
            assertTrue(opened);
        }
    }

    @Test
    void stoppingServerWaitsForACopy() throws Exception {
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret")) {
            huge("huge");
            RawSftp sftp = new RawSftp(session);
            sftp.send(sftp.request(SSH_FXP_EXTENDED, copyFile("/huge", "/copy", false)));
            server.server().drain(PATIENCE, () -> {});
            Set<ClientSessionEvent> end = session.waitFor(EnumSet.of(ClientSessionEvent.CLOSED), Duration.ofSeconds(8));
            assertTrue(end.contains(ClientSessionEvent.TIMEOUT), end::toString);
        }
    }

    @Test
    void hashCommandEndsWithItsConnection() throws Exception {
        try (TestServer server = server();
                ClientSession session = server.login("ada", "secret");
                ChannelExec command = session.createExecChannel("md5sum /huge")) {
            huge("huge");
            command.open().verify(PATIENCE);
            while (!isRunning("HashCommand", "digest")) {
                Thread.onSpinWait(); // up to the timeout of the test
            }
            session.close(true).await(PATIENCE);
            while (isRunning("HashCommand", "digest")) {
                Thread.onSpinWait(); // up to the timeout of the test
            }
        }
    }
}
