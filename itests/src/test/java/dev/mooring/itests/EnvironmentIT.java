package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The environment compared with the descriptors that are open, in plain Java. */
class EnvironmentIT {

    private static List<String> command(boolean opened) {
        List<Path> classPath = new ArrayList<>(List.of(Jars.testClasses(), Jars.of("dev.mooring.activation")));
        if (!opened) {
            Stream.of("jnr-", "jffi-", "asm-").forEach(prefix -> classPath.addAll(Jars.startingWith(prefix)));
        }
        List<String> command = new ArrayList<>(List.of(Jdk.RUNNING.java(), "-XX:TieredStopAtLevel=1", "-Xmx64m"));
        if (opened) {
            command.add(Felix.OPENED);
        }
        command.addAll(List.of(
                "-cp",
                classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                ProbeProcess.MAIN));
        return command;
    }

    @Test
    void theLargestCountTakesNeitherTimeNorMemory() throws IOException {
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with("a=tcp4", "b=udp4")
                .variable("LISTEN_FDS", "2147483644")
                .variable("LISTEN_FDNAMES", "-")
                .start(command(true)))) {
            assertEquals(List.of("2"), probe.ask("count"));
            List<String> problems = probe.ask("problems");
            assertEquals(1, problems.size(), problems::toString);
            assertTrue(problems.get(0).startsWith("fd 5 (socket 'unknown'), fd 6 "), problems::toString);
            assertTrue(
                    problems.get(0)
                            .endsWith("fd 14 (socket 'unknown') and 2147483632 more are not open, though"
                                    + " LISTEN_FDS=2147483644; the launcher must pass descriptors 3 to 2147483646"),
                    problems::toString);
        }
    }

    @Test
    void aFileThatTheJvmOpenedIsNotMistakenForAPassedOne() throws IOException {
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with("a=tcp4", "file=file:/etc/passwd")
                .variable("LISTEN_FDS", "12")
                .variable("LISTEN_FDNAMES", "-")
                .start(command(true)))) {
            assertTrue(probe.process().descriptor(6).isPresent(), "the JVM has opened files there");
            List<String> sockets = probe.ask("sockets");
            assertEquals(2, sockets.size(), sockets::toString);
            assertEquals("'unknown' (fd 4, file /etc/passwd)", sockets.get(1));
            assertEquals(1, probe.ask("problems").size());
        }
    }

    @Test
    void aProcessThatIsNotActivatedHasNoSocketsAndNoProblems() throws IOException {
        try (ProbeProcess probe = new ProbeProcess(
                ActivatedProcess.with("a=tcp4").variable("LISTEN_PID", "1").start(command(true)))) {
            assertEquals(List.of("0"), probe.ask("count"));
            assertEquals(List.of(), probe.ask("problems"));
            assertEquals(
                    "java.io.IOException: No socket is named 'a': this process was not activated, because LISTEN_PID=1 is not"
                            + " its process id, " + probe.process().pid()
                            + "; start it by its .socket unit, or with systemd-socket-activate",
                    probe.ask("get a").get(0));
        }
    }

    @Test
    void aScriptThatStartsJavaWithoutExecIsReported() throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "\"$@\"; exit", "sh"));
        command.addAll(command(true));
        try (ProbeProcess probe =
                new ProbeProcess(ActivatedProcess.with("a=tcp4").start(command))) {
            assertEquals(List.of("0"), probe.ask("count"));
            String problem = probe.ask("problems").get(0);
            assertTrue(
                    problem.matches(
                            "LISTEN_PID=" + probe.process().pid() + " is the parent of this process, \\d+, so its"
                                    + " sockets are not for this process; if a script starts java, use exec in the script"),
                    problem);
        }
    }

    @Test
    void theNumberOfTheOwnPidfdIsComparedIfTheKernelTellsIt() throws IOException {
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with("a=tcp4")
                .variable("LISTEN_PIDFDID", "%PIDFDID%")
                .start(command(false)))) {
            assertEquals(List.of("1"), probe.ask("count"));
        }
        assumeTrue(kernelNumbersPidfds(), "before Linux 6.9 a pidfd has no inode number of its own");
        try (ProbeProcess probe = new ProbeProcess(
                ActivatedProcess.with("a=tcp4").variable("LISTEN_PIDFDID", "1").start(command(false)))) {
            assertEquals(List.of("0"), probe.ask("count"));
            assertEquals(List.of(), probe.ask("problems"));
        }
    }

    private static boolean kernelNumbersPidfds() {
        String[] version = System.getProperty("os.version").split("\\D");
        int major = Integer.parseInt(version[0]);
        return major > 6 || major == 6 && Integer.parseInt(version[1]) >= 9;
    }
}
