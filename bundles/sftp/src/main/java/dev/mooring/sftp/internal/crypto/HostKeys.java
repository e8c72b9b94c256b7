package dev.mooring.sftp.internal.crypto;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.common.util.security.SecurityUtils;

/** The host keys: configured ones, or generated ones, which are kept under the names and in the format of OpenSSH. */
public final class HostKeys implements KeyPairProvider, Closeable {

    private static final Logger LOG = System.getLogger(HostKeys.class.getName());

    private final String name;
    private final Path directory;
    private final List<KeyPair> pairs = new CopyOnWriteArrayList<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private boolean closed;

    private enum Kind {
        ED25519,
        ECDSA,
        RSA;

        String file() {
            return HostKeyFiles.GENERATED.get(ordinal());
        }

        KeyPair generate() throws GeneralSecurityException {
            KeyPairGenerator generator =
                    switch (this) {
                        case ED25519 -> KeyPairGenerator.getInstance("Ed25519");
                        case ECDSA -> KeyPairGenerator.getInstance("EC");
                        case RSA -> KeyPairGenerator.getInstance("RSA");
                    };
            switch (this) {
                case ECDSA -> generator.initialize(new ECGenParameterSpec("secp256r1"));
                case RSA -> generator.initialize(3072);
                default -> {}
            }
            return generator.generateKeyPair();
        }
    }

    /**
     * Loads the keys in the background, and generates those that are missing. The first key exchange waits for them; the greeting does not.
     */
    public HostKeys(String name, Path directory, List<Path> configured) {
        this.name = name;
        this.directory = directory;
        Thread background = new Thread(() -> provide(configured), name + "-host-keys");
        background.setDaemon(true);
        background.start();
    }

    private void provide(List<Path> configured) {
        List<Kind> missing = new ArrayList<>();
        try {
            configured.forEach(file -> load(file).ifPresent(pairs::add));
            for (Kind kind : configured.isEmpty() ? Kind.values() : new Kind[0]) {
                Path file = directory.resolve(kind.file());
                // Generating an RSA key takes long, and every client since 2011 supports another type.
                if (kind == Kind.RSA && !Files.exists(file)) {
                    missing.add(kind);
                } else {
                    provide(kind, file);
                }
            }
            if (pairs.isEmpty()) {
                LOG.log(Level.ERROR, "{0} has no host key, so no client can connect; correct the errors above", name);
            }
        } finally {
            ready.countDown();
        }
        missing.forEach(kind -> provide(kind, directory.resolve(kind.file())));
    }

    private void provide(Kind kind, Path file) {
        if (Files.exists(file)) {
            load(file).ifPresent(pairs::add);
            return;
        }
        KeyPair pair = null;
        try {
            pair = kind.generate();
            boolean saved = save(pair, file);
            pairs.add(pair);
            if (saved) {
                // A warning, because clients that know another key refuse this one.
                LOG.log(
                        Level.WARNING,
                        "{0} made the host key {1}: {2}",
                        name,
                        file,
                        KeyUtils.getFingerPrint(pair.getPublic()));
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            if (e instanceof FileAlreadyExistsException && Files.exists(file)) {
                // Another server has generated the key meanwhile. After a restart this server would use that one too.
                load(file).ifPresent(pairs::add);
                return;
            }
            if (pair != null) {
                pairs.add(pair);
            }
            // HostKeyFiles.check has already reported a problem of the directory.
            boolean reported = HostKeyFiles.directoryProblem(directory).isPresent();
            LOG.log(
                    reported ? Level.DEBUG : Level.WARNING,
                    "{0} cannot keep its host key in {1}, so it will have another one after a restart: {2}."
                            + " Set host.key.directory to a writable directory",
                    name,
                    file,
                    e.toString());
        }
    }

    private Optional<KeyPair> load(Path file) {
        Optional<String> problem = HostKeyFiles.problem(file);
        if (problem.isPresent()) {
            LOG.log(Level.ERROR, "{0} does not use {1}", name, problem.get());
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            List<KeyPair> loaded = new ArrayList<>();
            SecurityUtils.loadKeyPairIdentities(
                            null, NamedResource.ofName(file.toString()), in, (session, resource, retry) -> null)
                    .forEach(loaded::add);
            if (loaded.size() == 1) {
                return Optional.of(loaded.get(0));
            }
            LOG.log(
                    Level.ERROR,
                    "{0} does not use host key {1}, because it contains {2} keys instead of one",
                    name,
                    file,
                    loaded.size());
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            LOG.log(
                    Level.ERROR,
                    "{0} does not use host key {1}, because it cannot be read: {2}. Use a private key in OpenSSH or PEM"
                            + " format, of type ed25519, ecdsa or rsa, without a passphrase",
                    name,
                    file,
                    e.getMessage());
        }
        return Optional.empty();
    }

    /**
     * Creates the file in one step, so that no other process reads half a key. After {@link #close} it writes nothing: the next server
     * generates the keys.
     *
     * @return {@code false} after {@link #close}
     * @throws FileAlreadyExistsException if another server, in this process or another, has created the file
     */
    private synchronized boolean save(KeyPair pair, Path file) throws IOException, GeneralSecurityException {
        if (closed) {
            return false;
        }
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "mooring", null, bytes);
        // createTempFile lets only this user read and write it.
        Path temporary = Files.createTempFile(directory, file.getFileName() + ".", ".new");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer content = ByteBuffer.wrap(bytes.toByteArray());
                while (content.hasRemaining()) {
                    channel.write(content);
                }
                channel.force(true);
            }
            // A rename would replace the key of a server that was faster.
            Files.createLink(file, temporary);
        } finally {
            Files.delete(temporary);
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        OpenSSHKeyPairResourceWriter.INSTANCE.writePublicKey(pair.getPublic(), "mooring", line);
        line.write('\n');
        try {
            Files.write(directory.resolve(file.getFileName() + ".pub"), line.toByteArray());
        } catch (NoSuchFileException e) {
            LOG.log(Level.DEBUG, "The public key was not written; the server does not need it", e);
        }
        return true;
    }

    /** No file is written after this. */
    @Override
    public synchronized void close() {
        closed = true;
    }

    /** Waits for the keys, except for an RSA key that has to be generated. */
    @Override
    public Iterable<KeyPair> loadKeys(SessionContext session) throws IOException {
        try {
            ready.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(name + " is stopping");
        }
        return pairs;
    }
}
