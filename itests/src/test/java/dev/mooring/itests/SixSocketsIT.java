package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One process on six sockets of {@code systemd-socket-activate}: HTTP, SFTP, FTP and three for data of FTP. All serve one tree to common
 * clients.
 */
@ParameterizedClass
@MethodSource("dev.mooring.itests.Variant#each")
class SixSocketsIT {

    @Parameter
    Variant variant;

    private static final List<String> NAMES = List.of("http", "sftp", "ftp", "ftp-data", "ftp-data", "ftp-data");
    private static final Pattern CURL_DATA = Pattern.compile("\\* Connecting to \\S+ \\(\\S+\\) port (\\d+)");
    private static final Pattern LFTP_DATA = Pattern.compile("Connecting data socket to \\(\\S+\\) port (\\d+)");

    @TempDir
    private static Path temporary;

    private static Path files;
    private static OpenSsh openSsh;
    private static List<Integer> ports;
    private static ChildProcess mooring;

    @TempDir
    private Path local;

    @BeforeParameterizedClassInvocation
    static void start(Variant variant) throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-socket-activate")),
                "systemd-socket-activate is not installed (systemd)");
        Path directory = Files.createTempDirectory(temporary, variant.runtime());
        files = Files.createDirectories(directory.resolve("files"));
        openSsh = new OpenSsh(directory.resolve("client"));
        Files.writeString(
                Files.createDirectories(directory.resolve("authorized")).resolve("ada"), openSsh.publicKey("ed25519"));
        Distribution distribution = new Distribution(directory, variant).servingAll(files);
        ports = FreePorts.several(NAMES.size());
        List<String> command =
                new ArrayList<>(List.of("systemd-socket-activate", "-E", "JAVA_HOME=" + distribution.javaHome()));
        command.add("--fdname=" + String.join(":", NAMES));
        ports.forEach(port -> command.addAll(List.of("-l", "127.0.0.1:" + port)));
        command.addAll(distribution.command());
        mooring = new ChildProcess(new ProcessBuilder(command));
        mooring.awaitLine("Listening on 127.0.0.1:" + ports.get(5));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    @BeforeEach
    void empty() throws Exception {
        Tool.of("find", "findutils").run(files, ".", "-mindepth", "1", "-delete");
    }

    private static String url(String protocol, String path) {
        String login = protocol.equals("http") ? "" : "ada:secret@";
        return protocol + "://" + login + "127.0.0.1:" + ports.get(NAMES.indexOf(protocol)) + "/" + path;
    }

    private static int sftp() {
        return ports.get(NAMES.indexOf("sftp"));
    }

    /** Every data port in a client's output. All must belong to sockets named {@code ftp-data}. */
    private static Set<Integer> dataPorts(Pattern pattern, String output) {
        Set<Integer> used = new TreeSet<>();
        Matcher matcher = pattern.matcher(output);
        while (matcher.find()) {
            used.add(Integer.parseInt(matcher.group(1)));
        }
        assertFalse(used.isEmpty(), output);
        assertTrue(ports.subList(3, 6).containsAll(used), () -> used + " are not all of " + ports.subList(3, 6));
        return used;
    }

    private byte[] random(String name, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Files.write(local.resolve(name), content);
        return content;
    }

    private byte[] fetched(String protocol, String path) throws Exception {
        Path copy = local.resolve("by-" + protocol);
        Curl.get("-k", "-o", copy.toString(), url(protocol, path));
        return Files.readAllBytes(copy);
    }

    @Test
    void allProtocolsSeeACompleteUploadOfEach() throws Exception {
        for (String uploader : List.of("ftp", "sftp")) {
            String name = "over%20" + uploader;
            byte[] content = random(uploader, 5_000_000);
            String said = Curl.get("-v", "-k", "-T", local.resolve(uploader).toString(), url(uploader, name));
            if (uploader.equals("ftp")) {
                dataPorts(CURL_DATA, said);
            }
            for (String reader : List.of("http", "sftp", "ftp")) {
                assertArrayEquals(content, fetched(reader, name), reader + " after " + uploader);
            }
        }
        assertTrue(Curl.get(url("http", "")).contains("over ftp"));
        assertTrue(Curl.get("-k", url("sftp", "")).contains("over ftp"));
        assertTrue(Curl.get(url("ftp", "")).contains("over sftp"));
    }

    @Test
    void noClientSeesAnAbortedUpload() throws Exception {
        random("large", 20_000_000);
        for (String uploader : List.of("ftp", "sftp")) {
            Files.writeString(files.resolve("file"), "old");
            try (ChildProcess curl = new ChildProcess(new ProcessBuilder(
                    "/usr/bin/curl",
                    "-sS",
                    "-k",
                    "--limit-rate",
                    "200k",
                    "-T",
                    local.resolve("large").toString(),
                    url(uploader, "file")))) {
                awaitFiles(2, uploader); // one of them hidden
                for (String reader : List.of("http", "sftp", "ftp")) {
                    assertEquals("old", new String(fetched(reader, "file")), reader + " during " + uploader);
                }
                assertTrue(curl.isAlive(), curl::output);
            }
            awaitFiles(1, uploader);
            assertEquals(3, Files.size(files.resolve("file")), () -> "the file after an aborted upload by " + uploader);
        }
    }

    private static void awaitFiles(int count, String uploader) throws Exception {
        FileWatch.await(files, () -> count() == count, () -> "Not " + count + " files during " + uploader);
    }

    private static long count() throws IOException {
        try (Stream<Path> list = Files.list(files)) {
            return list.count();
        }
    }

    @Test
    void openSshTransfersFilesThatTheOthersSee() throws Exception {
        byte[] content = random("x", 5_000_000);
        openSsh.sftp(sftp(), "put " + local.resolve("x") + " by-sftp", "get by-sftp " + local.resolve("back"));
        assertArrayEquals(content, Files.readAllBytes(local.resolve("back")));
        for (String option : List.of("-O", "-s")) {
            OpenSsh.Outcome up = openSsh.scp(sftp(), option, local.resolve("x").toString(), ":by-scp" + option);
            assertEquals(0, up.status(), up.output());
            OpenSsh.Outcome down = openSsh.scp(
                    sftp(),
                    option,
                    ":by-scp" + option,
                    local.resolve("scp" + option).toString());
            assertEquals(0, down.status(), down.output());
            assertArrayEquals(content, Files.readAllBytes(local.resolve("scp" + option)));
        }
        for (String name : List.of("by-sftp", "by-scp-O", "by-scp-s")) {
            assertArrayEquals(content, fetched("http", name), name);
            assertArrayEquals(content, fetched("ftp", name), name);
        }
    }

    @Test
    void lftpMirrorsBothWaysOverFtpThroughTheDataSockets() throws Exception {
        Set<Integer> used = dataPorts(LFTP_DATA, mirrors("ftp"));
        assertEquals(Set.copyOf(ports.subList(3, 6)), used, "three sessions at once need all three");
    }

    @Test
    void lftpMirrorsBothWaysOverSftp() throws Exception {
        mirrors("sftp");
    }

    /** Mirrors a tree up and down, and returns the output of lftp. */
    private String mirrors(String protocol) throws Exception {
        Path up = local.resolve("up");
        Tree.make(up, 200, false);
        String said = Tool.of("lftp", "lftp")
                .run(
                        local,
                        "--norc",
                        "-e",
                        "set cmd:fail-exit yes; set net:max-retries 1; set net:timeout 20; set ftp:ssl-allow no;"
                                + " set sftp:auto-confirm yes; set sftp:connect-program"
                                + " 'ssh -a -x -F /dev/null -o UserKnownHostsFile=/dev/null'; debug 5;"
                                + " mirror -R --parallel=3 up theirs; mirror --parallel=3 theirs down; quit",
                        url(protocol, ""));
        assertEquals(List.of(), Tree.differences(up, files.resolve("theirs")));
        assertEquals(List.of(), Tree.differences(up, local.resolve("down")));
        return said;
    }
}
