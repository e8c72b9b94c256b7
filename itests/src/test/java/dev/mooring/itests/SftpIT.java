package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The assembled runtime with inherited sockets named {@code sftp}, and the clients of OpenSSH. */
class SftpIT {

    @TempDir
    Path directory;

    private Path files;
    private Path local;
    private OpenSsh client;

    @BeforeEach
    void prepare() throws Exception {
        files = Files.createDirectories(directory.resolve("files"));
        local = Files.createDirectories(directory.resolve("client"));
        client = new OpenSsh(local);
    }

    private ActivatedProcess start(Jdk jdk, String... more) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-1").digest("secret".getBytes());
        Path passwords = Files.writeString(
                directory.resolve("passwords"),
                "ada:{SHA}" + Base64.getEncoder().encodeToString(hash) + "\n");
        Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
        Path keys = Files.createDirectories(directory.resolve("authorized")).resolve("ada");
        Files.writeString(keys, client.publicKey("ed25519") + client.publicKey("ecdsa") + client.publicKey("rsa"));
        String[] sftp = Arrays.copyOf(more, more.length + 1);
        sftp[more.length] = "host.key.directory = " + directory.resolve("keys");
        ActivatedProcess mooring = new Distribution(directory, jdk)
                .configure("dev.mooring.share-default.cfg", "root = " + files, "read.only = false")
                .configure(
                        "dev.mooring.accounts-default.cfg",
                        "passwords = " + passwords,
                        "authorized.keys = " + directory.resolve("authorized/%u"))
                .configure("dev.mooring.sftp-public.cfg", sftp)
                .start("sftp=tcp4", "sftp=tcp6");
        return mooring;
    }

    private byte[] random(Path file, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Files.write(file, content);
        return content;
    }

    @ParameterizedTest
    @EnumSource(Jdk.class)
    void filesAreTransferredBothWaysAndChanged(Jdk jdk) throws Exception {
        byte[] content = random(local.resolve("large"), 5_000_000);
        try (ActivatedProcess mooring = start(jdk)) {
            int port = mooring.port("sftp");
            String output = client.sftp(
                    port,
                    "put large",
                    "get large back",
                    "rename large 'naïve name'",
                    "symlink 'naïve name' link",
                    "chmod 600 'naïve name'",
                    "mkdir d",
                    "ls -l",
                    "df",
                    "pwd");
            assertArrayEquals(content, Files.readAllBytes(local.resolve("back")));
            assertArrayEquals(content, Files.readAllBytes(files.resolve("naïve name")));
            assertEquals(Path.of("naïve name"), Files.readSymbolicLink(files.resolve("link")));
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(files.resolve("naïve name"))));
            assertTrue(Files.isDirectory(files.resolve("d")));
            assertTrue(output.contains("lrwxrwxrwx") && output.contains("%Capacity"), output);
            client.sftp(port, "rm link", "rm 'naïve name'", "rmdir d");
            assertEquals(0, Files.list(files).count());
            assertFalse(mooring.output().contains("Exception"), mooring.output());
        }
    }

    @Test
    void transfersAreResumed() throws Exception {
        byte[] content = random(local.resolve("x"), 3_000_000);
        try (ActivatedProcess mooring = start(Jdk.RUNNING)) {
            int port = mooring.port("sftp");
            Files.write(files.resolve("x"), Arrays.copyOf(content, 1_000_000));
            client.sftp(port, "reput x");
            assertArrayEquals(content, Files.readAllBytes(files.resolve("x")));
            Files.write(local.resolve("y"), Arrays.copyOf(content, 1_234_567));
            client.sftp(port, "reget x y");
            assertArrayEquals(content, Files.readAllBytes(local.resolve("y")));
        }
    }

    @Test
    void treesAreTransferredWithTheirTimesAndModesBySftpAndByScp() throws Exception {
        Path deep = Files.createDirectories(local.resolve("tree/a/b"));
        Path file = Files.writeString(deep.resolve("it's a file"), "content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
        Files.setLastModifiedTime(file, FileTime.from(1_000_000, TimeUnit.SECONDS));
        try (ActivatedProcess mooring = start(Jdk.RUNNING)) {
            int port = mooring.port("sftp");
            client.sftp(port, "put -rp tree by-sftp", "get -rp by-sftp back-sftp");
            for (String option : new String[] {"-s", "-O"}) {
                OpenSsh.Outcome up = client.scp(port, option, "-rp", "tree", ":by-scp" + option);
                assertEquals(0, up.status(), up.output());
                OpenSsh.Outcome down = client.scp(port, option, "-rp", ":by-scp" + option, "back" + option);
                assertEquals(0, down.status(), down.output());
            }
            for (Path copy : new Path[] {
                files.resolve("by-sftp"),
                files.resolve("by-scp-s"),
                files.resolve("by-scp-O"),
                local.resolve("back-sftp"),
                local.resolve("back-s"),
                local.resolve("back-O")
            }) {
                Path copied = copy.resolve("a/b/it's a file");
                assertEquals("content", Files.readString(copied));
                assertEquals(
                        "rwxr-x---",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(copied)),
                        copied::toString);
                assertEquals(1_000_000, Files.getLastModifiedTime(copied).to(TimeUnit.SECONDS), copied::toString);
            }
        }
    }

    @Test
    void tenThousandFilesAreListed() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(files.resolve("file " + i));
        }
        try (ActivatedProcess mooring = start(Jdk.RUNNING)) {
            String output = client.sftp(mooring.port("sftp"), "ls -1");
            assertEquals(
                    10_000,
                    output.lines().filter(line -> line.contains("file ")).count());
        }
    }

    @Test
    void everyTypeOfKeyAndThePasswordLetInAndNothingElse() throws Exception {
        try (ActivatedProcess mooring = start(Jdk.RUNNING)) {
            int port = mooring.port("sftp");
            for (String type : new String[] {"ed25519", "ecdsa", "rsa"}) {
                OpenSsh.Outcome outcome = client.sftpAs(port, "ada", client.key(type), "pwd");
                assertEquals(0, outcome.status(), type + ": " + outcome.output());
            }
            OpenSsh.Outcome right = client.sftpWithPassword(port, "ada", "secret", "pwd");
            assertTrue(right.output().contains("working directory: /"), right.output());
            OpenSsh.Outcome wrong = client.sftpWithPassword(port, "ada", "wrong", "pwd");
            assertTrue(wrong.output().contains("Permission denied"), wrong.output());
            OpenSsh.Outcome stranger = client.sftpAs(port, "eve", client.key("ed25519"), "pwd");
            assertNotEquals(0, stranger.status(), stranger.output());
            assertFalse(mooring.output().contains("Exception"), mooring.output());
        }
    }

    @Test
    void bothMethodsAreAskedForWhereBothAreRequired() throws Exception {
        try (ActivatedProcess mooring = start(Jdk.RUNNING, "authentication = publickey,password")) {
            OpenSsh.Outcome keyOnly = client.sftpAs(mooring.port("sftp"), "ada", client.key("ed25519"), "pwd");
            assertNotEquals(0, keyOnly.status());
            assertTrue(keyOnly.output().contains("Permission denied (password)"), keyOnly.output());
        }
    }

    @Test
    void thereIsNoShellAndNoForwarding() throws Exception {
        try (ActivatedProcess mooring = start(Jdk.RUNNING)) {
            int port = mooring.port("sftp");
            Files.writeString(files.resolve("x"), "hello\n");
            assertEquals(
                    "b1946ac92492d2347c6235b4d2611184  x\n",
                    client.ssh(port, "md5sum", "x").output());
            assertEquals(127, client.ssh(port, "ls").status());
            assertTrue(client.ssh(port).output().contains("shell request failed"));
            OpenSsh.Outcome forwarded = client.ssh(port, "-W", "127.0.0.1:" + port);
            assertNotEquals(0, forwarded.status(), forwarded.output());
        }
    }

    @Test
    void aHostKeyThatOthersCanReadIsRefused() throws Exception {
        Path key = client.key("ecdsa");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        try (ActivatedProcess mooring = start(Jdk.RUNNING, "host.keys = " + key + ", " + client.key("ed25519"))) {
            mooring.awaitLine("does not use host key " + key + ", because others");
            client.sftp(mooring.port("sftp"), "pwd");
        }
    }

    @Test
    void whatIsNoListeningTcpSocketIsReportedAndTheRestIsServed() throws Exception {
        start(Jdk.RUNNING).close(); // writes the configuration
        try (ActivatedProcess mooring = new Distribution(directory, Jdk.RUNNING)
                .start("sftp=udp4", "sftp=unix:" + directory.resolve("sftp.sock"), "sftp=tcp4")) {
            client.sftp(mooring.passed().get(2).port(), "pwd");
            assertTrue(mooring.awaitLine("fd 3 (socket 'sftp')").contains("datagram"));
            mooring.awaitLine("fd 4 (socket 'sftp')");
        }
    }
}
