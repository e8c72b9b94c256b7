package dev.mooring.share.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A process that writes uploads.
 *
 * @param place where its number means something: one boot of the system, and one PID namespace (pid_namespaces(7)); empty
 *     if that cannot be told
 * @param pid its number
 * @param start when it was started, in clock ticks since the boot (field 22 of proc(5)'s {@code stat}): numbers are used again
 */
record Writer(String place, String pid, String start) {

    /** This process. */
    static final Writer SELF = self();

    private static Writer self() {
        String pid = Long.toString(ProcessHandle.current().pid());
        try {
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
            String namespace =
                    Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            String place = boot.replace("-", "") + namespace.replaceAll("[^0-9]", "");
            return new Writer(place, pid, start(pid));
        } catch (IOException e) {
            return new Writer("", pid, "");
        }
    }

    /** The process that a name begins with, if it does. */
    static @Nullable Writer of(String name) {
        String[] parts = name.split("\\.");
        return parts.length == 4 ? new Writer(parts[0], parts[1], parts[2]) : null;
    }

    /** What a name begins with. */
    String prefix() {
        return place + '.' + pid + '.' + start + '.';
    }

    /**
     * Whether it has ended, for certain.
     *
     * @param user whose file it wrote; processes of others may be hidden (hidepid in proc(5))
     */
    boolean isDead(int user) {
        try {
            if (place.isEmpty() || !place.equals(SELF.place) || !pid.matches("[0-9]{1,10}")) {
                return false;
            }
            Path process = Path.of("/proc", pid);
            if (Files.exists(process)) {
                return !start(pid).equals(start);
            }
            return Files.exists(Path.of("/proc/1"))
                    || Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(user);
        } catch (IOException e) {
            return false;
        }
    }

    /** When a process that runs was started. */
    static String start(String pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
    }
}
