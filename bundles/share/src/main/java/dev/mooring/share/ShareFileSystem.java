package dev.mooring.share;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A share, or a directory in it, as a file system of its own, for reading and writing with {@link java.nio.file.Files}. Its
 * paths begin with {@code /}, which is also where relative ones begin, and {@code ..} is taken off by its text and ends at
 * {@code /}. Nothing outside that root is read, changed or named by it, as {@link Share} says of reading.
 *
 * <p>What differs from a plain directory:
 * <ul>
 *   <li>Hidden names do not exist and cannot be made. Names that begin with <code>.mooring-</code> are hidden, too: those
 *       are uploads on their way. A directory that has such names left in it cannot be removed, apart from uploads of
 *       processes that have ended, or that were given up more than a day ago; they go when the directory is listed or removed.
 *   <li>Symbolic links are seen as links by those who do not follow them, and can be moved and removed, wherever they
 *       lead. To follow one that leads out of the root is a {@link java.nio.file.NoSuchFileException}. An absolute
 *       target is one from the root of this file system: it is kept on disk with the path of the root in front, so that
 *       it leads to the same place for everybody, and it reads as it was written. One that would lead out by its text
 *       cannot be made, and is not told to who reads the link: {@link java.nio.file.AccessDeniedException}.
 *   <li>To change anything in a read-only file system is an {@link java.nio.file.AccessDeniedException} (not a {@link
 *       java.nio.file.ReadOnlyFileSystemException}, which protocols take for an operation that they do not know).
 *   <li>Only regular files are opened, only directories and regular files get times and permissions.
 *   <li>A move is a rename(2). Without {@code REPLACE_EXISTING} or {@code ATOMIC_MOVE} the target is looked for before,
 *       and what another process puts there between is replaced. Between mounted file systems a regular file is copied
 *       and removed, unless {@code ATOMIC_MOVE} is asked for.
 * </ul>
 *
 * <p>What is made takes the attribute {@code unix:mode} as well as {@code posix:permissions}, less the umask.
 *
 * <p>Channels are {@link java.nio.channels.FileChannel}s, and attributes of the views {@code posix}, {@code owner} and
 * {@code unix} there, where the root is a directory of the default file system. A zip file is read-only.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public abstract class ShareFileSystem extends FileSystem {

    /** For implementations. */
    protected ShareFileSystem() {}

    /**
     * Begins to write a file that becomes visible whole or not at all. To go on with a file that is there, or to have
     * others see it grow, open it with {@link java.nio.file.Files#newByteChannel} instead.
     *
     * @param file a path of this file system; its directory exists
     * @param attributes for a file that is new, such as permissions
     * @return the upload, which the caller commits, and closes in any case
     * @throws java.nio.file.AccessDeniedException if the file, or its directory, may not be written, or its name is hidden
     * @throws java.nio.file.NoSuchFileException if its directory does not exist
     * @throws IOException if it cannot be written
     */
    public abstract Upload upload(Path file, FileAttribute<?>... attributes) throws IOException;

    /**
     * Begins to write a file that must not be there yet. Its name is taken at once, so that of several who try only one
     * succeeds: until the upload is committed an empty file has it, which goes if the upload is discarded.
     *
     * @param file a path of this file system; its directory exists
     * @param attributes for the file, such as permissions
     * @return the upload, which the caller commits, and closes in any case
     * @throws java.nio.file.FileAlreadyExistsException if something has the name
     * @throws java.nio.file.AccessDeniedException if the directory may not be written, or the name is hidden
     * @throws java.nio.file.NoSuchFileException if its directory does not exist
     * @throws IOException if it cannot be written
     */
    public abstract Upload uploadNew(Path file, FileAttribute<?>... attributes) throws IOException;

    /**
     * A path that stands for an open file, whatever has that file's name by now, or none: by it the attributes of the file
     * are read and set, as by fstat(2), fchmod(2) and futimens(2), and its content is opened once more. It is no path to any
     * other file system operation.
     *
     * @param file the path that the file was opened by, which the result equals
     * @param channel the file, opened in this file system; it stays the caller's, who does not use it at the same time, and
     *     the path is good until it is closed: then it is a {@link java.nio.channels.ClosedChannelException}
     * @return the path; where the root of the share is not a directory of the default file system it is {@code file}
     */
    public abstract Path opened(Path file, SeekableByteChannel channel);

    /**
     * Ends this view of the share, and nothing else: channels and uploads stay open, the share does.
     *
     * @throws IOException never
     */
    @Override
    public abstract void close() throws IOException;
}
