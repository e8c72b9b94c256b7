package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The root of a share and directories below it, which stay open for a second. To open a directory takes eight system calls. To find that it is still the
 * one that was opened takes one: the name must lead to the same inode with the same permissions, and not over a link. So a directory that was moved,
 * replaced, mounted over or closed to this process is noticed at once.
 *
 * <p>Thread-safe. No method waits for another thread, because all look-ups of all clients come here.
 */
public final class KeptDirectories implements Closeable {

    /** A directory stays open for this time after it was opened. Nobody can unmount its file system meanwhile. */
    private static final long KEPT_MILLIS = 1000;

    /** How many directories of a share are kept. Each takes two descriptors. */
    private static final int MAX_KEPT = 64;

    /** The root, by its path. */
    private final Map<Path, Kept> roots = new ConcurrentHashMap<>();

    private final AtomicInteger count = new AtomicInteger();

    /** An open directory. It is closed when nobody uses it any more; that it is kept counts as a use. */
    final class Kept {

        private final SecureDirectoryStream<Path> stream;
        private final PosixFileAttributes opened;
        private final AtomicInteger uses = new AtomicInteger(1);

        /** Directories in this one, by their names. */
        private final Map<Path, Kept> children = new ConcurrentHashMap<>();

        private Kept(SecureDirectoryStream<Path> stream, PosixFileAttributes opened) {
            this.stream = stream;
            this.opened = opened;
            count.incrementAndGet();
        }

        /** Lends the directory; {@code null} if it is closed. */
        private @Nullable Directory lend(Path path) {
            int before = uses.getAndUpdate(number -> number == 0 ? 0 : number + 1);
            return before == 0 ? null : new SecureDirectory(path, stream, this, new Use(this));
        }

        /**
         * Compares the permissions because a directory that may not be read any more must be opened in another way. Does not compare the owner, because the JDK
         * looks up its name. The kernel checks the access to each name in the directory anyway.
         */
        private boolean isStill(PosixFileAttributes found) {
            return opened.fileKey().equals(found.fileKey())
                    && opened.permissions().equals(found.permissions());
        }

        private void endUse() {
            if (uses.decrementAndGet() == 0) {
                count.decrementAndGet();
                try {
                    stream.close();
                } catch (IOException e) {
                    System.getLogger(KeptDirectories.class.getName()).log(Level.DEBUG, "Closing a directory failed", e);
                }
            }
        }

        /** Lends a directory in this one if it was kept; {@code null} if it must be opened. */
        @Nullable
        Directory child(Path name) throws IOException {
            Kept child = children.get(name);
            return child != null && child.isStill(attributes(stream, name)) ? child.lend(name) : null;
        }

        /** Keeps a directory in this one that was just opened, and lends it. Takes ownership of the stream. */
        Directory keepChild(Path name, SecureDirectoryStream<Path> opened) throws IOException {
            if (count.get() >= MAX_KEPT) {
                return Directory.of(name, opened);
            }
            return keep(children, name, opened);
        }
    }

    /** Ends a use when it is closed. Further calls do nothing. */
    private static final class Use implements Closeable {

        private final AtomicReference<@Nullable Kept> used;

        Use(Kept used) {
            this.used = new AtomicReference<>(used);
        }

        @Override
        public void close() {
            Kept ended = used.getAndSet(null);
            if (ended != null) {
                ended.endUse();
            }
        }
    }

    /**
     * Opens the root. This path is trusted, so links in it are followed.
     *
     * @param path the path of the root
     * @return the directory, which the caller closes; its content cannot be iterated, {@linkplain Directory#enter enter} {@code .} for that
     * @throws NotDirectoryException if it is something else
     * @throws IOException if it cannot be opened
     */
    public Directory openRoot(Path path) throws IOException {
        Kept current = roots.get(path);
        if (current != null && current.isStill(Files.readAttributes(path, PosixFileAttributes.class))) {
            Directory lent = current.lend(path);
            if (lent != null) {
                return lent;
            }
        }
        // Checked first, because opening a pipe would block until it has a writer.
        if (!Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) {
            throw new NotDirectoryException(path.toString());
        }
        DirectoryStream<Path> stream = Files.newDirectoryStream(path);
        return stream instanceof SecureDirectoryStream<Path> secure && path.getFileSystem() == FileSystems.getDefault()
                ? keep(roots, path, secure)
                : Directory.of(path, stream);
    }

    /** Keeps a directory that was just opened among others, and lends it. Takes ownership of the stream. */
    private Directory keep(Map<Path, Kept> others, Path path, SecureDirectoryStream<Path> stream) throws IOException {
        Kept opened = new Kept(stream, attributesOf(path, stream));
        Directory lent = Objects.requireNonNull(opened.lend(path));
        Kept old = others.put(path, opened);
        if (old != null) {
            old.endUse();
        }
        CompletableFuture.delayedExecutor(KEPT_MILLIS, TimeUnit.MILLISECONDS, Runnable::run)
                .execute(() -> forget(others, path, opened));
        return lent;
    }

    private static void forget(Map<Path, Kept> others, Path path, Kept old) {
        if (others.remove(path, old)) {
            old.endUse();
        }
    }

    /** The attributes of what was opened, which may be another directory than the name led to before. Closes the stream if that fails. */
    private static PosixFileAttributes attributesOf(Path path, SecureDirectoryStream<Path> stream) throws IOException {
        try {
            return attributes(stream, path.getFileSystem().getPath("."));
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    private static PosixFileAttributes attributes(SecureDirectoryStream<Path> stream, Path name) throws IOException {
        return stream.getFileAttributeView(name, PosixFileAttributeView.class, NOFOLLOW_LINKS)
                .readAttributes();
    }

    /** Closes the root when its last use ends; directories in it follow within a second. Further look-ups open another one. */
    @Override
    public void close() {
        roots.forEach((path, kept) -> forget(roots, path, kept));
    }
}
