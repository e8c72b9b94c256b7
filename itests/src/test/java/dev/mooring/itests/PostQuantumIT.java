package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A key exchange that a quantum computer cannot break, with the OpenSSH client of Debian 13, if the JDK has ML-KEM. */
class PostQuantumIT {

    private final Variant variant;

    PostQuantumIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    @EveryRuntime
    void openSshAgreesOnMlKem() throws Exception {
        assumeTrue(variant.jdk() == Jdk.JDK_25 || Runtime.version().feature() >= 24, "ML-KEM is in the JDK since 24");
        Path programs = Path.of(System.getenv()
                .getOrDefault("MOORING_OPENSSH", System.getProperty("user.home") + "/.cache/mooring/openssh"));
        Path sftp = programs.resolve("trixie/sftp");
        assumeTrue(Files.isExecutable(sftp), "no " + sftp + "; itests/src/test/resources/debian-openssh fetches it");
        OpenSsh client = new OpenSsh(directory.resolve("client"));
        Files.writeString(
                Files.createDirectories(directory.resolve("authorized")).resolve("ada"), client.publicKey("ed25519"));
        Path files = Files.createDirectories(directory.resolve("files"));
        try (ActivatedProcess mooring =
                new Distribution(directory, variant).servingAll(files).start("sftp=tcp4")) {
            mooring.awaitLine("sftp~public serves");
            OpenSsh.Outcome outcome = client.sftpWith(
                    List.of(
                            sftp.toString(),
                            "-S",
                            programs.resolve("trixie/ssh").toString(),
                            "-v",
                            "-o",
                            "LogLevel=DEBUG1",
                            "-o",
                            "RekeyLimit=64K"),
                    mooring.port("sftp"),
                    client.key("ed25519"),
                    "put " + Files.write(directory.resolve("big"), new byte[500_000]) + " big");
            assertEquals(0, outcome.status(), outcome.output());
            assertEquals(500_000, Files.size(files.resolve("big")));
            List<String> exchanges = outcome.output()
                    .lines()
                    .filter(line -> line.contains("kex: algorithm: "))
                    .toList();
            assertTrue(exchanges.size() > 1, outcome.output());
            assertTrue(exchanges.stream().allMatch(line -> line.contains("mlkem768x25519-sha256")), outcome.output());
        }
    }
}
