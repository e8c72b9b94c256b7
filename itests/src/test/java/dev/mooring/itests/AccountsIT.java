package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts that another bundle publishes, instead of accounts in files or beside them. */
class AccountsIT {

    private static final String BUNDLE = "dev.mooring.itests.accounts.AccountsActivator";

    @TempDir
    Path directory;

    private ActivatedProcess mooring;

    /** The exit status of curl, which is 67 for a refused login, and its output. */
    private Tool.Outcome get(String protocol, String socket, String login) throws Exception {
        return Tool.of("curl", "curl")
                .in(
                        directory,
                        "-sS",
                        "-f",
                        "-k",
                        "--noproxy",
                        "*",
                        "--max-time",
                        "60",
                        "-u",
                        login,
                        protocol + "://127.0.0.1:" + mooring.port(socket) + "/hello.txt");
    }

    private void assertIn(String socket, String login) throws Exception {
        Tool.Outcome outcome = get(socket.replaceFirst("-.*", ""), socket, login);
        assertEquals("hello\n", outcome.output(), () -> socket + " for " + login + "\n" + mooring.output());
    }

    private void assertRefused(String socket, String login) throws Exception {
        Tool.Outcome outcome = get(socket.replaceFirst("-.*", ""), socket, login);
        int expected = socket.startsWith("http") ? 22 : 67; // 22: an HTTP status of 400 or more
        assertEquals(expected, outcome.status(), () -> socket + " for " + login + ": " + outcome.output());
        assertTrue(!socket.startsWith("http") || outcome.output().contains("401"), outcome.output());
    }

    @Test
    void everyProtocolUsesTheAccountsServiceThatExists() throws Exception {
        Path files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        Path bundle = ProbeProcess.bundle("accounts.AccountsActivator", directory);
        Path console = ProbeProcess.bundle("console.ConsoleActivator", directory);
        Distribution distribution = new Distribution(directory, Variant.felix())
                .servingAll(files)
                .configure("dev.mooring.http-public.cfg", "authentication = true");
        for (String protocol : List.of("http", "sftp", "ftp")) {
            distribution.configure(
                    "dev.mooring." + protocol + "-crew.cfg",
                    "sockets.target = (socket.name=" + protocol + "-crew)",
                    "accounts.target = (accounts.name=crew)",
                    protocol.equals("http") ? "authentication = true" : "",
                    protocol.equals("sftp") ? "host.key.directory = " + directory.resolve("host-keys") : "");
        }
        mooring = ActivatedProcess.with(
                        "http=tcp4", "sftp=tcp4", "ftp=tcp4", "http-crew=tcp4", "sftp-crew=tcp4", "ftp-crew=tcp4")
                .variable("JAVA_HOME", distribution.javaHome())
                .variable(
                        "MOORING_JAVA_OPTIONS",
                        "-Dfelix.auto.start=" + console.toUri() + " -Dfelix.auto.install=" + bundle.toUri())
                .start(distribution.command());
        try (ProbeProcess felix = new ProbeProcess(mooring)) {
            for (String socket : List.of("http", "sftp", "ftp")) {
                mooring.awaitLine(socket + "~public serves");
                assertIn(socket, "ada:secret");
                assertRefused(socket, "grace:hopper");
            }
            assertEquals(List.of("active"), felix.ask("start " + BUNDLE));
            for (String socket : List.of("http", "sftp", "ftp")) {
                assertIn(socket, "grace:hopper");
                assertRefused(socket, "ada:secret");
                mooring.awaitLine(socket + "~crew serves");
                assertIn(socket + "-crew", "joan:clarke");
                assertRefused(socket + "-crew", "grace:hopper");
            }
            assertEquals(List.of("resolved"), felix.ask("stop " + BUNDLE));
            for (String socket : List.of("http", "sftp", "ftp")) {
                assertIn(socket, "ada:secret");
            }
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }
}
