package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** File modes that refuse access to the runtime. A runtime of root would not notice them. */
class OrdinaryUserIT {

    private final Variant variant;

    @TempDir
    Path directory;

    OrdinaryUserIT(Variant variant) {
        this.variant = variant;
    }

    @OneRuntime
    void unreadableFilesAreRefusedAndReported() throws Exception {
        assumeTrue(variant.ordinary(), "this variant runs as the user who runs the tests");
        Path files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        close(Files.writeString(files.resolve("closed.txt"), "closed\n"));
        Distribution distribution = new Distribution(directory, variant)
                .servingAll(files)
                .configure("dev.mooring.share-secret.cfg", "root = " + files.toUri());
        close(directory.resolve("conf/dev.mooring.share-secret.cfg"));
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "ftp=tcp4", "ftp-data=tcp4")) {
            String http = "http://127.0.0.1:" + mooring.port("http") + "/";
            assertEquals("hello\n", Curl.get(http + "hello.txt"));
            assertEquals("403", Curl.status(http + "closed.txt"));
            Tool.Outcome ftp = Tool.of("curl", "curl")
                    .in(
                            directory,
                            "-sSv",
                            "-u",
                            "ada:secret",
                            "ftp://127.0.0.1:" + mooring.port("ftp") + "/closed.txt");
            assertTrue(ftp.output().contains("< 550 "), ftp.output());
            mooring.awaitLine("share-secret.cfg cannot be read");
            List<String> status = Files.readAllLines(mooring.proc("status"));
            assertTrue(status.contains("CapEff:\t0000000000000000"), status::toString);
        }
    }

    /** File Install then stores each configuration twice. A store that was not safe for that lost one of four edits. */
    @OneRuntime
    void editsOfAReadOnlyFileTakeEffect() throws Exception {
        assumeTrue(variant.ordinary(), "this variant runs as the user who runs the tests");
        Path files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        Distribution distribution = new Distribution(directory, variant).serving(files);
        Path file = directory.resolve("conf/dev.mooring.http-public.cfg");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            mooring.awaitLine("http~public serves");
            for (int i = 0; i < (Boolean.getBoolean("mooring.long") ? 200 : 3); i++) {
                int mark = mooring.mark();
                // Replaces the file as editors do. File Install compares sizes, and times in whole milliseconds.
                Path next = directory.resolve("next");
                Files.writeString(next, "response.headers = X-Edit: " + i + "\n");
                Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("r--r--r--"));
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
                mooring.awaitLine(mark, "http~public serves");
                String headers = Curl.get("-D", "-", "http://127.0.0.1:" + mooring.port("http") + "/hello.txt");
                assertTrue(headers.contains("X-Edit: " + i), headers);
            }
        }
    }

    @OneRuntime
    void anOwnerChangesUnreadableFilesAndCanPassThroughSearchableDirectories() throws Exception {
        assumeTrue(variant.ordinary(), "this variant runs as the user who runs the tests");
        Path files = Files.createDirectories(directory.resolve("files"));
        Path inner = Files.createDirectories(files.resolve("searched/too"));
        Files.writeString(inner.resolve("hello.txt"), "hello\n");
        Files.writeString(files.resolve("mine"), "mine\n");
        OpenSsh client = new OpenSsh(directory.resolve("client"));
        Files.writeString(
                Files.createDirectories(directory.resolve("authorized")).resolve("ada"), client.publicKey("ed25519"));
        Distribution distribution = new Distribution(directory, variant).servingAll(files);
        Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("-wx--x--x"));
        Files.setPosixFilePermissions(inner.getParent(), PosixFilePermissions.fromString("--x--x--x"));
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "sftp=tcp4")) {
            int port = mooring.port("sftp");
            client.sftp(port, "chmod 111 mine", "chmod 2644 mine");
            client.sftp(
                    port, "mkdir d", "chmod 300 d", "mkdir d/e", "chmod 755 d", "ls d", "get searched/too/hello.txt");
            assertEquals(02644, (Integer) Files.getAttribute(files.resolve("mine"), "unix:mode") & 07777);
            assertEquals("hello\n", Files.readString(directory.resolve("client/hello.txt")));
            client.sftp(port, "put hello.txt searched/too/again", "rename searched/too/again mine2", "rm mine2");
            assertTrue(client.sftpAs(port, "ada", client.key("ed25519"), "ls searched/too")
                            .status()
                    != 0);
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/searched/too/hello.txt"));
        } finally {
            Files.setPosixFilePermissions(inner.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static void close(Path file) throws Exception {
        Files.setPosixFilePermissions(file, Set.of());
    }
}
