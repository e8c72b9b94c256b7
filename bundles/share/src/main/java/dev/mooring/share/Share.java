package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A named tree of files that protocols serve. Nothing outside its root can be reached through it, by name, by symbolic
 * link or by a race; links that stay inside the root are followed.
 *
 * <p>A path that does not exist, is hidden, or leads out of the root is one and the same to the caller: a
 * {@link NoSuchFileException} whose file is the path as the client sees it. Names that the JVM cannot express in its
 * file name encoding ({@code sun.jnu.encoding}) do not exist either: run it with {@code LC_ALL=C.UTF-8}. Names that begin
 * with <code>.mooring-</code> are always hidden: they are {@linkplain Upload uploads} on their way.
 *
 * <p>The root is looked at anew by each look-up: it may be a symbolic link that is pointed elsewhere, or be mounted later.
 * While it is missing, no directory or unreadable, every look-up is a plain {@link IOException} whose message says which
 * share, what is wrong and the remedy. Directories below it that may be searched but not read, such as of mode 0711, can be passed
 * through and not listed, if java was started with {@code --add-opens java.base/sun.nio.fs=ALL-UNNAMED} ({@code
 * =dev.mooring.share} on a module path); otherwise they are an {@link java.nio.file.AccessDeniedException}.
 *
 * <p>Where the file system has {@linkplain java.nio.file.SecureDirectoryStream secure directory streams}, as the default
 * one on Linux has, whoever can write to the tree cannot trick a look-up out of it by swapping what it is made of. On
 * others a link put in place between check and use may be followed. Neither can Java keep such a person from putting a
 * pipe in the place of a file in the instant before it is opened, which holds up that one {@link #open} until the pipe is
 * opened for writing; a pipe that is there before is never opened.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public interface Share {

    /** The factory PID: a configuration {@code dev.mooring.share~NAME} is one share, published as a service. */
    String PID = "dev.mooring.share";

    /** Service property: {@link #name()}. Type: {@code String}. */
    String SHARE_NAME = "share.name";

    /** Service property: the root as it was configured, a path or a URI, for diagnostics. Type: {@code String}. */
    String SHARE_ROOT = "share.root";

    /**
     * The name of the share, the {@code NAME} of its configuration {@code dev.mooring.share~NAME}.
     *
     * @return the name
     */
    String name();

    /**
     * Whether clients may only read.
     *
     * @return {@code true} if nothing can be written through this share
     */
    boolean readOnly();

    /**
     * Looks at a file or directory, following links.
     *
     * @param path the path from the root of the share
     * @return what is there now
     * @throws NoSuchFileException if it does not exist, is hidden, or leads out of the root
     * @throws java.nio.file.AccessDeniedException if this process may not look at it
     * @throws IOException if it cannot be read
     */
    Entry entry(SharePath path) throws IOException;

    /**
     * Whether a path still leads to the very file that was found before, unchanged and readable: same identity, kind, size and time of
     * modification, and this process may still read it. It takes two system calls (stat and access), a good deal cheaper than {@link
     * #entry}, and as safe: the file was inside the root when it was found, and it is told by its identity.
     *
     * <p>What it cannot see is a change that leaves all of these as they were: one within the same tick of the file
     * system's clock (up to 10 ms on Linux, 2 s on FAT) that keeps the size, or one whose author set the time back. So
     * content is only to be kept if it was read 2 s or more after {@link Entry#modified()}. Of a directory it tells whether
     * names came or went, not whether the files of those names changed.
     *
     * @param entry what was found before
     * @return {@code false} if the path leads elsewhere or nowhere, the file has changed or may not be read any longer, or this cannot be told, as where
     *     the file system has no identities ({@link Entry#key()} is {@code null}, in a zip file for instance)
     */
    boolean isCurrent(Entry entry);

    /**
     * Lists a directory, without what is hidden, leads out of the root, vanishes meanwhile, cannot be looked at, or has a
     * name that is not in the file name encoding of the JVM.
     *
     * @param directory the path from the root of the share
     * @return the entries, in no particular order; the list is the caller's
     * @throws NoSuchFileException if it does not exist, is hidden, or leads out of the root
     * @throws NotDirectoryException if it is no directory
     * @throws IOException if it cannot be read
     */
    List<Entry> list(SharePath directory) throws IOException;

    /**
     * Opens a regular file for reading. A file that is replaced or written to at this moment is opened again until its
     * entry fits it; one that is written to without pause is given with the size that it had just after it was opened.
     *
     * @param path the path from the root of the share
     * @return the file, which the caller closes
     * @throws NoSuchFileException if it does not exist, is hidden, leads out of the root, or is no regular file
     * @throws java.nio.file.AccessDeniedException if this process may not read it
     * @throws IOException if it cannot be opened
     */
    OpenFile open(SharePath path) throws IOException;

    /**
     * Gives a directory of this share as a file system, for protocols that write, or that work on paths.
     *
     * @param home the directory that is its root: nothing else of the share can be reached by it; need not exist yet
     * @param readOnly whether it refuses to change anything even though the share does not; a share that is {@link
     *     #readOnly()} always refuses
     * @return a new view, which holds nothing open
     * @throws UnsupportedOperationException if this share is of a kind that has none
     */
    default ShareFileSystem fileSystem(SharePath home, boolean readOnly) {
        throw new UnsupportedOperationException("share '" + name() + "' has no file system");
    }

    /**
     * Keeps this share usable for somebody who is not done with it, also after it has been closed: a server that drains while
     * its share has been replaced.
     *
     * @return lets go of it; does nothing the second time
     */
    default Closeable hold() {
        return () -> {};
    }
}
