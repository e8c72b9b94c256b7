package dev.mooring.sftp.internal.crypto;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Checks the files of host keys: each must exist and be readable, only by its owner. */
public final class HostKeyFiles {

    private static final Logger LOG = System.getLogger(HostKeyFiles.class.getName());

    private static final Set<PosixFilePermission> NOT_OWNER = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    /** The file names of generated keys. */
    static final List<String> GENERATED = List.of("ssh_host_ed25519_key", "ssh_host_ecdsa_key", "ssh_host_rsa_key");

    private HostKeyFiles() {}

    private static boolean isPrivateKey(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("PRIVATE KEY-----");
    }

    /**
     * Logs the problems of the host keys that a server is going to use.
     *
     * @param name the name of the server
     * @param directory the directory of generated keys
     * @param configured the files of configured keys; empty for generated ones
     */
    public static void check(String name, Path directory, List<Path> configured) {
        List<Path> files = configured;
        if (files.isEmpty()) {
            List<Path> own = GENERATED.stream().map(directory::resolve).toList();
            files = own.stream().filter(Files::exists).toList();
            if (files.size() < own.size()) {
                directoryProblem(directory)
                        .ifPresent(problem -> LOG.log(
                                Level.WARNING,
                                "{0} cannot keep its host keys in {1}, because {2}; after a restart it will have other"
                                        + " keys, and clients will suspect an attack. Make the directory writable, or set"
                                        + " host.key.directory to one that is",
                                name,
                                directory,
                                problem));
            }
        }
        for (Path file : files) {
            problem(file).ifPresent(problem -> LOG.log(Level.ERROR, "{0} does not use {1}", name, problem));
        }
    }

    /** Why keys cannot be kept in a directory, which need not exist; empty if they can. */
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

    /** The problem of a file and the remedy, beginning with its name; empty if there is none. */
    static Optional<String> problem(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(NOT_OWNER::contains)) {
                return Optional.of("host key " + file + ", because others besides its owner have access to it ("
                        + PosixFilePermissions.toString(permissions)
                        + "); chmod 600 it, and generate a new one if they may"
                        + " have read it");
            }
            if (!Files.isReadable(file)) {
                return Optional.of("host key " + file + ", because this process may not read it; chown it to the user"
                        + " that runs the server");
            }
            return isPrivateKey(file)
                    ? Optional.empty()
                    : Optional.of("host key " + file + ", because it is not a private key in OpenSSH or PEM format;"
                            + " generate one with ssh-keygen -t ed25519 -N \"\" -f FILE");
        } catch (NoSuchFileException e) {
            return Optional.of(
                    "host key " + file + ", because there is no such file; name one in host.keys, or leave that"
                            + " empty to generate keys");
        } catch (IOException e) {
            return Optional.of("host key " + file + ", because it cannot be read: " + e + "; name a readable file in"
                    + " host.keys, or leave that empty to generate keys");
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        }
    }
}
