package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The inherited descriptors as the environment declares them, by the rules of sd_listen_fds(3) and of systemd's
 * {@code sd-daemon.c}.
 *
 * @param activated whether descriptors were meant for this process, even if the variables are malformed
 * @param names a name for each descriptor from {@link #FIRST_DESCRIPTOR} up
 * @param problems the malformed variables, in sentences with the variable, the problem and the remedy
 */
record ListenEnvironment(boolean activated, List<String> names, List<String> problems) {

    /** {@code SD_LISTEN_FDS_START}. */
    static final int FIRST_DESCRIPTOR = 3;

    /**
     * The process that the variables are compared with.
     *
     * @param pid its process id
     * @param parent the process id of its parent, if that is visible
     * @param pidfdId the inode number of its pidfd, if the kernel provides one; read only if it is needed
     */
    record Self(long pid, OptionalLong parent, Supplier<OptionalLong> pidfdId) {}

    static ListenEnvironment read(Map<String, String> environment, Self self) {
        String pid = environment.get("LISTEN_PID");
        if (pid == null) {
            return notActivated();
        }
        OptionalLong meantFor = decimal(pid, Integer.MAX_VALUE);
        if (meantFor.isEmpty() || meantFor.getAsLong() == 0) {
            return malformed("LISTEN_PID=" + pid + " is not a process id; the launcher must set it to"
                    + " the id of this process, " + self.pid() + ", or leave all LISTEN_ variables unset");
        }
        if (meantFor.getAsLong() != self.pid()) {
            boolean parents = self.parent().equals(meantFor) && environment.containsKey("LISTEN_FDS");
            return parents ? notActivated(meantForTheParent(pid, self)) : notActivated();
        }
        String pidfdId = environment.get("LISTEN_PIDFDID");
        if (pidfdId != null) {
            OptionalLong expected = decimal(pidfdId, Long.MAX_VALUE);
            if (expected.isEmpty()) {
                return malformed("LISTEN_PIDFDID=" + pidfdId + " is not the inode number of a pidfd; the launcher must"
                        + " set it to a decimal number or leave it unset");
            }
            OptionalLong own = self.pidfdId().get();
            if (own.isPresent() && !own.equals(expected)) {
                return notActivated();
            }
        }
        String count = environment.get("LISTEN_FDS");
        if (count == null) {
            return notActivated();
        }
        OptionalLong descriptors = decimal(count, Integer.MAX_VALUE - FIRST_DESCRIPTOR);
        if (descriptors.isEmpty() || descriptors.getAsLong() == 0) {
            return malformed("LISTEN_FDS=" + count + " is not the number of descriptors passed; the launcher must"
                    + " set it to a decimal number from 1 up, and pass descriptors from " + FIRST_DESCRIPTOR + " up");
        }
        int n = (int) descriptors.getAsLong();
        String names = environment.get("LISTEN_FDNAMES");
        if (names == null) {
            return new ListenEnvironment(true, Collections.nCopies(n, NamedSocket.UNKNOWN), List.of());
        }
        List<String> split = List.of(names.split(":", -1));
        if (split.size() != n) {
            return new ListenEnvironment(
                    true,
                    Collections.nCopies(n, NamedSocket.UNKNOWN),
                    List.of("LISTEN_FDNAMES=" + names + " has " + split.size()
                            + (split.size() == 1 ? " name" : " names")
                            + " but LISTEN_FDS=" + n
                            + "; give one name for each descriptor, separated by ':'. Every socket is"
                            + " named '" + NamedSocket.UNKNOWN + "' until then"));
        }
        return new ListenEnvironment(true, split, List.of());
    }

    private static String meantForTheParent(String pid, Self self) {
        return "LISTEN_PID=" + pid + " is the parent of this process, " + self.pid()
                + ", so its sockets are not for this process; if a script starts java, use exec in the script";
    }

    private static ListenEnvironment notActivated(String... problems) {
        return new ListenEnvironment(false, List.of(), List.of(problems));
    }

    private static ListenEnvironment malformed(String problem) {
        return new ListenEnvironment(true, List.of(), List.of(problem));
    }

    /** Parses a number from 0 to {@code max}; empty if the text has other characters than digits or is out of range. */
    private static OptionalLong decimal(String text, long max) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(text);
            return number <= max ? OptionalLong.of(number) : OptionalLong.empty();
        } catch (NumberFormatException overflow) {
            return OptionalLong.empty();
        }
    }
}
