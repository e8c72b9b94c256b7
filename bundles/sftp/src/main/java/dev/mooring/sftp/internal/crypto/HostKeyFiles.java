package dev.mooring.sftp.internal.crypto;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the file of a host key is fit to be one: there, readable, and by nobody else. */
public final class HostKeyFiles {

    private static final Logger LOG = System.getLogger(HostKeyFiles.class.getName());

    private static final Set<PosixFilePermission> NOT_OWNER = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    /** The files of the keys that a server makes for itself. */
    static final List<String> GENERATED = List.of("ssh_host_ed25519_key", "ssh_host_ecdsa_key", "ssh_host_rsa_key");

    private HostKeyFiles() {}

    private static boolean isPrivateKey(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("PRIVATE KEY-----");
    }

    /** Logs what is wrong with the keys that a server is to have. */
    public static void check(String name, Path directory, List<Path> given) {
        List<Path> files = given;
        if (files.isEmpty()) {
            List<Path> own = GENERATED.stream().map(directory::resolve).toList();
            files = own.stream().filter(Files::exists).toList();
            if (files.size() < own.size()) {
                directoryProblem(directory)
                        .ifPresent(problem -> LOG.log(
                                Level.WARNING,
                                "{0} cannot keep its host keys in {1}, because {2}; clients will see others after a"
                                        + " restart, and take that for an attack. Let it write there, or set"
                                        + " host.key.directory to a directory that it may write to",
                                name,
                                directory,
                                problem));
            }
        }
        for (Path file : files) {
            problem(file).ifPresent(problem -> LOG.log(Level.ERROR, "{0} does not use {1}", name, problem));
        }
    }

    /** Why keys cannot be kept in a directory, which need not be there yet; empty if they can. */
    static Optional<String> directoryProblem(Path directory) {
        Path there = directory.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            return Optional.of(there + " is not a directory");
        }
        return Files.isWritable(there)
                ? Optional.empty()
                : Optional.of("user " + System.getProperty("user.name") + " may not write to " + there);
    }

    /** What is wrong with a file and what to do about it, beginning with its name; empty if it will do. */
    static Optional<String> problem(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(NOT_OWNER::contains)) {
                return Optional.of("host key " + file + ", because others than its owner have access to it ("
                        + PosixFilePermissions.toString(permissions) + "); chmod 600 it, and make a new one if they may"
                        + " have read it");
            }
            if (!Files.isReadable(file)) {
                return Optional.of("host key " + file + ", because this process may not read it; chown it to the user"
                        + " that runs the server");
            }
            return isPrivateKey(file)
                    ? Optional.empty()
                    : Optional.of("host key " + file + ", because it is no private key in the format of OpenSSH or PEM;"
                            + " make one with ssh-keygen -t ed25519 -N \"\" -f FILE");
        } catch (IOException e) {
            return Optional.of(
                    "host key " + file + ", because there is no such file; name one in host.keys, or leave it"
                            + " empty to have keys made");
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        }
    }
}
