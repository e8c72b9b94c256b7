package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The assembled runtime with inherited sockets named {@code sftp}; the clients are OpenSSH's. */
class SftpIT {

    private final Variant variant;

    SftpIT(Variant variant) {
        this.variant = variant;
    }

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

    private ActivatedProcess start(String... more) throws Exception {
        return configured(more).start("sftp=tcp4", "sftp=tcp6");
    }

    private Distribution configured(String... more) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-1").digest("secret".getBytes());
        Path passwords = Files.writeString(
                directory.resolve("passwords"),
                "ada:{SHA}" + Base64.getEncoder().encodeToString(hash) + "\n");
        Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
        Path keys = Files.createDirectories(directory.resolve("authorized")).resolve("ada");
        Files.writeString(keys, client.publicKey("ed25519") + client.publicKey("ecdsa") + client.publicKey("rsa"));
        String[] sftp = Arrays.copyOf(more, more.length + 1);
        sftp[more.length] = "host.key.directory = " + directory.resolve("keys");
        return new Distribution(directory, variant)
                .configure("dev.mooring.share-default.cfg", "root = " + files, "read.only = false")
                .configure(
                        "dev.mooring.accounts-default.cfg",
                        "passwords = " + passwords,
                        "authorized.keys = " + directory.resolve("authorized/%u"))
                .configure("dev.mooring.sftp-public.cfg", sftp);
    }

    private byte[] random(Path file, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Files.write(file, content);
        return content;
    }

    @EveryRuntime
    void filesAreTransferredBothWaysAndChanged() throws Exception {
        byte[] content = random(local.resolve("large"), 5_000_000);
        try (ActivatedProcess mooring = start()) {
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

    @OneRuntime
    void transfersAreResumed() throws Exception {
        byte[] content = random(local.resolve("x"), 3_000_000);
        try (ActivatedProcess mooring = start()) {
            int port = mooring.port("sftp");
            Files.write(files.resolve("x"), Arrays.copyOf(content, 1_000_000));
            client.sftp(port, "reput x");
            assertArrayEquals(content, Files.readAllBytes(files.resolve("x")));
            Files.write(local.resolve("y"), Arrays.copyOf(content, 1_234_567));
            client.sftp(port, "reget x y");
            assertArrayEquals(content, Files.readAllBytes(local.resolve("y")));
        }
    }

    @OneRuntime
    void treesAreTransferredWithTheirTimesAndModesBySftpAndByScp() throws Exception {
        Path deep = Files.createDirectories(local.resolve("tree/a/b"));
        Path file = Files.writeString(deep.resolve("it's a file"), "content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
        Files.setLastModifiedTime(file, FileTime.from(1_000_000, TimeUnit.SECONDS));
        try (ActivatedProcess mooring = start()) {
            int port = mooring.port("sftp");
            client.sftp(port, "put -rp tree by-sftp", "get -rp by-sftp back-sftp");
            for (String option : new String[] {"-s", "-O"}) {
                OpenSsh.Outcome up = client.scp(port, option, "-rp", "tree", ":by-scp" + option + "/");
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

    @OneRuntime
    void treesOfOddNamesGoUpAndDownBySftpAndByScp() throws Exception {
        Tree.make(local.resolve("odd"), 110, true);
        Tree.make(local.resolve("no lines"), 110, false);
        try (ActivatedProcess mooring = start()) {
            int port = mooring.port("sftp");
            client.sftp(port, "put -rp odd", "get -rp odd back");
            assertEquals(List.of(), Tree.differences(local.resolve("odd"), files.resolve("odd")));
            assertEquals(List.of(), Tree.differences(local.resolve("odd"), local.resolve("back")));
            for (String option : List.of("-s", "-O")) {
                // The old protocol has no names with line breaks.
                Path tree = local.resolve(option.equals("-O") ? "no lines" : "odd");
                OpenSsh.Outcome up = client.scp(port, option, "-rp", tree.toString(), ":by-scp" + option);
                assertEquals(0, up.status(), up.output());
                OpenSsh.Outcome down = client.scp(port, option, "-rp", ":by-scp" + option, "back" + option);
                assertEquals(0, down.status(), down.output());
                assertEquals(List.of(), Tree.differences(tree, files.resolve("by-scp" + option)));
                assertEquals(List.of(), Tree.differences(tree, local.resolve("back" + option)));
            }
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    @OneRuntime
    void filesAreRenamedLinkedCopiedAndAppendedTo() throws Exception {
        Files.writeString(local.resolve("a"), "content of a");
        Files.writeString(local.resolve("b"), "content of b, which is longer");
        try (ActivatedProcess mooring = start()) {
            int port = mooring.port("sftp");
            client.sftp(
                    port,
                    "put -f a one", // with fsync
                    "put b two",
                    "rename two one", // replaces a file
                    "ln one hard",
                    "ln -s one soft",
                    "ln -s nowhere dangling",
                    "mkdir d",
                    "chmod 750 d",
                    "chmod 640 soft", // changes the file "one"
                    "rename d e");
            assertEquals("content of b, which is longer", Files.readString(files.resolve("one")));
            assertFalse(Files.exists(files.resolve("two")));
            assertEquals(
                    Files.getAttribute(files.resolve("one"), "unix:ino"),
                    Files.getAttribute(files.resolve("hard"), "unix:ino"));
            assertEquals("one", Files.readSymbolicLink(files.resolve("soft")).toString());
            assertEquals("rw-r-----", mode("one"));
            assertEquals("rwxr-x---", mode("e"));
            String listing = client.sftp(port, "ls -la", "get soft", "get -r e copy");
            assertTrue(listing.matches("(?s).*lrwxrwxrwx[^\n]* soft\n.*"), listing);
            assertTrue(listing.matches("(?s).*-rw-r-----\\s+2 [^\n]* 29 [^\n]* hard\n.*"), listing);
            assertEquals("content of b, which is longer", Files.readString(local.resolve("soft")));

            Files.writeString(files.resolve("part"), "content of b");
            client.sftp(port, "put -a b part", "rm soft", "rm dangling", "rmdir e");
            assertEquals("content of b, which is longer", Files.readString(files.resolve("part")));
            assertEquals(List.of("hard", "one", "part"), names());

            // Failures are reported in words.
            assertFails(port, "get missing", "not found");
            assertFails(port, "rmdir one", "rmdir");
            assertFails(port, "mkdir one", "mkdir");
            assertFails(port, "rename missing other", "No such file");
            assertFails(port, "ls missing/", "not found");
        }
    }

    private void assertFails(int port, String command, String said) throws Exception {
        OpenSsh.Outcome outcome = client.sftpAs(port, "ada", client.key("ed25519"), command);
        assertNotEquals(0, outcome.status(), command);
        assertTrue(outcome.output().contains(said), command + ": " + outcome.output());
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(files.resolve(name)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> list = Files.list(files)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @OneRuntime
    void anScpThatIsKilledKeepsTheOldFile() throws Exception {
        random(local.resolve("large"), 20_000_000);
        try (ActivatedProcess mooring = start();
                WatchService watcher = files.getFileSystem().newWatchService()) {
            int port = mooring.port("sftp");
            files.register(watcher, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE);
            for (String option : List.of("-s", "-O")) {
                byte[] old = random(files.resolve("old"), 500_000);
                awaitEvent(watcher, StandardWatchEventKinds.ENTRY_MODIFY, "old");
                Process scp = client.beginScp(port, option, "-l", "8000", "large", ":old");
                try {
                    awaitEvent(watcher, StandardWatchEventKinds.ENTRY_MODIFY, ".mooring-");
                    assertArrayEquals(old, Files.readAllBytes(files.resolve("old")), option);
                } finally {
                    scp.destroyForcibly().waitFor();
                    scp.children().forEach(ProcessHandle::destroyForcibly);
                }
                awaitEvent(watcher, StandardWatchEventKinds.ENTRY_DELETE, ".mooring-");
                assertArrayEquals(old, Files.readAllBytes(files.resolve("old")), option);
                assertEquals(List.of("old"), names());
            }
        }
    }

    @OneRuntime
    void listingADirectoryRemovesTheUploadOfAKilledServer() throws Exception {
        random(local.resolve("large"), 20_000_000);
        try (WatchService watcher = files.getFileSystem().newWatchService()) {
            files.register(watcher, StandardWatchEventKinds.ENTRY_MODIFY);
            try (ActivatedProcess mooring = start()) {
                Process scp = client.beginScp(mooring.port("sftp"), "-l", "8000", "large", ":large");
                awaitEvent(watcher, StandardWatchEventKinds.ENTRY_MODIFY, ".mooring-");
                ProcessHandle server = ProcessHandle.of(mooring.pid()).orElseThrow();
                server.destroyForcibly();
                server.onExit().get(20, TimeUnit.SECONDS);
                scp.waitFor();
            }
            assertEquals(1, names().size());
            assertTrue(names().get(0).startsWith(".mooring-"), names()::toString);
            try (ActivatedProcess mooring = start()) {
                client.sftp(mooring.port("sftp"), "ls");
                assertEquals(List.of(), names());
            }
        }
    }

    /** Waits for an event of a file whose name has this prefix. */
    private static void awaitEvent(WatchService watcher, WatchEvent.Kind<?> kind, String name) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (true) {
            WatchKey key = watcher.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertNotNull(key, "no " + kind + " of " + name + " for 40 s");
            boolean seen = key.pollEvents().stream()
                    .anyMatch(event -> event.kind() == kind
                            && String.valueOf(event.context()).startsWith(name));
            key.reset();
            if (seen) {
                return;
            }
        }
    }

    @OneRuntime
    void aFullDiskLeavesTheOldFileAndIsReported() throws Exception {
        random(local.resolve("large"), 2_000_000);
        Process small = new ProcessBuilder(
                        "unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt && echo up && exec cat")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = small.inputReader()) {
            assumeTrue(
                    "up".equals(said.readLine()),
                    "this machine has no user namespaces, so the test cannot mount a small disk");
            files = Files.createDirectory(Path.of("/proc/" + small.pid() + "/root/mnt/files"));
            byte[] old = random(files.resolve("old"), 100_000);
            // Only the user of the tests can access the mount namespace.
            try (ActivatedProcess mooring = configured().asUserOfTests().start("sftp=tcp4", "sftp=tcp6")) {
                int port = mooring.port("sftp");
                for (String option : List.of("-s", "-O")) {
                    OpenSsh.Outcome outcome = client.scp(port, option, "large", ":old");
                    assertNotEquals(0, outcome.status(), option + outcome.output());
                    assertTrue(
                            outcome.output().contains(option.equals("-O") ? "No space left on device" : "Failure"),
                            option + outcome.output());
                    assertArrayEquals(old, Files.readAllBytes(files.resolve("old")), option);
                }
                assertFails(port, "put large old", "Failure");
                assertArrayEquals(old, Files.readAllBytes(files.resolve("old")));
                assertEquals(List.of("old"), names());
                mooring.awaitLine("cannot write /old: No space left on device; make room");
            }
        } finally {
            small.destroy();
        }
    }

    @OneRuntime
    void truncatingAFileWhileScpFetchesItIsAnError() throws Exception {
        random(files.resolve("large"), 20_000_000);
        try (ActivatedProcess mooring = start();
                WatchService watcher = local.getFileSystem().newWatchService()) {
            local.register(watcher, StandardWatchEventKinds.ENTRY_MODIFY);
            Process scp = client.beginScp(mooring.port("sftp"), "-O", "-l", "40000", ":large", "copy");
            awaitEvent(watcher, StandardWatchEventKinds.ENTRY_MODIFY, "copy");
            try (FileChannel large = FileChannel.open(files.resolve("large"), StandardOpenOption.WRITE)) {
                large.truncate(10);
            }
            assertTrue(scp.waitFor(60, TimeUnit.SECONDS), "scp did not end");
            assertNotEquals(0, scp.exitValue());
        }
    }

    @OneRuntime
    void filesOfTheYear2040AreListedAndFetched() throws Exception {
        Files.writeString(files.resolve("future"), "content");
        Files.setLastModifiedTime(files.resolve("future"), FileTime.from(2_208_988_800L, TimeUnit.SECONDS));
        try (ActivatedProcess mooring = start()) {
            String listing = client.sftp(mooring.port("sftp"), "ls -l", "get -p future");
            assertTrue(listing.contains("2040") || listing.contains("2039"), listing);
            assertEquals("content", Files.readString(local.resolve("future")));
            assertEquals(
                    2_208_988_800L,
                    Files.getLastModifiedTime(local.resolve("future")).to(TimeUnit.SECONDS));
        }
    }

    @OneRuntime
    void scpFindsItsOwnHomeAndNoOther() throws Exception {
        Files.writeString(files.resolve("a.txt"), "content");
        try (ActivatedProcess mooring = start()) {
            int port = mooring.port("sftp");
            for (String option : List.of("-s", "-O")) {
                OpenSsh.Outcome own = client.scp(port, option, ":~ada/a.txt", "back" + option);
                assertEquals(0, own.status(), own.output());
                assertEquals("content", Files.readString(local.resolve("back" + option)));
                assertNotEquals(
                        0, client.scp(port, option, ":~eve/a.txt", "eve").status());
            }
        }
    }

    @OneRuntime
    void newDirectoriesHaveTheModeOfTheClientLessTheUmask() throws Exception {
        Path closed = Files.createDirectories(local.resolve("tree/closed"));
        Files.writeString(closed.resolve("x"), "x");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-x---"));
        Files.setLastModifiedTime(closed, FileTime.from(1_000_000, TimeUnit.SECONDS));
        try (ActivatedProcess mooring = start()) {
            int port = mooring.port("sftp");
            client.sftp(port, "mkdir d"); // for which the client asks for 0777
            assertFalse(
                    Files.getPosixFilePermissions(files.resolve("d")).contains(PosixFilePermission.OTHERS_WRITE),
                    "umask");
            for (String option : List.of("-r", "-rp")) {
                OpenSsh.Outcome up = client.scp(port, "-O", option, "tree", ":by" + option);
                assertEquals(0, up.status(), up.output());
                Path made = files.resolve("by" + option + "/closed");
                assertEquals("r-xr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)), option);
                assertEquals(
                        option.equals("-rp"),
                        Files.getLastModifiedTime(made).to(TimeUnit.SECONDS) == 1_000_000,
                        option);
                assertEquals("x", Files.readString(made.resolve("x")));
            }
        }
    }

    @OneRuntime
    void scpTakesSeveralFilesAndPatternsAndExplainsFailures() throws Exception {
        byte[] large = random(local.resolve("large.bin"), 3_000_000);
        Files.writeString(local.resolve("a.txt"), "a");
        Files.writeString(local.resolve("b c.txt"), "b c");
        try (ActivatedProcess mooring = start()) {
            int port = mooring.port("sftp");
            for (String option : List.of("-s", "-O")) {
                Path target = Files.createDirectories(files.resolve("d" + option));
                OpenSsh.Outcome up =
                        client.scp(port, option, "a.txt", "b c.txt", "large.bin", ":" + target.getFileName());
                assertEquals(0, up.status(), up.output());
                assertArrayEquals(large, Files.readAllBytes(target.resolve("large.bin")));
                Path back = Files.createDirectories(local.resolve("back" + option));
                OpenSsh.Outcome down = client.scp(port, option, ":d" + option + "/*.txt", back.toString());
                assertEquals(0, down.status(), option + ": " + down.output());
                assertEquals("b c", Files.readString(back.resolve("b c.txt")));
                assertEquals("a", Files.readString(back.resolve("a.txt")));
                assertFalse(Files.exists(back.resolve("large.bin")));
                OpenSsh.Outcome missing = client.scp(port, option, ":missing", back.toString());
                assertEquals(1, missing.status(), missing.output());
                assertTrue(missing.output().toLowerCase(Locale.ROOT).contains("no such file"), missing.output());
                OpenSsh.Outcome nowhere = client.scp(port, option, "a.txt", ":no/where");
                assertEquals(1, nowhere.status(), nowhere.output());
            }
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    @OneRuntime
    void tenThousandFilesAreListed() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(files.resolve("file " + i));
        }
        try (ActivatedProcess mooring = start()) {
            String output = client.sftp(mooring.port("sftp"), "ls -1");
            assertEquals(
                    10_000,
                    output.lines().filter(line -> line.contains("file ")).count());
        }
    }

    @OneRuntime
    void onlyTheKeysAndThePasswordAreAccepted() throws Exception {
        try (ActivatedProcess mooring = start()) {
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

    @OneRuntime
    void bothMethodsAreAskedForIfBothAreRequired() throws Exception {
        try (ActivatedProcess mooring = start("authentication = publickey,password")) {
            OpenSsh.Outcome keyOnly = client.sftpAs(mooring.port("sftp"), "ada", client.key("ed25519"), "pwd");
            assertNotEquals(0, keyOnly.status());
            assertTrue(keyOnly.output().contains("Permission denied (password)"), keyOnly.output());
        }
    }

    @OneRuntime
    void thereIsNoShellAndNoForwarding() throws Exception {
        try (ActivatedProcess mooring = start()) {
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

    @OneRuntime
    void aHostKeyThatOthersCanReadIsRefused() throws Exception {
        Path key = client.key("ecdsa");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        try (ActivatedProcess mooring = start("host.keys = " + key + ", " + client.key("ed25519"))) {
            mooring.awaitLine("does not use host key " + key + ", because others");
            client.sftp(mooring.port("sftp"), "pwd");
        }
    }

    @EveryRuntime
    void theHostKeySurvivesARestartWithoutAConfiguredDirectory() throws Exception {
        start().close(); // writes the configuration
        Distribution distribution =
                new Distribution(directory, variant).configure("dev.mooring.sftp-public.cfg", "idle.timeout = 600");
        for (int i = 0; i < 2; i++) {
            try (ActivatedProcess mooring = distribution.start("sftp=tcp4")) {
                client.sftp(mooring.port("sftp"), "pwd");
            }
        }
        List<String> keys = Files.readAllLines(local.resolve("known_hosts")).stream()
                .filter(line -> line.contains(" ssh-ed25519 "))
                .map(line -> line.split(" ")[2])
                .toList();
        assertEquals(List.of(keys.get(0), keys.get(0)), keys);
    }

    @OneRuntime
    void otherKindsOfSocketAreReportedAndTheRestIsServed() throws Exception {
        start().close(); // writes the configuration
        try (ActivatedProcess mooring = new Distribution(directory, variant)
                .start("sftp=udp4", "sftp=fifo:" + directory.resolve("fifo"), "sftp=tcp4")) {
            client.sftp(mooring.passed().get(2).port(), "pwd");
            assertTrue(mooring.awaitLine("fd 3 (socket 'sftp')").contains("datagram"));
            mooring.awaitLine("fd 4 (socket 'sftp')");
        }
    }
}
