package dev.mooring.protocol;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file descriptors of this process. */
public final class ProcessDescriptors {

    /** The soft limit ({@code RLIMIT_NOFILE}), which the JVM raises to the hard one when it starts. */
    public static final int LIMIT = limit();

    private ProcessDescriptors() {}

    private static int limit() {
        String key = "Max open files";
        try {
            String limits = Files.readString(Path.of("/proc/self/limits"));
            int from = limits.indexOf(key);
            String soft = from < 0 ? "" : limits.substring(from + key.length()).stripLeading();
            return Integer.parseInt(soft.substring(0, Math.max(0, soft.indexOf(' '))));
        } catch (IOException | NumberFormatException e) {
            System.getLogger(ProcessDescriptors.class.getName())
                    .log(Level.DEBUG, "The number of descriptors is unlimited or unknown", e);
            return Integer.MAX_VALUE;
        }
    }
}
