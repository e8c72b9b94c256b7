package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The assembled runtime with inherited sockets for FTP and its data connections; the clients are curl and lftp. */
class FtpIT {

    private final Variant variant;

    FtpIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private Path files;
    private Path local;
    private ActivatedProcess mooring;

    @BeforeEach
    void fill() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
        local = Files.createDirectories(directory.resolve("local"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
    }

    @AfterEach
    void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    /** Starts the runtime with a socket for IPv4, one for IPv6, and a number of data sockets. */
    private void start(int dataSockets, String... settings) throws Exception {
        List<String> sockets = new ArrayList<>(List.of("ftp=tcp4", "ftp=tcp6"));
        if (dataSockets > 0) {
            sockets.add("ftp-data=tcp4*" + dataSockets);
            sockets.add("ftp-data=tcp6");
        }
        mooring = configured(settings).start(sockets.toArray(String[]::new));
        mooring.awaitLine("serves share 'default' on ftp");
    }

    private Distribution configured(String... settings) throws Exception {
        // {SHA} of "secret"
        Path passwords = directory.resolve("htpasswd");
        Files.writeString(passwords, "ada:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
        return new Distribution(directory, variant)
                .configure("dev.mooring.share-default.cfg", "root = " + files.toUri(), "read.only = false")
                .configure("dev.mooring.accounts-default.cfg", "passwords = " + passwords)
                .configure("dev.mooring.ftp-public.cfg", concat(settings, "anonymous = true"));
    }

    private String url(String path) {
        return "ftp://ada:secret@127.0.0.1:" + mooring.port("ftp") + path;
    }

    private String lftp(String commands) throws Exception {
        Path lftp = Path.of("/usr/bin/lftp");
        assumeTrue(Files.isExecutable(lftp), "lftp is not installed");
        ProcessBuilder builder = new ProcessBuilder(
                lftp.toString(),
                "--norc",
                "-u",
                "ada,secret",
                "-e",
                "set cmd:fail-exit yes; set net:max-retries 1; set net:timeout 20; set ssl:verify-certificate no;"
                        + " set ftp:ssl-allow no; " + commands + "; quit",
                "ftp://127.0.0.1:" + mooring.port("ftp"));
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process =
                builder.redirectErrorStream(true).directory(local.toFile()).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output + "\n" + mooring.output());
        return output;
    }

    /** Every file of a tree with its content. */
    private static TreeMap<String, String> tree(Path root) throws IOException {
        TreeMap<String, String> tree = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                tree.put(
                        root.relativize(path).toString(),
                        Files.isDirectory(path) ? "" : Files.readString(path, StandardCharsets.ISO_8859_1));
            }
        }
        return tree;
    }

    private static byte[] random(int size) {
        byte[] content = new byte[size];
        new Random(1).nextBytes(content);
        return content;
    }

    @EveryRuntime
    void curlGetsPutsAndListsOverInheritedSockets() throws Exception {
        start(3);
        byte[] content = random(20_000_000);
        Path source = Files.write(local.resolve("source"), content);

        assertEquals("hello\n", Curl.get(url("/hello.txt")));
        assertEquals("hello\n", Curl.get("--disable-epsv", url("/hello.txt")));
        assertEquals(
                "hello\n", Curl.get("ftp://[::1]:" + mooring.passed().get(1).port() + "/hello.txt"));
        Curl.get("-T", source.toString(), url("/put"));
        assertArrayEquals(content, Files.readAllBytes(files.resolve("put")));
        Path copy = local.resolve("copy");
        Curl.get("-o", copy.toString(), url("/put"));
        assertArrayEquals(content, Files.readAllBytes(copy));
        assertEquals("hello.txt\nput\n", sorted(Curl.get("-l", url("/"))));

        Set<Integer> data = mooring.passed().stream()
                .filter(each -> each.name().equals("ftp-data"))
                .map(ActivatedProcess.Passed::port)
                .collect(Collectors.toSet());
        try (FtpTalk talk = new FtpTalk(mooring.port("ftp")).logIn()) {
            assertTrue(data.contains(talk.passive()));
        }
    }

    private static String sorted(String lines) {
        return lines.lines().map(String::strip).sorted().collect(Collectors.joining("\n")) + "\n";
    }

    @OneRuntime
    void curlResumesBothWays() throws Exception {
        start(3);
        byte[] content = random(3_000_000);
        Path source = Files.write(local.resolve("source"), content);
        Files.write(files.resolve("part"), java.util.Arrays.copyOf(content, 1_000_000));
        Curl.get("-C", "-", "-T", source.toString(), url("/part"));
        assertArrayEquals(content, Files.readAllBytes(files.resolve("part")));

        Path part = Files.write(local.resolve("part"), java.util.Arrays.copyOf(content, 1_000_000));
        Curl.get("-C", "-", "-o", part.toString(), url("/part"));
        assertArrayEquals(content, Files.readAllBytes(part));
    }

    @OneRuntime
    void lftpMirrorsATreeOfOddNamesBothWays() throws Exception {
        start(3);
        Path up = Files.createDirectories(local.resolve("up/a b/%41/ünï 猫"));
        for (String name : new String[] {"x y", " leading", "100%", "a#b?c", "é", "it's", "\"quoted\"", "[1]", "-n"}) {
            Files.writeString(up.resolve(name), name);
        }
        for (int i = 0; i < 100; i++) {
            Files.write(local.resolve("up/file " + i), random(i * 100));
        }
        lftp("mirror -R --parallel=2 up theirs");
        assertEquals(tree(local.resolve("up")), tree(files.resolve("theirs")));
        lftp("mirror --parallel=2 theirs down");
        assertEquals(tree(local.resolve("up")), tree(local.resolve("down")));

        Files.writeString(local.resolve("up/file 7"), "changed, and so of another size than it was before");
        Files.delete(local.resolve("up/file 8"));
        lftp("mirror -R --delete up theirs");
        assertEquals(tree(local.resolve("up")), tree(files.resolve("theirs")));
        lftp("mv theirs/file\\ 9 theirs/other; chmod 600 theirs/other; rm -r theirs/a\\ b; mkdir -p new/er");
        assertTrue(Files.exists(files.resolve("theirs/other")));
        assertFalse(Files.exists(files.resolve("theirs/a b")));
        assertTrue(Files.isDirectory(files.resolve("new/er")));
    }

    @OneRuntime
    void explicitTlsProtectsBothConnectionsAndTheSecondResumesTheFirst() throws Exception {
        certificate();
        start(
                3,
                "tls = required",
                "tls.certificate = " + directory.resolve("cert.pem"),
                "tls.key = " + directory.resolve("key.pem"));
        Path source = Files.write(local.resolve("source"), random(3_000_000));
        for (String version : new String[] {"1.2", "1.3"}) {
            String[] tls = {"--ssl-reqd", "-k", "--tls-max", version, "-v"};
            String output = Curl.get(concat(tls, url("/hello.txt")));
            assertTrue(output.contains("hello\n"), output);
            assertTrue(output.contains("SSL re-using session ID"), output);
            Curl.get(concat(tls, "-T", source.toString(), url("/put" + version)));
            assertArrayEquals(Files.readAllBytes(source), Files.readAllBytes(files.resolve("put" + version)));
        }
        lftp("set ftp:ssl-allow yes; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; mirror . all");
        assertEquals(tree(files), tree(local.resolve("all")));
        try (FtpTalk talk = new FtpTalk(mooring.port("ftp"))) {
            assertTrue(talk.say("USER ada").startsWith("530"));
        }
    }

    private static String[] concat(String[] first, String... second) {
        return Stream.concat(Stream.of(first), Stream.of(second)).toArray(String[]::new);
    }

    private void certificate() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-subj",
                        "/CN=localhost",
                        "-days",
                        "1",
                        "-keyout",
                        "key.pem",
                        "-out",
                        "cert.pem")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        openssl.getInputStream().readAllBytes();
        assertEquals(0, openssl.waitFor());
    }

    @OneRuntime
    void aClientOfAnExhaustedPoolGetsTheReason() throws Exception {
        start(3);
        List<FtpTalk> talks = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                talks.add(new FtpTalk(mooring.port("ftp")).logIn());
            }
            for (FtpTalk talk : talks.subList(0, 3)) {
                talk.passive();
            }
            assertEquals(
                    "425 No data connection: all 3 sockets for data connections are in use; try again in a moment.",
                    talks.get(3).say("PASV"));
            talks.get(0).say("ABOR");
            talks.get(3).passive();
        } finally {
            for (FtpTalk talk : talks) {
                talk.close();
            }
        }
    }

    @OneRuntime
    void aStrangersConnectionToADataPortIsClosed() throws Exception {
        start(3);
        try (FtpTalk talk = new FtpTalk(mooring.port("ftp")).logIn()) {
            int port = talk.passive();
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            try (Socket thief = new Socket(loopback, port, InetAddress.getByName("127.0.0.2"), 0);
                    Socket own = new Socket(loopback, port)) {
                talk.say("RETR hello.txt");
                assertEquals("hello\n", new String(own.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                assertEquals(-1, thief.getInputStream().read());
            }
        }
        mooring.awaitLine("closed a connection from /127.0.0.2");
    }

    @OneRuntime
    void activeModeGoesToTheClientAndNowhereElse() throws Exception {
        start(3);
        assertEquals("hello\n", Curl.get("-P", "-", url("/hello.txt")));
        assertEquals("hello\n", Curl.get("--disable-eprt", "-P", "-", url("/hello.txt")));
        try (FtpTalk talk = new FtpTalk(mooring.port("ftp")).logIn()) {
            assertTrue(talk.say("PORT 192,0,2,1,200,10").startsWith("501"));
            assertTrue(talk.say("PORT 127,0,0,1,0,25").startsWith("501"));
            assertTrue(talk.say("EPRT |1|192.0.2.1|51211|").startsWith("501"));
            assertTrue(talk.say("EPRT |1|127.0.0.1|25|").startsWith("501"));
            assertTrue(talk.say("EPRT |2|2001:db8::1|51212|").startsWith("501"));
            assertTrue(talk.say("EPRT |9|127.0.0.1|51212|").startsWith("522"));
            assertTrue(talk.say("RETR hello.txt").startsWith("4"), "a transfer without a data connection is refused");
        }
        mooring.awaitLine("does not connect to 192.0.2.1 port 51211");
        mooring.awaitLine("does not connect to 192.0.2.1 port 51210");
    }

    @EveryRuntime
    void aSessionContinuesAfterTheConfigurationHasChanged() throws Exception {
        Distribution distribution = configured();
        mooring = distribution.start("ftp=tcp4", "ftp-data=tcp4");
        mooring.awaitLine("serves share 'default' on ftp");
        try (FtpTalk talk = new FtpTalk(mooring.port("ftp")).logIn()) {
            assertEquals("hello\n", talk.retrieve("hello.txt"));
            int mark = mooring.mark();
            distribution.configure("dev.mooring.ftp-public.cfg", "max.sessions = 7");
            mooring.awaitLine(mark, "serves share 'default' on ftp");
            assertEquals("hello\n", talk.retrieve("hello.txt"));
            assertEquals("hello\n", Curl.get(url("/hello.txt")));
            assertEquals("hello\n", talk.retrieve("hello.txt"));
        }
    }

    /** A client sends several files over one control connection. No other process takes over the data sockets while this one drains. */
    @EveryRuntime
    void aSessionContinuesWhenTheProcessEnds() throws Exception {
        byte[] large = new byte[32 << 20]; // more than all buffers on the way can hold
        Files.write(files.resolve("large"), large);
        mooring = configured().start("ftp=tcp4", "ftp-data=tcp4");
        mooring.awaitLine("serves share 'default' on ftp");
        try (FtpTalk talk = new FtpTalk(mooring.port("ftp")).logIn()) {
            try (Socket data = new Socket("127.0.0.1", talk.passive())) {
                String reply = talk.say("RETR large");
                assertTrue(reply.startsWith("150"), reply);
                assertEquals(
                        0,
                        new ProcessBuilder("kill", "-TERM", Long.toString(mooring.pid()))
                                .start()
                                .waitFor());
                // The log may miss it: if nothing handles the signal yet, java.util.logging ends at the same time.
                String listening = mooring.descriptor(3).orElseThrow();
                mooring.awaitDescriptors(
                        open -> Collections.frequency(open, listening) == 1, "the duplicate being closed");
                assertEquals(large.length, data.getInputStream().readAllBytes().length);
            }
            assertTrue(talk.hear().startsWith("226"));
            assertEquals("hello\n", talk.retrieve("hello.txt"));
            assertEquals("hello\n", talk.retrieve("hello.txt"));
        }
        mooring.awaitExit();
    }

    @OneRuntime
    void withoutDataSocketsTheServerBindsPorts() throws Exception {
        start(0);
        assertEquals("hello\n", Curl.get(url("/hello.txt")));
        assertEquals(
                "hello\n", Curl.get("ftp://[::1]:" + mooring.passed().get(1).port() + "/hello.txt"));
    }

    @OneRuntime
    void tenThousandEntriesAreListed() throws Exception {
        Path many = Files.createDirectories(files.resolve("many"));
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(many.resolve("entry " + i));
        }
        start(3);
        assertEquals(10_000, Curl.get(url("/many/")).lines().count());
        assertEquals(10_000, Curl.get("-l", url("/many/")).lines().count());
        assertEquals(10_001, Curl.get("-X", "MLSD", url("/many/")).lines().count());
    }

    /** The whole uploads of {@code docs/explanation/uploads.md}. */
    @OneRuntime
    void anUploadOfAKilledClientLeavesTheOldFile() throws Exception {
        start(3, "access.log = true");
        kill("STOR");
        assertEquals("hello\n", Files.readString(files.resolve("hello.txt")));
        kill("STOR", "-Q", "REST 0");
        assertEquals("hello\n", Files.readString(files.resolve("hello.txt")));
        assertEquals(List.of("hello.txt"), names());
    }

    /** The uploads of that page that work in place, so that the client can resume. */
    @OneRuntime
    void appendedAndResumedUploadsOfAKilledClientKeepTheReceivedBytes() throws Exception {
        start(3, "access.log = true");
        String old = "hello\n";
        for (String[] row : new String[][] {{"APPE", "-a"}, {"APPE", "-C", "6"}, {"STOR", "-Q", "REST 6"}}) {
            Files.writeString(files.resolve("hello.txt"), old);
            byte[] source = kill(row[0], Arrays.copyOfRange(row, 1, row.length));
            String sent = new String(source, StandardCharsets.ISO_8859_1);
            if (row[1].equals("-C")) {
                sent = sent.substring(6);
            }
            String now = Files.readString(files.resolve("hello.txt"), StandardCharsets.ISO_8859_1);
            assertTrue(now.length() > old.length() && (old + sent).startsWith(now), String.join(" ", row));
            assertEquals(List.of("hello.txt"), names());
        }
    }

    /** Uploads to {@code hello.txt} with curl, and kills curl when a part has arrived. Returns the complete content. */
    private byte[] kill(String command, String... options) throws Exception {
        byte[] content = random(5_000_000);
        Path source = Files.write(local.resolve("source"), content);
        int mark = mooring.mark();
        try (WatchService changes = files.getFileSystem().newWatchService()) {
            files.register(changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            Process curl = new ProcessBuilder(concat(
                            concat(new String[] {"/usr/bin/curl", "-sS", "--limit-rate", "100k"}, options),
                            "-T",
                            source.toString(),
                            url("/hello.txt")))
                    .start();
            try {
                assertNotNull(
                        changes.poll(ChildProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS), "nothing was uploaded");
            } finally {
                curl.destroyForcibly().waitFor();
            }
        }
        mooring.awaitLine(mark, "\"" + command + " /hello.txt FTP\"");
        return content;
    }

    @OneRuntime
    void fullDiskLeavesTheOldFileAndKeepsTheAppendedBytes() throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "--mount", "mount", "-t", "tmpfs", "none", files.toString())
                                .start()
                                .waitFor()
                        == 0,
                "this machine cannot mount a file system in a namespace; run the tests as root");
        Distribution distribution = configured();
        mooring = ActivatedProcess.with("ftp=tcp4", "ftp-data=tcp4*3")
                .variable("JAVA_HOME", distribution.javaHome())
                .start(Stream.concat(
                                Stream.of(
                                        "unshare",
                                        "--mount",
                                        "sh",
                                        "-euc",
                                        "mount -t tmpfs -o size=2m none \"$1\"; echo hello > \"$1/hello.txt\"; shift;"
                                                + " exec \"$@\"",
                                        "sh",
                                        files.toString()),
                                distribution.command().stream())
                        .toList());
        mooring.awaitLine("ftp~public serves");
        files = mooring.proc("root" + files);
        byte[] content = random(4_000_000);
        Path source = Files.write(local.resolve("source"), content);
        for (String[] options : new String[][] {{}, {"-Q", "REST 0"}, {"-a"}}) {
            Tool.Outcome outcome = Tool.of("curl", "curl")
                    .in(
                            local,
                            concat(
                                    concat(new String[] {"-sS", "-v", "--noproxy", "*"}, options),
                                    "-T",
                                    source.toString(),
                                    url("/hello.txt")));
            assertTrue(outcome.output().contains("< 452 Insufficient storage space."), outcome.output());
            String now = Files.readString(files.resolve("hello.txt"), StandardCharsets.ISO_8859_1);
            if (options.length > 0 && options[0].equals("-a")) {
                assertTrue(now.length() > 1_000_000 && now.startsWith("hello\n"));
                assertTrue(new String(content, StandardCharsets.ISO_8859_1).startsWith(now.substring(6)));
            } else {
                assertEquals("hello\n", now);
            }
            assertEquals(List.of("hello.txt"), names());
        }
    }

    /**
     * BSD clients begin in ASCII mode, and change to binary only after certain replies to {@code SYST}. They leave patterns to the
     * server.
     */
    @OneRuntime
    void bsdClientPutsAndGetsABinaryFileUnchanged() throws Exception {
        start(3);
        for (String name : List.of("one.dat", "[2].dat")) {
            Files.writeString(files.resolve(name), name);
        }
        byte[] content = random(300_000);
        Path source = Files.write(local.resolve("source"), content);
        Path netrc = Files.writeString(local.resolve(".netrc"), "machine 127.0.0.1 login ada password secret\n");
        Files.setPosixFilePermissions(netrc, PosixFilePermissions.fromString("rw-------"));
        Path commands = Files.writeString(
                local.resolve("commands"),
                "put source put\nget put got\nappend source put\nrestart 6\nput source hello.txt\n"
                        + "prompt\nmget *.dat\nquit\n");
        for (String mode : List.of("-p", "-v")) {
            Tool.Outcome outcome = Tool.of("inetutils-ftp", "inetutils-ftp")
                    .reading(commands)
                    .in(local, mode, "127.0.0.1", Integer.toString(mooring.port("ftp")));
            assertArrayEquals(content, Files.readAllBytes(local.resolve("got")), outcome.output());
            assertArrayEquals(concat(content, content), Files.readAllBytes(files.resolve("put")), outcome.output());
            assertArrayEquals(
                    concat(
                            "hello\n".getBytes(StandardCharsets.US_ASCII),
                            Arrays.copyOfRange(content, 6, content.length)),
                    Files.readAllBytes(files.resolve("hello.txt")),
                    outcome.output());
            Files.delete(local.resolve("got"));
            for (String name : List.of("one.dat", "[2].dat")) {
                assertTrue(Files.deleteIfExists(local.resolve(name)), outcome.output());
            }
        }
        assertTrue(Files.exists(source));
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> list = Files.list(files)) {
            return list.map(path -> path.getFileName().toString()).toList();
        }
    }

    @OneRuntime
    void anonymousOnlyReads() throws Exception {
        start(3);
        String anonymous = "ftp://127.0.0.1:" + mooring.port("ftp") + "/";
        assertEquals("hello\n", Curl.get(anonymous + "hello.txt"));
        try (FtpTalk talk = new FtpTalk(mooring.port("ftp"))) {
            talk.say("USER anonymous");
            talk.say("PASS x");
            assertTrue(talk.say("DELE hello.txt").startsWith("550"));
        }
    }
}
