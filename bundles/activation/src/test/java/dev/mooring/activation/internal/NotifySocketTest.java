package dev.mooring.activation.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of sd_notify(3) and sd_watchdog_enabled(3). */
class NotifySocketTest {

    private static final long PID = 4242;

    private static final String RECEIVER = """
            use Socket;
            my $address = shift;
            socket(S, AF_UNIX, SOCK_DGRAM, 0) or die $!;
            bind(S, pack_sockaddr_un($address =~ s/^@/\\0/r)) or die $!;
            $| = 1;
            print "bound\\n";
            while (defined recv(S, my $datagram, 65536, 0)) { print $datagram =~ s/\\n/|/gr, "\\n" }
            """;

    @TempDir
    Path directory;

    private static NotifySocket read(String... variables) {
        Map<String, String> environment = new java.util.HashMap<>();
        for (String variable : variables) {
            environment.put(
                    variable.substring(0, variable.indexOf('=')), variable.substring(variable.indexOf('=') + 1));
        }
        return NotifySocket.read(environment, PID);
    }

    private static String problem(String... variables) {
        NotifySocket read = read(variables);
        assertEquals(1, read.problems().size(), read::toString);
        return read.problems().get(0);
    }

    @Test
    void withoutNotifySocketNothingIsSent() throws IOException {
        NotifySocket absent = read();
        assertFalse(absent.isPresent());
        assertEquals(Optional.empty(), absent.watchdog());
        assertEquals(List.of(), absent.problems());
        absent.send("READY=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "@", "run/notify", "vsock:2:1234"})
    void anInvalidAddressIsReported(String address) {
        assertTrue(problem("NOTIFY_SOCKET=" + address).startsWith("NOTIFY_SOCKET=" + address + " "));
        assertFalse(read("NOTIFY_SOCKET=" + address).isPresent());
    }

    @Test
    void anAddressThatIsTooLongIsReported() {
        assertTrue(read("NOTIFY_SOCKET=/" + "n".repeat(106)).isPresent());
        assertTrue(problem("NOTIFY_SOCKET=/" + "n".repeat(107)).contains("107 bytes"));
    }

    @Test
    void theWatchdogAppliesOnlyToItsOwnProcess() {
        Optional<Duration> twoSeconds = Optional.of(Duration.ofSeconds(2));
        assertEquals(twoSeconds, read("WATCHDOG_USEC=2000000").watchdog());
        assertEquals(
                twoSeconds, read("WATCHDOG_USEC=2000000", "WATCHDOG_PID=" + PID).watchdog());
        NotifySocket anothers = read("WATCHDOG_USEC=2000000", "WATCHDOG_PID=1");
        assertEquals(Optional.empty(), anothers.watchdog());
        assertEquals(List.of(), anothers.problems());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "x", "2s", "18446744073709551615"})
    void aWatchdogWithoutATimeIsReported(String time) {
        assertTrue(problem("WATCHDOG_USEC=" + time).startsWith("WATCHDOG_USEC=" + time + " is not a time"));
        assertTrue(problem("WATCHDOG_USEC=1", "WATCHDOG_PID=" + (time.equals("2s") ? "2s" : "x"))
                .contains("is not a process id"));
    }

    @Test
    void aPathAndAnAbstractNameAreNotified() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "perl is not installed");
        for (String address : List.of(
                directory.resolve("notify").toString(),
                "@mooring-test-" + ProcessHandle.current().pid())) {
            Process receiver = new ProcessBuilder("perl", "-e", RECEIVER, address)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader told = receiver.inputReader(StandardCharsets.UTF_8)) {
                assertEquals("bound", told.readLine());
                NotifySocket manager = read("NOTIFY_SOCKET=" + address);
                manager.send("READY=1", "STATUS=grün");
                manager.send("STOPPING=1");
                assertEquals("READY=1|STATUS=grün", told.readLine());
                assertEquals("STOPPING=1", told.readLine());
            } finally {
                receiver.destroy();
            }
        }
    }

    @Test
    void aMissingSocketIsReportedWithTheRemedy() {
        NotifySocket gone = read("NOTIFY_SOCKET=" + directory.resolve("gone"));
        String message =
                assertThrows(IOException.class, () -> gone.send("READY=1")).getMessage();
        assertTrue(message.contains(directory.resolve("gone") + ": No such file or directory; "), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"READY", "STATUS=a\nREADY=1", "=1", "ready=1"})
    void anInvalidAssignmentIsRejected(String assignment) {
        assertThrows(IllegalArgumentException.class, () -> read().send(assignment));
    }
}
