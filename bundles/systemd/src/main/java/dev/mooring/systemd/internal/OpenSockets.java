package dev.mooring.systemd.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** The sockets of this process as the kernel knows them. They include connections that no server has counted yet. */
public final class OpenSockets {

    private OpenSockets() {}

    /** The inodes of the sockets. Duplicates of a socket have the same inode. The caller may change the set. */
    public static Set<String> ofThisProcess() {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                String target = target(descriptor);
                if (target.startsWith("socket:")) {
                    inodes.add(target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return inodes;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedSince) {
            return "";
        }
    }
}
