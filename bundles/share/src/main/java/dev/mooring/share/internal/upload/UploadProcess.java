package dev.mooring.share.internal.upload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A process that writes uploads.
 *
 * @param scope the scope of the process ID: a boot of the system, and a PID namespace (pid_namespaces(7)); empty if unknown
 * @param pid the process ID
 * @param start the start time, in clock ticks since the boot (field 22 of {@code stat} in proc(5)), because process IDs are reused
 */
record UploadProcess(String scope, String pid, String start) {

    private static final Pattern NAME = Pattern.compile("([0-9a-f]*)\\.([0-9]{1,10})\\.([0-9]*)\\.[0-9a-z]+");

    /** This process. */
    static final UploadProcess SELF = self();

    private static UploadProcess self() {
        String pid = Long.toString(ProcessHandle.current().pid());
        try {
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
            String namespace =
                    Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            String scope = boot.replace("-", "") + namespace.replaceAll("[^0-9]", "");
            return new UploadProcess(scope, pid, start(pid));
        } catch (IOException e) {
            return new UploadProcess("", pid, "");
        }
    }

    /** The process in the name of a temporary file, which begins with {@link #prefix}; {@code null} if the name has another form. */
    static @Nullable UploadProcess of(String name) {
        Matcher parts = NAME.matcher(name);
        return parts.matches() ? new UploadProcess(parts.group(1), parts.group(2), parts.group(3)) : null;
    }

    /** The beginning of the names of this process's temporary files. */
    String prefix() {
        return scope + '.' + pid + '.' + start + '.';
    }

    /**
     * Whether the process has ended.
     *
     * @param user the owner of the file; processes of other users may be hidden (hidepid in proc(5))
     * @return {@code null} if that is not known
     */
    @Nullable
    Boolean hasEnded(int user) {
        try {
            if (scope.isEmpty() || !scope.equals(SELF.scope)) {
                return null;
            }
            Path process = Path.of("/proc", pid);
            if (Files.exists(process)) {
                return !start(pid).equals(start);
            }
            boolean visible = Files.exists(Path.of("/proc/1"))
                    || Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(user);
            return visible ? true : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** The start time of a running process. */
    static String start(String pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
    }
}
