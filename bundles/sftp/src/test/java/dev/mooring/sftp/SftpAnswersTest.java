package dev.mooring.sftp;

import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_CREAT;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_TRUNC;
import static org.apache.sshd.sftp.common.SftpConstants.SSH_FXF_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.sftp.common.SftpConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each request gets a reply, whatever its content, or the channel ends. */
@Timeout(120)
class SftpAnswersTest {

    @TempDir
    Path directory;

    private Path file(String name) throws IOException {
        return Files.createDirectories(directory.resolve("files")).resolve(name);
    }

    @Test
    void namesThatAreNotUtf8AreRefusedAndNeverMeanOtherFiles() throws Exception {
        try (TestServer server = new TestServer(directory);
                RawSftp sftp = new RawSftp(server)) {
            Files.writeString(file("a\uFFFD"), "the name of this file is UTF-8");
            Files.writeString(file("x"), "x");
            String bad = "a\u00FE"; // a byte that does not occur in UTF-8
            for (int type : new int[] {
                SftpConstants.SSH_FXP_LSTAT,
                SftpConstants.SSH_FXP_STAT,
                SftpConstants.SSH_FXP_SETSTAT,
                SftpConstants.SSH_FXP_OPENDIR,
                SftpConstants.SSH_FXP_REMOVE,
                SftpConstants.SSH_FXP_MKDIR,
                SftpConstants.SSH_FXP_RMDIR,
                SftpConstants.SSH_FXP_REALPATH,
                SftpConstants.SSH_FXP_READLINK
            }) {
                refused(sftp, type, buffer -> {
                    RawSftp.name(buffer, bad);
                    buffer.putInt(0);
                });
            }
            refused(sftp, SftpConstants.SSH_FXP_OPEN, buffer -> {
                RawSftp.name(buffer, bad);
                buffer.putInt(SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC);
                buffer.putInt(0);
            });
            for (String[] names : new String[][] {{bad, "y"}, {"x", bad}}) {
                Consumer<Buffer> both = buffer -> {
                    RawSftp.name(buffer, names[0]);
                    RawSftp.name(buffer, names[1]);
                };
                refused(sftp, SftpConstants.SSH_FXP_RENAME, both);
                refused(sftp, SftpConstants.SSH_FXP_SYMLINK, both);
                for (String extension : List.of("posix-rename@openssh.com", "hardlink@openssh.com")) {
                    refused(sftp, SftpConstants.SSH_FXP_EXTENDED, buffer -> {
                        buffer.putString(extension);
                        both.accept(buffer);
                    });
                }
            }
            for (String extension : List.of(
                    "statvfs@openssh.com", "lsetstat@openssh.com", "expand-path@openssh.com", "home-directory")) {
                refused(sftp, SftpConstants.SSH_FXP_EXTENDED, buffer -> {
                    buffer.putString(extension);
                    RawSftp.name(buffer, bad);
                    buffer.putInt(0);
                });
            }
            try (Stream<Path> list = Files.list(directory.resolve("files"))) {
                assertEquals(
                        List.of("a\uFFFD", "x"),
                        list.map(each -> each.getFileName().toString()).sorted().toList());
            }
        }
    }

    private static void refused(RawSftp sftp, int type, Consumer<Buffer> content) throws IOException {
        Buffer status = sftp.ask(SftpConstants.SSH_FXP_STATUS, type, content);
        String name = SftpConstants.getCommandMessageName(type);
        assertEquals(SftpConstants.SSH_FX_FAILURE, status.getInt(), name);
        assertTrue(status.getString().contains("not UTF-8"), name);
    }

    @Test
    void datesThatVersion3CannotExpressBecomeTheNearest() throws Exception {
        long[][] dates = {
            {-1, 0}, {0, 0}, {1L << 31, 1L << 31}, {(1L << 32) - 1, (1L << 32) - 1}, {1L << 32, (1L << 32) - 1}
        };
        try (TestServer server = new TestServer(directory);
                RawSftp sftp = new RawSftp(server)) {
            for (long[] date : dates) {
                Files.setLastModifiedTime(
                        Files.writeString(file("dated"), "content"), FileTime.from(date[0], TimeUnit.SECONDS));
                byte[] name = "dated".getBytes(StandardCharsets.US_ASCII);
                assertEquals(date[1], sftp.stat(SftpConstants.SSH_FXP_STAT, name)[2], date[0] + " s");
                byte[] handle = sftp.open("dated", SftpConstants.SSH_FXF_READ);
                assertEquals(date[1], sftp.stat(SftpConstants.SSH_FXP_FSTAT, handle)[2], date[0] + " s");
                sftp.close(handle);
                byte[] root = sftp.ask(
                                SftpConstants.SSH_FXP_HANDLE,
                                SftpConstants.SSH_FXP_OPENDIR,
                                buffer -> buffer.putString("/"))
                        .getBytes();
                assertEquals(
                        2,
                        sftp.ask(
                                        SftpConstants.SSH_FXP_NAME,
                                        SftpConstants.SSH_FXP_READDIR,
                                        buffer -> buffer.putBytes(root))
                                .getInt());
                sftp.close(root);
            }
            byte[] handle = sftp.open("dated", SSH_FXF_WRITE);
            assertEquals(SftpConstants.SSH_FX_OK, sftp.change(handle, 0600, (int) 2_208_988_800L)); // 2040
            assertEquals(
                    2_208_988_800L, Files.getLastModifiedTime(file("dated")).to(TimeUnit.SECONDS));
        }
    }

    @Test
    void pathsAreExpandedAsByOpenSshButOnlyForTheHomeOfTheAccount() throws Exception {
        try (TestServer server = new TestServer(directory);
                RawSftp sftp = new RawSftp(server)) {
            assertEquals("/a.txt", sftp.path("expand-path@openssh.com", "~ada/a.txt"));
            assertEquals("/a.txt", sftp.path("expand-path@openssh.com", "~/a.txt"));
            assertEquals("/", sftp.path("expand-path@openssh.com", "~"));
            assertEquals("/d/a~.txt", sftp.path("expand-path@openssh.com", "d/a~.txt"));
            assertEquals("/", sftp.path("home-directory", "ada"));
            assertEquals("/", sftp.path("home-directory", ""));
            for (String extension : List.of("home-directory", "expand-path@openssh.com")) {
                Buffer status = sftp.ask(SftpConstants.SSH_FXP_STATUS, SftpConstants.SSH_FXP_EXTENDED, buffer -> {
                    buffer.putString(extension);
                    buffer.putString(extension.startsWith("home") ? "eve" : "~eve/a.txt");
                });
                assertEquals(SftpConstants.SSH_FX_NO_SUCH_FILE, status.getInt());
            }
        }
    }

    @Test
    void invalidPacketEndsTheChannelAndIsLoggedOnce() throws Exception {
        byte[][] broken = {
            {0, 0, 0, 0},
            {0, 0, 0, 4, 1, 2, 3, 4},
            {(byte) 0xFF, 0, 0, 0},
            {0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF}
        };
        try (TestServer server = new TestServer(directory)) {
            for (byte[] bytes : broken) {
                try (CapturedLog log = new CapturedLog();
                        RawSftp sftp = new RawSftp(server)) {
                    sftp.sendRaw(bytes);
                    assertTimeoutPreemptively(Duration.ofSeconds(20), sftp::ends);
                    log.await("which is no request; its channel is closed");
                    assertEquals(1, warnings(log), () -> log.lines().toString());
                }
            }
        }
    }

    @Test
    void truncatedRequestIsAnsweredAndLoggedOncePerChannel() throws Exception {
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory);
                RawSftp sftp = new RawSftp(server)) {
            for (int type :
                    new int[] {SftpConstants.SSH_FXP_OPEN, SftpConstants.SSH_FXP_READ, SftpConstants.SSH_FXP_STAT}) {
                assertEquals(SftpConstants.SSH_FX_BAD_MESSAGE, sftp.status(type, buffer -> buffer.putInt(1000)));
            }
            assertEquals(
                    1,
                    log.lines().stream()
                            .filter(line -> line.contains("that cannot be carried out"))
                            .count(),
                    () -> log.lines().toString());
        }
    }

    // Random and mutated packets. A failure reports its seed; -Dmooring.seed=N starts with that one.

    private static final List<Integer> TYPES =
            List.of(3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 200);
    private static final List<String> NAMES =
            List.of("f", "g", "d", "d/f", "link", ".", "..", "/", "", "\0", "a\u00FE", "no/where", "*", "d/../f", "~");
    private static final List<String> EXTENSIONS = List.of(
            "posix-rename@openssh.com",
            "hardlink@openssh.com",
            "statvfs@openssh.com",
            "fstatvfs@openssh.com",
            "fsync@openssh.com",
            "lsetstat@openssh.com",
            "limits@openssh.com",
            "expand-path@openssh.com",
            "home-directory",
            "copy-data",
            "space-available",
            "text-seek",
            "unknown");

    @Test
    @Timeout(900)
    void everyRandomAndMutatedRequestIsAnsweredOrEndsTheChannel() throws Exception {
        boolean thorough = System.getProperty("mooring.long") != null;
        long end = System.nanoTime() + (thorough ? TimeUnit.MINUTES : TimeUnit.SECONDS).toNanos(10);
        long seed = Long.getLong("mooring.seed", 1);
        long requests = 0;
        try (TestServer server = new TestServer(directory)) {
            for (; System.nanoTime() < end; seed++) {
                long current = seed;
                requests += assertTimeoutPreemptively(
                        Duration.ofSeconds(60), () -> round(server, new Random(current)), "seed " + current);
            }
        }
        System.out.println("SFTP answered " + requests + " random requests; the next seed is " + seed);
        assertTrue(requests > 100, requests + " requests");
    }

    /** Sends up to 300 requests on one channel, several at a time. */
    private static int round(TestServer server, Random random) throws IOException {
        try (CapturedLog log = new CapturedLog();
                RawSftp sftp = new RawSftp(server)) {
            List<byte[]> handles = new ArrayList<>();
            Deque<byte[]> asked = new ArrayDeque<>();
            int count = 0;
            while (count < 300) {
                for (int i = random.nextInt(8); i >= 0; i--) {
                    byte[] request = request(sftp, random, handles);
                    asked.add(request);
                    count++;
                    try {
                        sftp.send(request);
                    } catch (IOException e) {
                        break; // the channel has ended; the loop below finds out at which request
                    }
                }
                while (!asked.isEmpty()) {
                    byte[] request = asked.remove();
                    Buffer reply = sftp.receiveOrEnd();
                    if (reply == null) {
                        assertTrue(
                                request.length < 5, "the channel ended at a request of " + request.length + " bytes");
                        log.await("its channel is closed");
                        return count;
                    }
                    int type = reply.getUByte();
                    if (type != SftpConstants.SSH_FXP_VERSION) {
                        for (int i = 1; i < 5; i++) {
                            assertEquals(request[i], reply.getByte());
                        }
                        if (type == SftpConstants.SSH_FXP_HANDLE && handles.size() < 20) {
                            handles.add(reply.getBytes());
                        }
                    }
                }
            }
            assertTrue(warnings(log) <= 1, () -> "logged more than once: " + log.lines());
            assertTrue(!log.hasStackTrace(), () -> "logged with a trace: " + log.lines());
            return count;
        }
    }

    private static long warnings(CapturedLog log) {
        return log.lines().stream().filter(line -> line.contains(" SFTP")).count();
    }

    private static byte[] request(RawSftp sftp, Random random, List<byte[]> handles) {
        int type = TYPES.get(random.nextInt(TYPES.size()));
        byte[] request = sftp.request(type, buffer -> content(type, buffer, random, handles));
        int kind = random.nextInt(10);
        // Keeps sizes where random ones would create files that take too long to copy.
        boolean sizes = List.of(6, 9, 10, 14, 3, 200).contains(type);
        if (kind == 0 && !sizes) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                request[random.nextInt(request.length)] = (byte) random.nextInt(256);
            }
        } else if (kind == 1) {
            int length = random.nextInt(50) == 0 ? random.nextInt(5) : 5 + random.nextInt(request.length - 4);
            request = Arrays.copyOf(request, Math.min(length, request.length));
        } else if (kind == 2 && random.nextInt(5) == 0) {
            request = new byte[5 + random.nextInt(2000)];
            random.nextBytes(request);
            request[0] = (byte) (30 + random.nextInt(60)); // an unknown type
        }
        return request;
    }

    private static void content(int type, Buffer buffer, Random random, List<byte[]> handles) {
        switch (type) {
            case 4, 5, 6, 8, 10, 12 -> handle(buffer, random, handles);
            case 200 -> extended(buffer, random, handles);
            default -> RawSftp.name(buffer, name(random));
        }
        switch (type) {
            case 3 -> {
                buffer.putInt(random.nextInt(64));
                attributes(buffer, random);
            }
            case 5 -> {
                buffer.putLong(offset(random));
                buffer.putInt(random.nextInt(5) == 0 ? random.nextInt() : random.nextInt(5000));
            }
            case 6 -> {
                buffer.putLong(offset(random));
                RawSftp.name(buffer, "x".repeat(random.nextInt(3000)));
            }
            case 9, 10, 14 -> attributes(buffer, random);
            case 18, 20 -> RawSftp.name(buffer, name(random));
            default -> {}
        }
    }

    private static long offset(Random random) {
        return random.nextInt(20) == 0 ? -random.nextInt(100) : random.nextInt(100_000);
    }

    private static String name(Random random) {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private static void handle(Buffer buffer, Random random, List<byte[]> handles) {
        if (handles.isEmpty() || random.nextInt(20) == 0) {
            RawSftp.name(buffer, name(random));
        } else {
            buffer.putBytes(handles.get(random.nextInt(handles.size())));
        }
    }

    private static void attributes(Buffer buffer, Random random) {
        int flags = random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(16) & ~2; // no owner
        buffer.putInt(flags);
        if ((flags & 1) != 0) {
            buffer.putLong(offset(random));
        }
        if ((flags & 2) != 0) {
            buffer.putLong(random.nextLong());
        }
        if ((flags & 4) != 0) {
            buffer.putInt(random.nextInt(01000) | 0700);
        }
        if ((flags & 8) != 0) {
            buffer.putInt(random.nextInt());
            buffer.putInt(random.nextInt());
        }
    }

    private static void extended(Buffer buffer, Random random, List<byte[]> handles) {
        String extension = EXTENSIONS.get(random.nextInt(EXTENSIONS.size()));
        buffer.putString(extension);
        switch (extension) {
            case "fstatvfs@openssh.com", "fsync@openssh.com", "text-seek" -> handle(buffer, random, handles);
            case "copy-data" -> {
                handle(buffer, random, handles);
                buffer.putLong(offset(random));
                buffer.putLong(1 + random.nextInt(10_000));
                handle(buffer, random, handles);
                buffer.putLong(offset(random));
            }
            case "limits@openssh.com" -> {}
            default -> {
                RawSftp.name(buffer, name(random));
                if (extension.startsWith("lsetstat")) {
                    attributes(buffer, random);
                } else {
                    RawSftp.name(buffer, name(random));
                }
            }
        }
    }

    @Test
    void scpRefusesANameThatIsNotUtf8() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            byte[] line = "C0644 1 a?\nx\0".getBytes(StandardCharsets.ISO_8859_1);
            line[9] = (byte) 0xFE;
            Files.createDirectories(file("d"));
            try (var session = server.login("ada", "secret");
                    var channel = session.createExecChannel("scp -t -d /d")) {
                channel.open().verify(Duration.ofSeconds(20));
                channel.getInvertedIn().write(line);
                channel.getInvertedIn().flush();
                byte[] said = assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> channel.getInvertedOut().readAllBytes());
                assertEquals(2, said[1], () -> new String(said, StandardCharsets.UTF_8));
            }
            try (Stream<Path> list = Files.list(file("d"))) {
                assertEquals(0, list.count());
            }
        }
    }
}
