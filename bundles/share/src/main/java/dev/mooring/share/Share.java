package dev.mooring.share;

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
 * {@link NoSuchFileException} whose file is the path as the client sees it.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public interface Share {

    /** Service property: {@link #name()}. Type: {@code String}. */
    String SHARE_NAME = "share.name";

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
     * Whether a path still leads to the very file that was found before, unchanged. One system call, a good deal cheaper
     * than {@link #entry}, and as safe: the file was inside the root when it was found, and it is told by its identity.
     *
     * @param entry what was found before
     * @return {@code false} if the path leads elsewhere or nowhere, the file has changed, or this cannot be told
     */
    boolean isCurrent(Entry entry);

    /**
     * Lists a directory, without what is hidden, leads out of the root, or vanishes meanwhile.
     *
     * @param directory the path from the root of the share
     * @return the entries, in no particular order
     * @throws NoSuchFileException if it does not exist, is hidden, or leads out of the root
     * @throws NotDirectoryException if it is no directory
     * @throws IOException if it cannot be read
     */
    List<Entry> list(SharePath directory) throws IOException;

    /**
     * Opens a regular file for reading.
     *
     * @param path the path from the root of the share
     * @return the file, which the caller closes
     * @throws NoSuchFileException if it does not exist, is hidden, leads out of the root, or is no regular file
     * @throws java.nio.file.AccessDeniedException if this process may not read it
     * @throws IOException if it cannot be opened
     */
    OpenFile open(SharePath path) throws IOException;
}
