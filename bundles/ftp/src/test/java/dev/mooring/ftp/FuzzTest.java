package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.ftp.FtpSettings.Tls;
import dev.mooring.protocol.TestCertificates;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends random and mutated lines. The server must send only replies, close the connection at the final {@code QUIT} or earlier, and log no error.
 * A failure reports the seed of its session; {@code -Dmooring.seed=SEED} repeats only that session.
 */
class FuzzTest {

    private static final Duration TIME = Duration.ofSeconds(Boolean.getBoolean("mooring.long") ? 300 : 4);
    private static final int CLIENTS = 8;
    private static final String[] COMMANDS = {
        "USER ada",
        "PASS secret",
        "PASS wrong",
        "TYPE I",
        "TYPE L 8",
        "MODE S",
        "STRU F",
        "SYST",
        "NOOP",
        "PASV",
        "EPSV",
        "EPSV ALL",
        "EPSV 1",
        "PORT 127,0,0,1,200,10",
        "EPRT |1|127.0.0.1|51210|",
        "EPRT |2|::1|51210|",
        "REST 5",
        "RETR f",
        "STOR g",
        "APPE g",
        "STOU",
        "STOU g",
        "LIST",
        "LIST *",
        "LIST -- -d",
        "LIST -la d",
        "NLST f",
        "NLST d/[!a]?{b,c*}",
        "MLSD",
        "MLST f",
        "STAT",
        "STAT d",
        "STAT d*",
        "ABOR",
        "SIZE f",
        "MDTM f",
        "MFMT 20200102030405 f",
        "SITE CHMOD 644 f",
        "SITE CHMOD 2755 d",
        "SITE HELP",
        "HASH f",
        "XCRC f",
        "XMD5 \"f\"",
        "OPTS MLST size;type;",
        "OPTS HASH MD5",
        "OPTS UTF8 ON",
        "FEAT",
        "HELP",
        "ALLO 5",
        "CWD d",
        "CDUP",
        "PWD",
        "MKD e",
        "RMD e",
        "RNFR g",
        "RNTO h",
        "DELE h",
        "AUTH TLS",
        "PBSZ 0",
        "PROT P",
        "PROT C",
        "CCC",
        "REIN",
        "QUIT",
        "ACCT x",
        "CLNT x",
        "GET / HTTP/1.1"
    };
    private static final int[] ODD = {
        0, 1, 0x16, '\r', '\n', ' ', '|', ',', '"', '%', '*', '?', '[', ']', '{', '}', '-', '/', '.', '9', 0x80, 0xc0,
        0xe2, 0xed, 0xf0, 0xf2, 0xf4, 0xfb, 0xfd, 0xfe, 0xff
    };

    @TempDir
    Path root;

    @Test
    void everyLineGetsAReplyOrEndsTheConnection(@TempDir Path certificates) throws Exception {
        TestCertificates.make(certificates, "one", "EC");
        fuzz(settings(Tls.ALLOWED, certificates), false);
    }

    @Test
    void everyLineInsideTlsGetsAReplyOrEndsTheConnection(@TempDir Path certificates) throws Exception {
        TestCertificates.make(certificates, "one", "EC");
        fuzz(settings(Tls.IMPLICIT, certificates), true);
    }

    private static FtpSettings settings(Tls tls, Path certificates) {
        return new FtpSettings(
                tls,
                certificates.resolve("one.pem"),
                certificates.resolve("one.key"),
                false,
                false,
                "",
                "",
                Duration.ofSeconds(20),
                Duration.ofSeconds(1),
                1000,
                1000,
                3);
    }

    private void fuzz(FtpSettings settings, boolean tls) throws Exception {
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("f"), "0123456789");
        Long only = Long.getLong("mooring.seed");
        long first = only == null ? System.nanoTime() & 0xffffff : only;
        AtomicLong next = new AtomicLong(first);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try (Errors errors = new Errors();
                TestServer server = new TestServer(root, settings)) {
            long end = System.nanoTime() + TIME.toNanos();
            List<Callable<Void>> all = Collections.nCopies(only == null ? CLIENTS : 1, () -> {
                do {
                    long seed = next.getAndIncrement();
                    try {
                        session(server, tls, seed);
                    } catch (IOException | AssertionError e) {
                        throw new AssertionError("-Dmooring.seed=" + seed + ": " + e, e);
                    }
                    String error = errors.first.get();
                    if (error != null) {
                        throw new AssertionError("-Dmooring.seed=" + seed + ", or one just before: " + error);
                    }
                } while (only == null && System.nanoTime() < end);
                return null;
            });
            for (Future<Void> each : clients.invokeAll(all)) {
                each.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    /** Keeps only the first logged error, because the log is long. */
    private static final class Errors extends Handler implements AutoCloseable {
        final AtomicReference<@Nullable String> first = new AtomicReference<>();

        Errors() {
            Logger.getLogger("").addHandler(this);
        }

        @Override
        public void publish(LogRecord entry) {
            if (entry.getThrown() != null || entry.getLevel() == Level.SEVERE) {
                first.compareAndSet(null, new SimpleFormatter().format(entry));
            }
        }

        @Override
        public void flush() {
            // Nothing is buffered.
        }

        @Override
        public void close() {
            Logger.getLogger("").removeHandler(this);
        }
    }

    /** Sends random lines in one session, and checks that it gets only replies and ends. */
    private static void session(TestServer server, boolean tls, long seed) throws Exception {
        Random random = new Random(seed);
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (Socket plain = new Socket(loopback, (int) server.socket().port());
                Socket socket = tls
                        ? TestCertificates.trusting()
                                .getSocketFactory()
                                .createSocket(plain, "localhost", plain.getPort(), true)
                        : plain) {
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            if (random.nextInt(5) > 0) {
                lines.writeBytes("USER ada\r\nPASS secret\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            for (int i = random.nextInt(20); i >= 0; i--) {
                lines.writeBytes(line(random));
                lines.writeBytes(random.nextInt(20) == 0 ? new byte[] {'\n'} : new byte[] {'\r', '\n'});
            }
            lines.writeBytes("\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] all = lines.toByteArray();
            int cut = random.nextInt(all.length);
            try {
                socket.getOutputStream().write(all, 0, cut);
                socket.getOutputStream().write(all, cut, all.length - cut);
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                String line = in.readLine();
                assertTrue(line != null && line.startsWith("220 "), line);
                // TLS would follow the reply to AUTH TLS.
                while (line != null && !line.startsWith("234")) {
                    assertTrue(line.matches("(\\d{3}[ -].*| .*)?"), line);
                    line = in.readLine();
                }
            } catch (SocketException | javax.net.ssl.SSLException e) {
                // The connection is reset if the server closes it before it has read everything.
            }
        }
    }

    private static byte[] line(Random random) {
        byte[] line = COMMANDS[random.nextInt(COMMANDS.length)].getBytes(StandardCharsets.US_ASCII);
        switch (random.nextInt(6)) {
            case 0 -> {
                return line;
            }
            case 1 -> {
                byte[] noise = new byte[random.nextInt(60)];
                random.nextBytes(noise);
                return noise;
            }
            case 2 -> {
                return (new String(line, StandardCharsets.US_ASCII) + " x".repeat(random.nextInt(6000)))
                        .getBytes(StandardCharsets.US_ASCII);
            }
            default -> {
                ByteArrayOutputStream mutated = new ByteArrayOutputStream();
                int changes = 1 + random.nextInt(3);
                for (byte octet : line) {
                    int kind = random.nextInt(line.length) < changes ? random.nextInt(4) : 4;
                    switch (kind) {
                        case 0 -> mutated.write(ODD[random.nextInt(ODD.length)]);
                        case 1 -> {
                            mutated.write(octet);
                            mutated.write(ODD[random.nextInt(ODD.length)]);
                        }
                        case 2 -> {
                            // Omits this octet.
                        }
                        case 3 -> mutated.writeBytes(line);
                        default -> mutated.write(octet);
                    }
                }
                return mutated.toByteArray();
            }
        }
    }
}
