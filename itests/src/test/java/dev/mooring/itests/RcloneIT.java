package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The assembled runtime with rclone as the client. Trees of odd names are uploaded and downloaded and stay identical. */
@Timeout(300)
class RcloneIT {

    private static final int FILES = 2000;

    private final Variant variant;

    RcloneIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private Path files;
    private Path local;
    private Tool rclone;

    @BeforeEach
    void prepare() throws Exception {
        files = Files.createDirectories(directory.resolve("files"));
        local = Files.createDirectories(directory.resolve("local"));
        rclone = Tool.of("rclone", "rclone")
                .variable("RCLONE_CONFIG", "") // only the variables below count
                .variable("RCLONE_INPLACE", "true"); // 1.63 and later would append to names of the maximal length
        String password = rclone.run(local, "obscure", "secret").strip();
        for (String remote : List.of("SFTP", "FTP")) {
            rclone.variable("RCLONE_CONFIG_" + remote + "_TYPE", remote.toLowerCase(java.util.Locale.ROOT))
                    .variable("RCLONE_CONFIG_" + remote + "_HOST", "127.0.0.1")
                    .variable("RCLONE_CONFIG_" + remote + "_USER", "ada")
                    .variable("RCLONE_CONFIG_" + remote + "_PASS", password);
        }
        // Keeps names unchanged that rclone would encode for some servers.
        rclone.variable("RCLONE_CONFIG_FTP_ENCODING", "Slash");
    }

    private ActivatedProcess start() throws IOException {
        ActivatedProcess mooring = new Distribution(directory, variant)
                .servingAll(files)
                .start("sftp=tcp4", "ftp=tcp4", "ftp-data=tcp4*3");
        rclone.variable("RCLONE_CONFIG_SFTP_PORT", "" + mooring.port("sftp"))
                .variable("RCLONE_CONFIG_FTP_PORT", "" + mooring.port("ftp"));
        return mooring;
    }

    private String run(String command, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(command, "--transfers=8", "--checkers=8", "--retries=1", "-v"));
        all.addAll(List.of(arguments));
        return rclone.run(local, all.toArray(String[]::new));
    }

    /**
     * Uploads, checks, downloads, checks, makes a few changes, and uploads again.
     *
     * @param named the name that rclone gives a file on the server
     */
    private void syncs(String remote, boolean lines, UnaryOperator<String> named, String... check) throws Exception {
        Path up = local.resolve("up");
        Tree.make(up, FILES, lines);
        try (ActivatedProcess mooring = start()) {
            run("sync", "--create-empty-src-dirs", "up", remote + ":tree");
            assertServed(up, named);
            String checked = run("check", concat(check, "up", remote + ":tree"));
            assertTrue(checked.contains(FILES + " matching files"), checked);
            assertEquals(check.length == 0, checked.contains("hashes could not be checked"), checked);

            run("sync", "--create-empty-src-dirs", remote + ":tree", "down");
            assertEquals(List.of(), Tree.differences(up, local.resolve("down")));
            assertTrue(run("check", concat(check, remote + ":tree", "down")).contains(FILES + " matching files"));

            Files.writeString(up.resolve("plain.txt"), "changed, and of another size than it was before");
            Files.delete(up.resolve("**/?"));
            Files.move(up.resolve("%42"), up.resolve("moved"));
            run("sync", "--create-empty-src-dirs", "up", remote + ":tree");
            assertServed(up, named);
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    private void assertServed(Path up, UnaryOperator<String> named) throws IOException {
        TreeMap<String, String> expected = new TreeMap<>();
        Tree.of(up).forEach((name, content) -> expected.put(named.apply(name), content));
        assertEquals(List.of(), Tree.differences(expected, Tree.of(files.resolve("tree"))));
    }

    private static String[] concat(String[] first, String... second) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(second));
        return all.toArray(String[]::new);
    }

    @OneRuntime
    void aTreeOfOddNamesIsSyncedBothWaysOverSftpAndVerifiedByHash() throws Exception {
        // Over SFTP rclone always replaces control characters by symbols.
        syncs(
                "SFTP",
                true,
                name -> name.replace('\n', '\u240a').replace('\r', '\u240d').replace('\t', '\u2409'),
                "--checksum");
    }

    @OneRuntime
    void aTreeOfOddNamesIsSyncedBothWaysOverFtp() throws Exception {
        syncs("FTP", false, name -> name);
    }
}
