package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes of clients and operators are answered in the terms of the protocol, with a line in the log and without a stack trace. */
class BadInputIT {

    private static final String[] SOCKETS = {"http=tcp4", "sftp=tcp4", "ftp=tcp4", "ftp-data=tcp4*3"};

    private final Variant variant;

    BadInputIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private Path files;
    private Path local;
    private Distribution distribution;
    private ActivatedProcess mooring;

    @BeforeEach
    void prepare() throws Exception {
        files = Files.createDirectories(directory.resolve("files"));
        local = Files.createDirectories(directory.resolve("local"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        distribution = new Distribution(directory, variant).servingAll(files);
    }

    @AfterEach
    void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    private void start(String... sockets) throws IOException {
        mooring = distribution.start(sockets);
    }

    private String url(String protocol) {
        return protocol + "://127.0.0.1:" + mooring.port(protocol) + "/";
    }

    /** Runs curl as ada, or as the user of {@code -u} if that is among the arguments. */
    private Tool.Outcome curl(String... arguments) throws Exception {
        String[] options = {"-sS", "-v", "-g", "-k", "--path-as-is", "--noproxy", "*", "--max-time", "60"};
        String[] login = List.of(arguments).contains("-u") ? new String[0] : new String[] {"-u", "ada:secret"};
        return Tool.of("curl", "curl")
                .in(
                        local,
                        Stream.of(options, login, arguments)
                                .flatMap(Arrays::stream)
                                .toArray(String[]::new));
    }

    private static void assertReports(String expected, Tool.Outcome outcome) {
        assertNotEquals(0, outcome.status(), outcome.output());
        assertTrue(outcome.output().contains(expected), () -> expected + " is not in " + outcome.output());
    }

    private OpenSsh openSsh() throws Exception {
        OpenSsh client = new OpenSsh(directory.resolve("client"));
        Files.writeString(
                Files.createDirectories(directory.resolve("authorized")).resolve("ada"), client.publicKey("ed25519"));
        return client;
    }

    @OneRuntime
    void everyProtocolRefusesAnUnknownUser() throws Exception {
        distribution.configure("dev.mooring.http-public.cfg", "authentication = true");
        start(SOCKETS);
        assertReports("401", curl("-f", "-u", "eve:secret", url("http") + "hello.txt"));
        assertReports("< 530 ", curl("-u", "eve:secret", url("ftp") + "hello.txt"));
        assertReports("Authentication failure", curl("-u", "eve:secret", url("sftp") + "hello.txt"));
        for (String protocol : List.of("http", "ftp", "ssh")) {
            mooring.awaitLine(
                    "Accounts 'default': login refused: address=127.0.0.1 protocol=" + protocol + " user=\"eve\"");
        }
        assertEquals("hello\n", Curl.get("-u", "ada:secret", url("http") + "hello.txt"));
    }

    @OneRuntime
    void aWeakKeyOrSignatureIsRefused() throws Exception {
        OpenSsh client = openSsh();
        Path weak = local.resolve("weak");
        Tool.of("ssh-keygen", "openssh-client").run(local, "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", "weak");
        Path authorized = directory.resolve("authorized/ada");
        Files.writeString(
                authorized,
                client.publicKey("ed25519")
                        + client.publicKey("rsa")
                        + Files.readString(local.resolve("weak.pub"))
                        + "ssh-dss AAAAB3NzaC1kc3MAAAABAw== old\n");
        start(SOCKETS);
        int port = mooring.port("sftp");

        OpenSsh.Outcome tooShort = client.sftpAs(port, "ada", weak, "pwd");
        assertTrue(tooShort.output().contains("Permission denied (publickey,password)"), tooShort.output());
        String line = mooring.awaitLine(authorized + " line 3 ");
        assertTrue(line.contains("2048"), line);
        assertTrue(line.contains("line 4"), line);

        OpenSsh.Outcome sha1 = client.sftpWith(
                List.of("sftp", "-v", "-o", "LogLevel=DEBUG1", "-o", "PubkeyAcceptedAlgorithms=ssh-rsa"),
                port,
                client.key("rsa"),
                "pwd");
        assertNotEquals(0, sha1.status());
        assertTrue(sha1.output().contains("no mutual signature"), sha1.output());

        OpenSsh.Outcome hostKey = client.sftpWith(
                List.of("sftp", "-o", "LogLevel=INFO", "-o", "HostKeyAlgorithms=ssh-rsa"),
                port,
                client.key("rsa"),
                "pwd");
        assertTrue(hostKey.output().contains("no matching host key type found"), hostKey.output());
        assertTrue(mooring.awaitLine("cannot connect, because there is no").contains("it has ssh-rsa"));

        client.sftp(port, "pwd");
    }

    @OneRuntime
    void nothingOutsideTheShareIsReachedByFtp() throws Exception {
        outside();
        start(SOCKETS);
        for (String path :
                List.of("../secret", "/../secret", "a/../../secret", "out", "out-directory/secret", "%2e%2e/secret")) {
            assertReports("< 550 ", curl("-Q", "SIZE " + path, url("ftp")));
            assertReports("< 550 ", curl("--ftp-method", "nocwd", url("ftp") + path));
        }
        assertReports("< 550 ", curl("-Q", "CWD out-directory", url("ftp")));
        Path upload = Files.writeString(local.resolve("upload"), "upload");
        assertReports(
                "< 55", curl("--ftp-method", "nocwd", "-T", upload.toString(), url("ftp") + "out-directory/secret"));
        curl("--ftp-method", "nocwd", "-T", upload.toString(), url("ftp") + "out");
        curl("--ftp-method", "nocwd", "-T", upload.toString(), url("ftp") + "../new");
        assertNothingHappenedOutside();
    }

    @OneRuntime
    void nothingOutsideTheShareIsReachedBySftpAndScp() throws Exception {
        outside();
        OpenSsh client = openSsh();
        start(SOCKETS);
        int port = mooring.port("sftp");
        Path upload = Files.writeString(local.resolve("upload"), "upload");
        Path got = local.resolve("got");
        List<String> inward = List.of("../secret", "/../secret", "a/../../secret", "out", "out-directory/secret");
        for (String path : inward) {
            OpenSsh.Outcome get = client.sftpAs(port, "ada", client.key("ed25519"), "get " + path + " " + got);
            assertNotEquals(0, get.status(), path);
            assertTrue(get.output().matches("(?s).*(not found|No such file).*"), get.output());
        }
        for (String option : List.of("-O", "-s")) {
            for (String path : List.of("../secret", "out")) {
                assertNotEquals(
                        0, client.scp(port, option, ":" + path, got.toString()).status(), path);
            }
        }
        assertEquals(1, client.ssh(port, "md5sum", "../secret").status());
        assertEquals(1, client.ssh(port, "md5sum", "out").status());
        assertFalse(Files.exists(got));

        // After a command that begins with '-', sftp continues even if it fails.
        client.sftp(
                port,
                Stream.of("../new", "../secret", "out", "out-directory/new")
                        .flatMap(path -> Stream.of(
                                "-put " + upload + " " + path,
                                "-mkdir " + path + "-d",
                                "-rm " + path,
                                "-rename a " + path))
                        .toArray(String[]::new));
        for (String option : List.of("-O", "-s")) {
            client.scp(port, option, upload.toString(), ":../new");
            client.scp(port, option, upload.toString(), ":out-directory/new");
        }
        assertNothingHappenedOutside();

        // A link can be made, but cannot be followed.
        OpenSsh.Outcome made = client.sftpAs(
                port,
                "ada",
                client.key("ed25519"),
                "-symlink " + directory.resolve("secret") + " made",
                "get made " + got);
        assertNotEquals(0, made.status(), made.output());
        assertFalse(Files.exists(got));
    }

    /** Makes a secret beside the share, and links to it. */
    private void outside() throws IOException {
        Files.writeString(directory.resolve("secret"), "secret");
        Files.createDirectory(files.resolve("a"));
        Files.createSymbolicLink(files.resolve("out"), directory.resolve("secret"));
        Files.createSymbolicLink(files.resolve("out-directory"), directory);
    }

    private void assertNothingHappenedOutside() throws IOException {
        assertEquals("secret", Files.readString(directory.resolve("secret")));
        assertFalse(Files.exists(directory.resolve("new")));
        assertFalse(Files.exists(directory.resolve("new-d")));
    }

    @OneRuntime
    void aFileRemovedDuringATransferIsSentWholeAndAShrunkOneIsReported() throws Exception {
        start(SOCKETS);
        byte[] content = new byte[16_000_000];
        new Random(1).nextBytes(content);
        for (String protocol : List.of("http", "ftp", "sftp")) {
            Path vanishing = Files.write(files.resolve("vanishing"), content);
            Tool.Outcome whole = download(protocol, "vanishing", () -> Files.delete(vanishing));
            assertEquals(0, whole.status(), () -> protocol + ": " + whole.output());
            assertArrayEquals(content, Files.readAllBytes(local.resolve("got")), protocol);

            Path shrinking = Files.write(files.resolve("shrinking"), content);
            Tool.Outcome part = download(protocol, "shrinking", () -> {
                try (FileChannel channel = FileChannel.open(shrinking, StandardOpenOption.WRITE)) {
                    channel.truncate(100);
                }
            });
            assertEquals(18, part.status(), () -> protocol + " should report a partial file: " + part.output());
        }
        mooring.awaitLine(0, line -> line.contains("/shrinking") && line.contains("aborted"), "the log line of HTTP");
        mooring.awaitLine("RETR /shrinking of ada@127.0.0.1 failed");
        assertEquals("hello\n", Curl.get(url("http") + "hello.txt"));
    }

    private interface Change {
        void make() throws IOException;
    }

    /** Downloads into {@code got} with curl. Makes the change after the download has begun, while curl does not read. */
    private Tool.Outcome download(String protocol, String name, Change change) throws Exception {
        Path log = local.resolve("curl.log");
        Process curl = new ProcessBuilder(
                        "/usr/bin/curl", "-sS", "-v", "-k", "--noproxy", "*", "-u", "ada:secret", url(protocol) + name)
                .redirectError(log.toFile())
                .start();
        try (InputStream content = curl.getInputStream();
                OutputStream got = Files.newOutputStream(local.resolve("got"))) {
            int first = content.read();
            if (first >= 0) {
                got.write(first);
            }
            change.make();
            content.transferTo(got);
            assertTrue(curl.waitFor(ChildProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS), protocol);
        } finally {
            curl.destroy();
        }
        return new Tool.Outcome(curl.exitValue(), Files.readString(log));
    }

    @OneRuntime
    void aFullDiskIsReportedOverFtpAndTheOldFileIsKept() throws Exception {
        Path inside = startOnASmallDisk();
        Path large = Files.write(local.resolve("large"), new byte[4_000_000]);
        for (String name : List.of("old", "new")) {
            assertReports("< 452 Insufficient storage space.", curl("-T", large.toString(), url("ftp") + name));
        }
        mooring.awaitLine("STOR /old of ada@127.0.0.1 failed");
        assertEquals(List.of("old"), names(inside));
        assertEquals("old\n", Files.readString(inside.resolve("old")));
    }

    /** Starts the runtime with 2 MB of space, and returns the path of the share as the test sees it. */
    private Path startOnASmallDisk() throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "--mount", "mount", "-t", "tmpfs", "none", files.toString())
                                .start()
                                .waitFor()
                        == 0,
                "this machine cannot mount a file system in a namespace; run the tests as root");
        mooring = ActivatedProcess.with(SOCKETS)
                .variable("JAVA_HOME", distribution.javaHome())
                .start(Stream.concat(
                                Stream.of(
                                        "unshare",
                                        "--mount",
                                        "sh",
                                        "-euc",
                                        "mount -t tmpfs -o size=2m none \"$1\"; echo old > \"$1/old\"; shift; exec \"$@\"",
                                        "sh",
                                        files.toString()),
                                distribution.command().stream())
                        .toList());
        mooring.awaitLine("ftp~public serves");
        return mooring.proc("root" + files);
    }

    @OneRuntime
    void aFullDiskIsReportedOverSftpAndTheOldFileIsKept() throws Exception {
        OpenSsh client = openSsh();
        Path inside = startOnASmallDisk();
        Path large = Files.write(local.resolve("large"), new byte[4_000_000]);
        for (String name : List.of("old", "new")) {
            OpenSsh.Outcome put =
                    client.sftpAs(mooring.port("sftp"), "ada", client.key("ed25519"), "put " + large + " " + name);
            assertNotEquals(0, put.status(), put.output());
            assertTrue(put.output().contains("Failure") && !put.output().contains("dest open"), put.output());
            assertEquals(List.of("old"), names(inside));
            assertEquals("old\n", Files.readString(inside.resolve("old")));
        }
        // rclone shows the message of a status; OpenSSH does not.
        Tool rclone = Tool.of("rclone", "rclone");
        Tool.Outcome copy = rclone.in(
                local,
                "--retries=1",
                "--low-level-retries=1",
                "copyto",
                "large",
                ":sftp,host=127.0.0.1,user=ada,port=" + mooring.port("sftp") + ",pass="
                        + rclone.run(local, "obscure", "secret").strip() + ":new");
        assertReports("No space left", copy);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).toList();
        }
    }

    @OneRuntime
    void aCertificateWithoutAKeyStopsOnlyThatServer() throws Exception {
        distribution.configure(
                "dev.mooring.ftp-tls.cfg",
                "sockets.target = (socket.name=ftps)",
                "tls.certificate = " + directory.resolve("cert.pem"));
        start("ftps=tcp4", "ftp=tcp4", "ftp-data=tcp4*3");
        mooring.awaitLine("tls.certificate = '" + directory.resolve("cert.pem") + "' has no key; set tls.key");
        assertEquals("hello\n", Curl.get("-u", "ada:secret", url("ftp") + "hello.txt"));
    }

    @OneRuntime
    void datagramSocketsAreReportedAndTheStreamSocketsBesideThemServe() throws Exception {
        start(
                "http=udp4",
                "sftp=udp4",
                "ftp=udp4",
                "ftp-data=udp4",
                "http=tcp4",
                "sftp=tcp4",
                "ftp=tcp4",
                "ftp-data=tcp4");
        for (int descriptor = 3; descriptor < 7; descriptor++) {
            String name = mooring.passed().get(descriptor - 3).name();
            assertTrue(
                    mooring.awaitLine("fd " + descriptor + " (socket '" + name + "')")
                            .contains("datagram"),
                    name);
        }
        for (String protocol : List.of("http", "sftp", "ftp")) {
            int port = mooring.passed().stream()
                    .filter(each -> each.name().equals(protocol))
                    .reduce((first, second) -> second)
                    .orElseThrow()
                    .port();
            assertEquals(
                    "hello\n", Curl.get("-k", "-u", "ada:secret", protocol + "://127.0.0.1:" + port + "/hello.txt"));
        }
    }
}
