package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The OpenSSH clients of Debian 10 to 13 against the assembled runtime. The installed client sends the proposals of each. The clients themselves
 * run if {@code debian-openssh} has fetched them, as {@code .ci/run} does.
 */
@ParameterizedClass
@MethodSource("dev.mooring.itests.Variant#one")
class OpenSshVersionsIT {

    @Parameter
    Variant variant;

    private static final String CERTIFICATES = "ecdsa-sha2-nistp256-cert-v01@openssh.com,"
            + "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,";
    private static final String RSA_CERTIFICATES =
            "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-rsa-cert-v01@openssh.com,";
    private static final String ECDSA = "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,";
    private static final String CURVES = "curve25519-sha256,curve25519-sha256@libssh.org,"
            + "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,";
    private static final String GROUPS =
            "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,";

    /** The same from 7.9 to 10.0. */
    private static final String MACS = "umac-64-etm@openssh.com,umac-128-etm@openssh.com,"
            + "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,"
            + "umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1";

    private static final String COUNTER_FIRST = "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"
            + "aes128-gcm@openssh.com,aes256-gcm@openssh.com";

    private static final String SINCE_8_5 = "ssh-ed25519-cert-v01@openssh.com," + CERTIFICATES
            + "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
            + "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519," + ECDSA
            + "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";

    /**
     * The default proposals of each version. 7.9: {@code KEX_CLIENT} in {@code myproposal.h}, revision 1.57 (openssh-portable
     * V_7_9_P1); the others: {@code ssh -G} of the clients in Debian.
     */
    enum Debian {
        BUSTER(
                "7.9",
                CURVES + GROUPS
                        + "diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1",
                CERTIFICATES + "ssh-ed25519-cert-v01@openssh.com," + RSA_CERTIFICATES + ECDSA
                        + "ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa",
                COUNTER_FIRST,
                "curve25519-sha256",
                "ecdsa-sha2-nistp256"),
        BULLSEYE(
                "8.4",
                CURVES + GROUPS + "diffie-hellman-group14-sha256",
                CERTIFICATES + "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,ssh-ed25519-cert-v01@openssh.com,"
                        + "sk-ssh-ed25519-cert-v01@openssh.com," + RSA_CERTIFICATES + ECDSA
                        + "sk-ecdsa-sha2-nistp256@openssh.com,ssh-ed25519,sk-ssh-ed25519@openssh.com,"
                        + "rsa-sha2-512,rsa-sha2-256,ssh-rsa",
                COUNTER_FIRST,
                "curve25519-sha256",
                "ecdsa-sha2-nistp256"),
        BOOKWORM(
                "9.2",
                "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com," + CURVES + GROUPS
                        + "diffie-hellman-group14-sha256",
                SINCE_8_5,
                COUNTER_FIRST,
                "(sntrup761x25519-sha512(@openssh.com)?|curve25519-sha256)",
                "ssh-ed25519"),
        TRIXIE(
                "10.0",
                "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com," + CURVES + GROUPS
                        + "diffie-hellman-group14-sha256",
                SINCE_8_5,
                "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,"
                        + "aes128-ctr,aes192-ctr,aes256-ctr",
                "(mlkem768x25519-sha256|sntrup761x25519-sha512(@openssh.com)?|curve25519-sha256)",
                "ssh-ed25519");

        private final String version;
        private final String keyExchanges;
        private final String signatures;
        private final String ciphers;
        private final String keyExchange;
        private final String hostKey;

        Debian(
                String version,
                String keyExchanges,
                String signatures,
                String ciphers,
                String keyExchange,
                String hostKey) {
            this.version = version;
            this.keyExchanges = keyExchanges;
            this.signatures = signatures;
            this.ciphers = ciphers;
            this.keyExchange = keyExchange;
            this.hostKey = hostKey;
        }
    }

    @TempDir
    private static Path directory;

    private static Path files;
    private static OpenSsh client;
    private static ActivatedProcess mooring;

    @BeforeParameterizedClassInvocation
    static void start(Variant variant) throws Exception {
        files = Files.createDirectories(directory.resolve("files"));
        client = new OpenSsh(directory.resolve("client"));
        StringBuilder keys = new StringBuilder();
        for (String type : List.of("ed25519", "ecdsa", "rsa")) {
            keys.append(client.publicKey(type));
        }
        Files.writeString(
                Files.createDirectories(directory.resolve("authorized")).resolve("ada"), keys);
        mooring = new Distribution(directory, variant).servingAll(files).start("sftp=tcp4");
        mooring.awaitLine("sftp~public serves");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    /** Removes from a list what the installed client does not know and would reject. */
    private static String known(String query, String proposal) throws Exception {
        Set<String> known = new TreeSet<>(Tool.of("ssh", "openssh-client")
                .run(directory, "-Q", query)
                .lines()
                .toList());
        return Stream.of(proposal.split(",")).filter(known::contains).collect(Collectors.joining(","));
    }

    @ParameterizedTest
    @EnumSource
    void theDefaultProposalsOfTheClientAllowEveryTypeOfKey(Debian debian) throws Exception {
        List<String> proposal = List.of(
                "sftp",
                "-v",
                "-o",
                "KexAlgorithms=" + known("kex", debian.keyExchanges),
                "-o",
                "HostKeyAlgorithms=" + known("HostKeyAlgorithms", debian.signatures),
                "-o",
                "Ciphers=" + known("cipher", debian.ciphers),
                "-o",
                "MACs=" + known("mac", MACS),
                "-o",
                "PubkeyAcceptedAlgorithms=" + known("PubkeyAcceptedAlgorithms", debian.signatures),
                "-o",
                "LogLevel=DEBUG1",
                "-o",
                "UserKnownHostsFile=/dev/null");
        assertServed(debian, proposal);
    }

    @ParameterizedTest
    @EnumSource
    void theClientItselfLogsInWithEveryTypeOfKey(Debian debian) throws Exception {
        Path programs = Path.of(System.getenv()
                        .getOrDefault("MOORING_OPENSSH", System.getProperty("user.home") + "/.cache/mooring/openssh"))
                .resolve(debian.name().toLowerCase(java.util.Locale.ROOT));
        assumeTrue(
                Files.isExecutable(programs.resolve("ssh")),
                "no " + programs + "/ssh; itests/src/test/resources/debian-openssh fetches it");
        String said = assertServed(
                debian,
                List.of(
                        programs.resolve("sftp").toString(),
                        "-S",
                        programs.resolve("ssh").toString(),
                        "-v",
                        "-o",
                        "LogLevel=DEBUG1",
                        "-o",
                        "UserKnownHostsFile=/dev/null"));
        assertTrue(said.contains("OpenSSH_" + debian.version), said);
    }

    /** Puts and gets a file with each type of key, and returns the output of the client. */
    private static String assertServed(Debian debian, List<String> sftp) throws Exception {
        byte[] content = new byte[300_000];
        new Random(debian.ordinal()).nextBytes(content);
        Path local = Files.write(directory.resolve("client/content"), content);
        StringBuilder said = new StringBuilder();
        for (String type : List.of("ed25519", "ecdsa", "rsa")) {
            Path back = directory.resolve("client/back");
            Files.deleteIfExists(back);
            OpenSsh.Outcome outcome = client.sftpWith(
                    sftp, mooring.port("sftp"), client.key(type), "put " + local + " put", "get put " + back, "rm put");
            assertEquals(0, outcome.status(), outcome.output());
            assertArrayEquals(content, Files.readAllBytes(back));
            assertNegotiated(outcome.output(), "kex: algorithm: ", debian.keyExchange);
            assertNegotiated(outcome.output(), "kex: host key algorithm: ", debian.hostKey);
            // The server chooses the fastest cipher of the client.
            assertNegotiated(outcome.output(), "kex: client->server cipher: ", "aes128-gcm@openssh.com");
            assertNegotiated(outcome.output(), "kex: server->client cipher: ", "aes128-gcm@openssh.com");
            said.append(outcome.output());
        }
        return said.toString();
    }

    private static void assertNegotiated(String said, String label, String pattern) {
        Matcher matcher = Pattern.compile(Pattern.quote(label) + "(\\S+)").matcher(said);
        List<String> all = new ArrayList<>();
        while (matcher.find()) {
            all.add(matcher.group(1));
        }
        assertTrue(
                !all.isEmpty() && all.stream().allMatch(each -> each.matches(pattern)),
                label + all + " is not " + pattern);
    }
}
