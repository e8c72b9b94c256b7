package dev.mooring.itests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Clients without a login that try to forge the log, to fill it, or to lock others out. */
class HostileClientsIT {

    private static final String FORGED = "login refused: address=8.8.8.8 ";
    private static final List<String> PLANTS = List.of(
            "[" + FORGED,
            "\u001b[31m" + FORGED,
            "\u202e" + FORGED,
            "\u0085" + FORGED,
            "x\ndev.mooring.accounts: Accounts 'default': " + FORGED,
            "x\r\n<6>dev.mooring.accounts: Accounts 'default': " + FORGED);

    /** bcrypt of "secret" with 2048 rounds, which takes some tenths of a second. */
    private static final String SLOW_HASH = "$2b$11$abcdefghijklmnopqrstuuViuGI07N4McP9Kl.tD6XMEzyuvcY8LG";

    private final Variant variant;

    HostileClientsIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private Distribution distribution;
    private ActivatedProcess mooring;

    @BeforeEach
    void prepare() throws IOException {
        Path files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        distribution = new Distribution(directory, variant)
                .servingAll(files)
                .configure("dev.mooring.http-public.cfg", "authentication = true", "access.log = true");
    }

    @AfterEach
    void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    private void start() throws IOException {
        mooring = distribution.start("http=tcp4", "sftp=tcp4", "ftp=tcp4");
        for (String protocol : List.of("http", "sftp", "ftp")) {
            mooring.awaitLine(protocol + "~public serves");
        }
    }

    private Socket connect(String protocol, String from) throws IOException {
        Socket socket = new Socket("127.0.0.1", mooring.port(protocol), InetAddress.getByName(from), 0);
        socket.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
        return socket;
    }

    /** Sends something and reads until the server ends the connection. */
    private String talk(String protocol, String from, byte[] sent) throws IOException {
        try (Socket socket = connect(protocol, from)) {
            socket.getOutputStream().write(sent);
            ByteArrayOutputStream heard = new ByteArrayOutputStream();
            byte[] buffer = new byte[4096];
            try {
                InputStream in = socket.getInputStream();
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    heard.write(buffer, 0, count);
                }
            } catch (java.net.SocketException reset) {
                // The server has closed the connection before the end of the request.
            }
            return heard.toString(UTF_8);
        }
    }

    private String http(String from, String request) throws IOException {
        return talk("http", from, request.getBytes(UTF_8));
    }

    private static String basic(String login) {
        return "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic "
                + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)) + "\r\n\r\n";
    }

    /** The first message of an SSH client, with an unknown algorithm in one of the lists. */
    private static byte[] proposal(String version, int unknown, String list) throws IOException {
        List<String> lists = new ArrayList<>(List.of(
                "curve25519-sha256",
                "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-256",
                "aes128-ctr",
                "aes128-ctr",
                "hmac-sha2-256",
                "hmac-sha2-256",
                "none",
                "none",
                "",
                ""));
        lists.set(unknown, list);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(payload);
        out.write(20);
        out.write(new byte[16]);
        for (String each : lists) {
            out.writeInt(each.getBytes(UTF_8).length);
            out.write(each.getBytes(UTF_8));
        }
        out.write(new byte[5]);
        int padding = 16 - (payload.size() + 5) % 8;
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(("SSH-2.0-" + version + "\r\n").getBytes(UTF_8));
        out = new DataOutputStream(packet);
        out.writeInt(payload.size() + padding + 1);
        out.write(padding);
        payload.writeTo(out);
        out.write(new byte[padding]);
        return packet.toByteArray();
    }

    @EveryRuntime
    void noClientForgesALogLineAndFail2banFindsOnlyRealRefusals() throws Exception {
        start();
        TreeSet<String> refused = new TreeSet<>();
        for (int i = 0; i < PLANTS.size(); i++) {
            String plant = PLANTS.get(i);
            String stranger = "127.8.0." + (i + 1);
            String guesser = "127.9.0." + (i + 1);
            for (String request : List.of(
                    "GET /" + plant + " HTTP/1.1\r\nHost: a\r\n",
                    "GET /?" + plant.replace(" ", "%20") + " HTTP/1.1\r\nHost: a\r\n",
                    plant + " / HTTP/1.1\r\nHost: a\r\n",
                    "GET / HTTP/" + plant + "\r\nHost: a\r\n",
                    "GET http://" + plant + "/ HTTP/1.1\r\nHost: a\r\n",
                    "GET / HTTP/1.1\r\nHost: " + plant + "\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nX" + plant + ": 1\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: " + plant + "\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + plant + "\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nExpect: " + plant + "\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: " + plant + "\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nRange: " + plant + "\r\n")) {
                http(stranger, request + "Connection: close\r\n\r\n");
            }
            http(guesser, basic(plant.replace(":", "=") + ":wrong"));
            refused.add(guesser);
            String ftp = "127.10.0." + (i + 1);
            String command = plant.replaceAll("[\r\n]", "");
            talk(
                    "ftp",
                    ftp,
                    (command + "\r\nSITE " + plant + "\r\nUSER " + command + "\r\nPASS " + command + "\r\nQUIT\r\n")
                            .getBytes(UTF_8));
            refused.add(ftp);
            talk("sftp", stranger, ("SSH-1.0-" + plant + "\r\n").getBytes(UTF_8));
            for (int list = 0; list < 8; list++) {
                talk("sftp", "127.11." + i + "." + (list + 1), proposal(command, list, plant));
            }
        }
        String log = mooring.output();
        assertTrue(log.contains("cannot connect, because there is no"), log);
        assertFalse(log.contains("address=8.8.8.8 "), log);
        assertFalse(Pattern.compile("[^\\t\\n -~]").matcher(log).find(), log);

        Path file = Files.writeString(directory.resolve("mooring.log"), log);
        String found = Tool.of("fail2ban-regex", "fail2ban")
                .run(
                        directory,
                        "-o",
                        "ip",
                        file.toString(),
                        Distribution.home()
                                .resolve("fail2ban/filter.d/mooring.conf")
                                .toString());
        assertEquals(refused, new TreeSet<>(found.strip().lines().toList()), log);
        String journal = log.lines()
                .filter(line -> line.matches("\\d\\d:.*"))
                .map(line -> "Nov 28 " + line.replaceFirst("\\.\\d+ ", " host mooring[123]: "))
                .collect(Collectors.joining("\n", "", "\n"));
        assertEquals(
                refused,
                new TreeSet<>(Tool.of("fail2ban-regex", "fail2ban")
                        .run(
                                directory,
                                "-o",
                                "ip",
                                Files.writeString(file, journal).toString(),
                                Distribution.home()
                                        .resolve("fail2ban/filter.d/mooring.conf")
                                        .toString())
                        .strip()
                        .lines()
                        .toList()),
                journal);
    }

    @OneRuntime
    void linesThatAnAddressCausesAreLoggedOnceAMinute() throws Exception {
        start();
        for (int i = 0; i < 100; i++) {
            talk("sftp", "127.0.0.1", proposal("x", i % 8, "unknown" + i + ",".repeat(8000)));
            http("127.0.0.1", "GET / HTTP/1.1\r\nHost: [" + i + "\r\nConnection: close\r\n\r\n");
        }
        talk("sftp", "127.0.0.2", proposal("x", 0, "other"));
        mooring.awaitLine("it has other");
        List<String> lines = mooring.output()
                .lines()
                .filter(line -> line.contains("SessionLog") || line.contains("org.eclipse.jetty"))
                .toList();
        assertTrue(lines.size() <= 4, lines.toString());
        assertTrue(lines.stream().allMatch(line -> line.length() < 800), lines.toString());
    }

    @OneRuntime
    void guessesFromManyAddressesDoNotLockOutAKnownUser() throws Exception {
        Path passwords = directory.resolve("passwords");
        Files.writeString(passwords, "ada:" + SLOW_HASH + "\n");
        start();
        assertEquals("hello\n", hello("ada:secret"));
        // A change of the file discards cached results, so the next login computes a hash.
        Files.writeString(passwords, "ada:" + SLOW_HASH + "\n# changed\n");
        List<Socket> guesses = new ArrayList<>();
        try {
            for (int i = 0; i < 600; i++) {
                Socket guess = connect("http", "127.77." + i / 250 + "." + (i % 250 + 1));
                guesses.add(guess);
                guess.getOutputStream().write(basic("user" + i + ":guess").getBytes(UTF_8));
            }
            // 600 guesses exceed the queue, so it is full now.
            guesses.get(0).getInputStream().read();
            for (int i = 0; i < 3; i++) {
                assertEquals("hello\n", hello("ada:secret"));
            }
            List<String> answers = new ArrayList<>();
            for (Socket guess : guesses) {
                if (guess.getInputStream().available() > 12) {
                    answers.add(new String(guess.getInputStream().readNBytes(12), UTF_8));
                }
            }
            assertTrue(answers.stream().anyMatch(each -> each.endsWith("503")), answers.toString());
            assertFalse(answers.stream().anyMatch(each -> each.endsWith("429")), answers.toString());
        } finally {
            for (Socket guess : guesses) {
                guess.close();
            }
        }
    }

    @OneRuntime
    void guessesFromAnAddressDoNotLockOutAUserKnownThere() throws Exception {
        start();
        assertEquals("hello\n", hello("ada:secret"));
        for (int i = 0; i < 5; i++) {
            assertTrue(http("127.0.0.1", basic("eve:" + i)).contains(" 401 "));
        }
        assertTrue(http("127.0.0.1", basic("eve:more")).contains(" 429 "));
        assertEquals("hello\n", hello("ada:secret"));
        String ftp = talk("ftp", "127.0.0.1", "USER eve\r\nPASS more\r\n".getBytes(UTF_8));
        assertTrue(ftp.contains("421 Too many logins from your address failed or are under way; try again in "), ftp);
    }

    private String hello(String login) throws Exception {
        return Curl.get("-u", login, "http://127.0.0.1:" + mooring.port("http") + "/hello.txt");
    }
}
