package dev.mooring.activation.internal;

import dev.mooring.activation.ServiceManager;
import dev.mooring.activation.internal.posix.Datagrams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The service manager behind {@code NOTIFY_SOCKET}.
 *
 * @param address a path, or {@code @} and an abstract name; {@code null} if there is none
 */
public record NotifySocket(@Nullable String address, Optional<Duration> watchdog, List<String> problems)
        implements ServiceManager {

    /** The length of {@code sun_path} without its final NUL (unix(7)), in bytes. */
    private static final int LONGEST = 107;

    public static ServiceManager fromEnvironment() {
        return read(System.getenv(), ProcessHandle.current().pid());
    }

    static NotifySocket read(Map<String, String> environment, long pid) {
        List<String> problems = new ArrayList<>();
        String address = environment.get("NOTIFY_SOCKET");
        if (address != null && !address.matches("(?s)[/@].+")) {
            problems.add("NOTIFY_SOCKET=" + address + " is neither an absolute path nor an abstract name (@NAME), so no"
                    + " notifications are sent; set it to one of these, or start this process as Type=exec");
            address = null;
        } else if (address != null && address.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            problems.add("NOTIFY_SOCKET=" + address + " is longer than the " + LONGEST
                    + " bytes that the address of a socket can have; the launcher must use a shorter one");
            address = null;
        }
        return new NotifySocket(address, watchdog(environment, pid, problems), List.copyOf(problems));
    }

    private static Optional<Duration> watchdog(Map<String, String> environment, long pid, List<String> problems) {
        String interval = environment.get("WATCHDOG_USEC");
        if (interval == null) {
            return Optional.empty();
        }
        if (!interval.matches("0*[1-9]\\d{0,17}")) {
            problems.add("WATCHDOG_USEC=" + interval + " is not a time in microseconds, so the watchdog is off; the"
                    + " launcher must set it to a decimal number from 1 up, or leave it unset");
            return Optional.empty();
        }
        String guarded = environment.get("WATCHDOG_PID");
        if (guarded != null && !guarded.matches("0*[1-9]\\d{0,9}")) {
            problems.add("WATCHDOG_PID=" + guarded + " is not a process id, so the watchdog is off; the launcher"
                    + " must set it to the id of this process, " + pid + ", or leave it unset");
            return Optional.empty();
        }
        return guarded == null || Long.parseLong(guarded) == pid
                ? Optional.of(Duration.of(Long.parseLong(interval), ChronoUnit.MICROS))
                : Optional.empty();
    }

    @Override
    public boolean isPresent() {
        return address != null;
    }

    @Override
    public void send(String... assignments) throws IOException {
        for (String assignment : assignments) {
            if (!assignment.matches("[A-Z0-9_]+=[^\\n]*")) {
                throw new IllegalArgumentException("'" + assignment + "' is not an assignment on one line, NAME=VALUE");
            }
        }
        if (address == null) {
            return;
        }
        try {
            Datagrams.send(address, String.join("\n", assignments).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException(
                    "NOTIFY_SOCKET=" + address + ": " + e.getMessage()
                            + "; the unit must let this process reach that socket and allow AF_UNIX in"
                            + " RestrictAddressFamilies=, or be of Type=exec and without WatchdogSec=",
                    e);
        } catch (LinkageError noLibrary) {
            throw new IOException(
                    "jffi cannot be loaded (" + firstLine(noLibrary) + "), so no notifications are sent;"
                            + " set jffi.extract.dir to a directory on a file system without noexec, or make the unit"
                            + " Type=exec and without WatchdogSec=",
                    noLibrary);
        }
    }

    /** jffi puts a stack trace into the message. */
    private static String firstLine(LinkageError error) {
        return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    }
}
