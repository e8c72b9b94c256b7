package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A named tree of files that protocols serve. It gives no access outside its root: not by name, by symbolic link or by a race. Links that stay inside
 * the root are followed.
 *
 * <p>A path that does not exist, is hidden, or leads out of the root gives the same error: a {@link NoSuchFileException} whose file is the path as
 * the client sees it. Names outside the file name encoding of the JVM ({@code sun.jnu.encoding}) do not exist either; run it with
 * {@code LC_ALL=C.UTF-8}. Names that begin with <code>.mooring-</code> are always hidden, because {@linkplain Upload uploads} in progress use them.
 *
 * <p>Each look-up resolves the root again, so it may be a symbolic link that changes, or be mounted later. While it is missing, not a directory or
 * unreadable, every look-up throws a plain {@link IOException}, whose message has the share, the problem and the remedy. A directory below the root
 * that may be searched but not read, such as with mode 0711, can be passed through but not listed, if java was started with
 * {@code --add-opens java.base/sun.nio.fs=ALL-UNNAMED} ({@code =dev.mooring.share} on a module path); otherwise it causes an
 * {@link java.nio.file.AccessDeniedException}.
 *
 * <p>If the file system has {@linkplain java.nio.file.SecureDirectoryStream secure directory streams}, like the default one on Linux, a user who can
 * write to the tree cannot make a look-up leave it by swapping directories and links. On other file systems, a link that is created between check and
 * use may be followed. On no file system can Java prevent such a user from replacing a file by a pipe just before it is opened. That {@link #open}
 * then blocks until the pipe is opened for writing. A pipe that existed before is never opened.
 *
 * <p>On the default file system a share keeps its root and up to 63 directories below it open for a second after a look-up has opened them. Nobody can
 * unmount their file system meanwhile.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public interface Share {

    /** The factory PID. Each configuration {@code dev.mooring.share~NAME} is a share, published as a service. */
    String PID = "dev.mooring.share";

    /** Service property: {@link #name()}. Type: {@code String}. */
    String SHARE_NAME = "share.name";

    /** Service property: the configured root, a path or a URI, for diagnostics. Type: {@code String}. */
    String SHARE_ROOT = "share.root";

    /**
     * The name of the share.
     *
     * @return the {@code NAME} of the configuration {@code dev.mooring.share~NAME}
     */
    String name();

    /**
     * Whether clients may only read.
     *
     * @return {@code true} if this share refuses all changes
     */
    boolean readOnly();

    /**
     * Looks up a file or directory, following links.
     *
     * @param path the path from the root of the share
     * @return the current state
     * @throws NoSuchFileException if it does not exist, is hidden, or leads out of the root
     * @throws java.nio.file.AccessDeniedException if this process may not access it
     * @throws IOException if it cannot be read
     */
    Entry entry(SharePath path) throws IOException;

    /**
     * Whether a look-up of a path can succeed. This takes one system call (stat), so it is much cheaper than an {@link #entry} that fails.
     *
     * @param path the path from the root of the share
     * @return {@code false} if {@link #entry} would throw a {@link NoSuchFileException} or an {@link java.nio.file.AccessDeniedException}; {@code true}
     *     says nothing
     */
    default boolean mayExist(SharePath path) {
        return true;
    }

    /**
     * Whether a file is on a file system of this machine, and not on that of a server or another process. Then the system has a file in memory after it was
     * read, and to open and read it again does not wait. The first call for a file system reads the list of mounts.
     *
     * @param entry a file of this share
     * @return {@code true} if so; {@code false} if not, or if that is unknown
     */
    default boolean isLocal(Entry entry) {
        return false;
    }

    /**
     * Whether a path still leads to the same, unchanged file: identity, kind, size, and the times of modification and change are the same, so its permissions are too. This takes
     * one system call (stat), so it is much cheaper than {@link #entry}. It is as safe, because the file was inside the root at the look-up, and its
     * identity is checked.
     *
     * <p>It does not notice a second change within the same tick of the file system's clock (up to 10 ms on Linux, 2 s on FAT) that keeps the size. So
     * cache content only if it was read at least 2 s after {@link Entry#since()}. For a directory it notices added and removed names, but not changes of
     * the files.
     *
     * @param entry the result of an earlier {@link #entry} or {@link #open}
     * @return {@code false} if the path leads elsewhere or nowhere, if the file has changed, or if this is unknown because the file system has no
     *     identities or no time of change ({@link Entry#key()} or {@link Entry#changed()} is {@code null}, for example in a zip file)
     */
    boolean isCurrent(Entry entry);

    /**
     * Lists a directory. Omits entries that are hidden, lead out of the root, vanish meanwhile, cannot be accessed, or have a name outside the file
     * name encoding of the JVM.
     *
     * @param directory the path from the root of the share
     * @return the entries in no particular order; the caller owns the list
     * @throws NoSuchFileException if it does not exist, is hidden, or leads out of the root
     * @throws NotDirectoryException if it is not a directory
     * @throws IOException if it cannot be read
     */
    List<Entry> list(SharePath directory) throws IOException;

    /** Receives the entries of a directory. */
    interface EntryVisitor {

        /**
         * Receives one entry.
         *
         * @param entry the entry
         * @throws IOException to end the listing, whose caller gets it
         */
        void visit(Entry entry) throws IOException;
    }

    /**
     * The same as {@link #list(SharePath)}, but passes on each entry as soon as it is known, so that the caller can end the listing of a large directory.
     *
     * @param directory the path from the root of the share
     * @param visitor receives the entries in no particular order
     * @throws NoSuchFileException if it does not exist, is hidden, or leads out of the root
     * @throws NotDirectoryException if it is not a directory
     * @throws IOException if it cannot be read, or from the visitor
     */
    default void list(SharePath directory, EntryVisitor visitor) throws IOException {
        for (Entry entry : list(directory)) {
            visitor.visit(entry);
        }
    }

    /**
     * Opens a regular file for reading. If the file is being replaced or written to, this method tries again until the entry matches the file. For a
     * file that is written to without pause, the entry has the size just after the opening.
     *
     * @param path the path from the root of the share
     * @return the file, which the caller closes
     * @throws NoSuchFileException if it does not exist, is hidden, leads out of the root, or is not a regular file
     * @throws java.nio.file.AccessDeniedException if this process may not read it
     * @throws IOException if it cannot be opened
     */
    OpenFile open(SharePath path) throws IOException;

    /**
     * Returns a directory of this share as a file system, for protocols that write or that use paths.
     *
     * @param home the root of the file system, which gives no access to the rest of the share; it need not exist yet
     * @param readOnly whether the file system refuses all changes; it always does if the share is {@link #readOnly()}
     * @return a new view, which has no open resources
     * @throws UnsupportedOperationException if this kind of share does not support it
     */
    default ShareFileSystem fileSystem(SharePath home, boolean readOnly) {
        throw new UnsupportedOperationException("share '" + name() + "' has no file system");
    }

    /**
     * Keeps this share usable even after it has been closed, for a server that drains while its share is replaced.
     *
     * @return ends the hold when closed; further calls do nothing
     */
    default Closeable hold() {
        return () -> {};
    }
}
