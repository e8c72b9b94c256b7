package dev.mooring.itests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code serve}, with which the README runs Mooring. */
class ServeIT {

    private static final Path SERVE = Path.of("../serve").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    private Path files;

    @BeforeEach
    void fillShare() throws IOException {
        files = Files.createDirectories(directory.resolve("some files, ${of} mine: ü"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
    }

    /** Starts the script with its own directory for temporary files, so that a test can see what remains. */
    private ChildProcess serve(String path, String... arguments) throws IOException {
        return serve(Map.of(), path, arguments);
    }

    private ChildProcess serve(Map<String, String> environment, String path, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "bash", SERVE.toString(), "--sftp=127.0.0.1:" + FreePorts.one(), "--ftp=127.0.0.1:" + FreePorts.one()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .put("TMPDIR", Files.createDirectories(directory.resolve("tmp")).toString());
        builder.environment().put("PATH", path);
        builder.environment().putAll(environment);
        return new ChildProcess(builder);
    }

    private void assertNothingRemains() throws IOException {
        try (Stream<Path> left = Files.list(directory.resolve("tmp"))) {
            assertEquals(
                    List.of(),
                    left.filter(path -> path.getFileName().toString().startsWith("mooring"))
                            .toList());
        }
    }

    private static void interrupt(ChildProcess process) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor());
    }

    @Test
    void aDirectoryIsServedByTheFirstConnectionUntilInterrupted() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-socket-activate")),
                "systemd-socket-activate is not installed");
        int port = FreePorts.one();
        Path unix = directory.resolve("serve.sock");
        try (ChildProcess serve = serve(
                System.getenv("PATH"), "--http", "127.0.0.1:" + port, "--http", unix.toString(), files.toString())) {
            String url = serve.awaitLine("http://127.0.0.1:").strip();
            serve.awaitLine("Ctrl-C");
            assertFalse(serve.output().contains("serves share"), "nothing runs before a client connects");
            assertEquals("hello\n", Curl.get(url + "hello.txt"));
            assertEquals("hello\n", Curl.get("--unix-socket", unix.toString(), "http://localhost/hello.txt"));
            interrupt(serve);
            assertEquals(0, serve.awaitExit());
            assertNothingRemains();
            assertFalse(Files.exists(unix));
        }
    }

    @Test
    void oneDirectoryIsServedOverAllProtocolsToTheUserOfTheCommandLine() throws Exception {
        int http = FreePorts.one();
        int sftp = FreePorts.one();
        int ftp = FreePorts.one();
        try (ChildProcess serve = serve(
                System.getenv("PATH"),
                "--http=127.0.0.1:" + http,
                "--ftp=127.0.0.1:" + ftp,
                "--sftp=127.0.0.1:" + sftp,
                "--user=ada",
                "--password-file=" + Files.writeString(directory.resolve("password"), "open sesame\n"),
                files.toString())) {
            serve.awaitLine("Ctrl-C");
            String login = "ada:open sesame";
            assertEquals("401", Curl.status("http://127.0.0.1:" + http + "/hello.txt"));
            assertEquals("hello\n", Curl.get("-u", login, "http://127.0.0.1:" + http + "/hello.txt"));
            assertEquals("hello\n", Curl.get("-u", login, "ftp://127.0.0.1:" + ftp + "/hello.txt"));
            Path upload = Files.writeString(directory.resolve("upload"), "from outside\n");
            Curl.get("-u", login, "-T", upload.toString(), "ftp://127.0.0.1:" + ftp + "/new.txt");
            assertEquals("from outside\n", Curl.get("-u", login, "http://127.0.0.1:" + http + "/new.txt"));
            try (java.net.Socket banner = new java.net.Socket("127.0.0.1", sftp)) {
                byte[] start = banner.getInputStream().readNBytes(8);
                assertEquals("SSH-2.0-", new String(start, java.nio.charset.StandardCharsets.US_ASCII));
            }
            interrupt(serve);
            assertEquals(0, serve.awaitExit());
            assertFalse(serve.output().contains("Exception"), serve.output());
        }
    }

    @Test
    void thePasswordComesFromTheEnvironmentAndNoChildShowsIt() throws Exception {
        int http = FreePorts.one();
        String[] asked = {"--http=127.0.0.1:" + http, "--user=ada", files.toString()};
        try (ChildProcess serve = serve(Map.of("MOORING_PASSWORD", "open sesame"), System.getenv("PATH"), asked)) {
            serve.awaitLine("Ctrl-C");
            assertEquals("hello\n", Curl.get("-u", "ada:open sesame", "http://127.0.0.1:" + http + "/hello.txt"));
            List<ProcessHandle> all = Stream.concat(
                            ProcessHandle.of(serve.pid()).stream(),
                            ProcessHandle.of(serve.pid()).stream().flatMap(ProcessHandle::descendants))
                    .toList();
            assertTrue(all.size() > 1, all.toString());
            for (ProcessHandle each : all) {
                String command = Files.readString(Path.of("/proc/" + each.pid() + "/cmdline"), ISO_8859_1);
                assertFalse(command.contains("sesame"), command);
                // A subshell of the script shows the environment of the script.
                if (!command.contains(SERVE.toString())) {
                    String environment = Files.readString(Path.of("/proc/" + each.pid() + "/environ"), ISO_8859_1);
                    assertFalse(environment.contains("sesame"), environment);
                }
            }
            interrupt(serve);
            assertEquals(0, serve.awaitExit());
        }
    }

    @Test
    void aPasswordOnTheCommandLineIsRefused() throws Exception {
        try (ChildProcess serve = serve(System.getenv("PATH"), "--user=ada:open sesame", files.toString())) {
            assertEquals(2, serve.awaitExit());
            assertTrue(serve.output().contains("--password-file or MOORING_PASSWORD"), serve.output());
            assertFalse(serve.output().contains("sesame"), serve.output());
        }
        try (ChildProcess serve = serve(System.getenv("PATH"), "--user=ada", files.toString())) {
            assertEquals(2, serve.awaitExit());
            assertTrue(serve.output().contains("'ada' has no password"), serve.output());
        }
    }

    @Test
    void aPasswordThatCannotBeHashedIsRefused() throws Exception {
        Path password = Files.writeString(directory.resolve("password"), "x".repeat(512) + "\n");
        try (ChildProcess serve =
                serve(System.getenv("PATH"), "--user=ada", "--password-file=" + password, files.toString())) {
            assertEquals(2, serve.awaitExit());
            assertTrue(serve.output().contains("the password is longer than 511 bytes"), serve.output());
        }
    }

    @Test
    void withoutSystemdsToolMooringBindsTheSockets() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        for (String folder : System.getenv("PATH").split(":")) {
            if (!Files.isDirectory(Path.of(folder))) {
                continue;
            }
            try (DirectoryStream<Path> programs = Files.newDirectoryStream(Path.of(folder))) {
                for (Path program : programs) {
                    Path link = bin.resolve(program.getFileName());
                    if (!program.endsWith("systemd-socket-activate") && !Files.exists(link)) {
                        Files.deleteIfExists(link);
                        Files.createSymbolicLink(link, program);
                    }
                }
            }
        }
        int port = FreePorts.one();
        Path unix = directory.resolve("serve.sock");
        try (ChildProcess serve =
                serve(bin.toString(), "--http", "127.0.0.1:" + port, "--http=" + unix, files.toString())) {
            serve.awaitLine("systemd-socket-activate is not installed");
            serve.awaitLine("' on http://127.0.0.1:" + port);
            serve.awaitLine("' on unix:");
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + port + "/hello.txt"));
            assertEquals("hello\n", Curl.get("--unix-socket", unix.toString(), "http://localhost/hello.txt"));
            interrupt(serve);
            assertEquals(0, serve.awaitExit());
            assertNothingRemains();
        }
    }

    @Test
    void errorsAreReportedWithTheRemedy() throws Exception {
        String path = System.getenv("PATH");
        try (ChildProcess nothing = serve(path)) { // no directory
            assertEquals(2, nothing.awaitExit());
            nothing.awaitLine("Usage: ./serve");
        }
        try (ChildProcess missing = serve(path, directory.resolve("missing").toString())) {
            assertEquals(2, missing.awaitExit());
            missing.awaitLine("name a directory that exists");
        }
        try (ChildProcess file = serve(path, files.resolve("hello.txt").toString())) {
            assertEquals(2, file.awaitExit());
            file.awaitLine("is a file");
        }
        try (ChildProcess address = serve(path, "--http", "nonsense", files.toString())) {
            assertEquals(2, address.awaitExit());
            assertTrue(address.awaitLine("'nonsense'").contains("HOST:PORT"));
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                ChildProcess inUse = serve(path, "--http", "127.0.0.1:" + taken.getLocalPort(), files.toString())) {
            inUse.awaitLine("127.0.0.1:" + taken.getLocalPort());
            inUse.awaitLine("ss -ltnp");
            assertTrue(inUse.awaitExit() != 0);
        }
    }
}
