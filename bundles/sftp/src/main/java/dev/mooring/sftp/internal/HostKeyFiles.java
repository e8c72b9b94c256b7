package dev.mooring.sftp.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the file of a host key is fit to be one: there, readable, and by nobody else. */
final class HostKeyFiles {

    private static final Logger LOG = System.getLogger(HostKeyFiles.class.getName());

    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private HostKeyFiles() {}

    /** Logs what is wrong with each. */
    static void check(String name, List<Path> files) {
        for (Path file : files) {
            problem(file).ifPresent(problem -> LOG.log(Level.ERROR, "{0} does not use {1}", name, problem));
        }
    }

    /** What is wrong with a file and what to do about it, beginning with its name; empty if it will do. */
    static Optional<String> problem(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(OF_OTHERS::contains)) {
                return Optional.of("host key " + file + ", because others than its owner have access to it ("
                        + PosixFilePermissions.toString(permissions) + "); chmod 600 it, and make a new one if they may"
                        + " have read it");
            }
            if (!Files.isReadable(file)) {
                return Optional.of("host key " + file + ", because this process may not read it; chown it to the user"
                        + " that runs the server");
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    "host key " + file + ", because there is no such file; name one in host.keys, or leave it"
                            + " empty to have keys made");
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        }
    }
}
