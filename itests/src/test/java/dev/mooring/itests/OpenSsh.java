package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** OpenSSH's clients, with a key of each type and a configuration of their own. */
final class OpenSsh {

    /** Exit status and output of a client. */
    record Outcome(int status, String output) {}

    private final Path directory;

    /** Makes the keys {@code id_ed25519}, {@code id_ecdsa} and {@code id_rsa} in a directory. */
    OpenSsh(Path directory) throws IOException, InterruptedException {
        for (String tool : List.of("ssh", "sftp", "scp", "ssh-keygen")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), tool + " is not installed (openssh-client)");
        }
        this.directory = Files.createDirectories(directory);
        for (String type : List.of("ed25519", "ecdsa", "rsa")) {
            Files.deleteIfExists(key(type));
            assertEquals(
                    0,
                    run(
                                    List.of(
                                            "ssh-keygen",
                                            "-q",
                                            "-t",
                                            type,
                                            "-N",
                                            "",
                                            "-f",
                                            key(type).toString()),
                                    "")
                            .status());
        }
    }

    Path key(String type) {
        return directory.resolve("id_" + type);
    }

    /** A line for the file of authorized keys. */
    String publicKey(String type) throws IOException {
        return Files.readString(directory.resolve("id_" + type + ".pub"));
    }

    private List<String> options(int port, String user, String... more) {
        List<String> options = new ArrayList<>(List.of("-F", "/dev/null"));
        for (String option : List.of(
                "Port=" + port,
                "User=" + user,
                "IdentitiesOnly=yes",
                "UserKnownHostsFile=" + directory.resolve("known_hosts"),
                "StrictHostKeyChecking=accept-new",
                "LogLevel=ERROR",
                "NumberOfPasswordPrompts=1")) {
            options.addAll(List.of("-o", option));
        }
        options.addAll(List.of(more));
        return options;
    }

    /** Runs sftp as {@code ada} with the Ed25519 key and a batch of commands, all of which must succeed. */
    String sftp(int port, String... commands) throws IOException, InterruptedException {
        Outcome outcome = sftpAs(port, "ada", key("ed25519"), commands);
        assertEquals(0, outcome.status(), outcome.output());
        return outcome.output();
    }

    /** Runs sftp with a key. */
    Outcome sftpAs(int port, String user, Path key, String... commands) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sftp"));
        command.addAll(options(port, user, "-i", key.toString(), "-b", "-", "127.0.0.1"));
        return run(command, String.join("\n", commands) + "\n");
    }

    /**
     * Runs an sftp program as {@code ada} with a key.
     *
     * @param sftp the program and its first arguments; the first value of an option counts
     */
    Outcome sftpWith(List<String> sftp, int port, Path key, String... commands)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(sftp);
        command.addAll(options(port, "ada", "-i", key.toString(), "-b", "-", "127.0.0.1"));
        return run(command, String.join("\n", commands) + "\n");
    }

    /** Runs sftp with only a password. */
    Outcome sftpWithPassword(int port, String user, String password, String... commands)
            throws IOException, InterruptedException {
        Path answer = directory.resolve("askpass");
        Files.writeString(answer, "#!/bin/sh\necho '" + password + "'\n");
        Files.setPosixFilePermissions(answer, PosixFilePermissions.fromString("rwx------"));
        List<String> command = new ArrayList<>(List.of("sftp"));
        command.addAll(options(
                port,
                user,
                "-o",
                "PreferredAuthentications=password",
                "-o",
                "BatchMode=no",
                "-b",
                "-",
                "-o",
                "BatchMode=no",
                "127.0.0.1"));
        // The first value of an option counts, and -b sets BatchMode.
        command.remove("-b");
        command.remove("-");
        return run(
                command, String.join("\n", commands) + "\nbye\n", "SSH_ASKPASS=" + answer, "SSH_ASKPASS_REQUIRE=force");
    }

    /** Starts an sftp as {@code ada} that executes each command when it is written to it. The caller ends it. */
    ChildProcess beginSftp(int port) throws IOException {
        List<String> command = new ArrayList<>(List.of("sftp"));
        command.addAll(options(port, "ada", "-i", key("ed25519").toString(), "-b", "-", "127.0.0.1"));
        return new ChildProcess(new ProcessBuilder(command).directory(directory.toFile()));
    }

    /** Runs scp as {@code ada} with the Ed25519 key; a remote path begins with a colon. */
    Outcome scp(int port, String... arguments) throws IOException, InterruptedException {
        return run(scpCommand(port, arguments), "");
    }

    /** Starts an scp, which the caller ends. Discards its output. */
    Process beginScp(int port, String... arguments) throws IOException {
        return new ProcessBuilder(scpCommand(port, arguments))
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private List<String> scpCommand(int port, String... arguments) {
        List<String> command = new ArrayList<>(List.of("scp"));
        command.addAll(options(port, "ada", "-i", key("ed25519").toString()));
        for (String argument : arguments) {
            command.add(argument.startsWith(":") ? "127.0.0.1" + argument : argument);
        }
        return command;
    }

    /** Runs a command as {@code ada} with the Ed25519 key; without a command, requests a shell. */
    Outcome ssh(int port, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ssh"));
        command.addAll(options(port, "ada", "-i", key("ed25519").toString(), "-o", "BatchMode=yes", "127.0.0.1"));
        command.addAll(List.of(arguments));
        return run(command, "");
    }

    private Outcome run(List<String> command, String input, String... environment)
            throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Path in = Files.writeString(directory.resolve("input"), input);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(in.toFile())
                .redirectOutput(output.toFile());
        builder.environment().remove("SSH_AUTH_SOCK");
        for (String variable : environment) {
            builder.environment().put(variable.split("=", 2)[0], variable.split("=", 2)[1]);
        }
        Process process = builder.start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end in 60 s: " + Files.readString(output));
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
