package dev.mooring.share;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A share, or a directory in it, as a file system for reading and writing with {@link java.nio.file.Files}. Absolute paths begin with {@code /};
 * relative paths start there too. {@code ..} removes the last name of the path, even of a link, and stays at {@code /}. As described in
 * {@link Share}, the file system does not read, change or reveal anything outside its root.
 *
 * <p>It differs from a plain directory:
 * <ul>
 *   <li>Hidden names do not exist and cannot be created. Names that begin with <code>.mooring-</code> are hidden too; uploads in progress use them. A
 *       directory with hidden names cannot be removed. Exceptions are uploads of ended processes, and uploads abandoned for more than a day: they are
 *       removed when the directory is listed or removed.
 *   <li>Operations that do not follow links see links, and can move and remove them, wherever they lead. Following a link out of the root
 *       throws a {@link java.nio.file.NoSuchFileException}. An absolute target starts at the root of this file system. It is stored with the path of
 *       the root in front, so that other programs find the same place, and it is read back without it. A link whose target text leads out of the root
 *       cannot be created or read: {@link java.nio.file.AccessDeniedException}.
 *   <li>A change in a read-only file system throws an {@link java.nio.file.AccessDeniedException}, not a
 *       {@link java.nio.file.ReadOnlyFileSystemException}, which protocols take for an unsupported operation.
 *   <li>Only regular files can be opened. Only directories and regular files have times and permissions that can be set.
 *   <li>A move is a rename(2). Without {@code REPLACE_EXISTING} or {@code ATOMIC_MOVE} the target is checked first; a file that another process
 *       creates after the check is replaced, one of this process is not. Between mounted file systems a regular file is copied and removed, unless {@code ATOMIC_MOVE} is given.
 * </ul>
 *
 * <p>New files and directories accept the attribute {@code unix:mode} as well as {@code posix:permissions}. The umask applies.
 *
 * <p>If the root is a directory of the default file system, channels are {@link java.nio.channels.FileChannel}s, and the views {@code posix},
 * {@code owner} and {@code unix} are available. A zip file is read-only.
 *
 * <p>Instances are safe for use by several threads.
 */
@ProviderType
public abstract class ShareFileSystem extends FileSystem {

    /** For implementations. */
    protected ShareFileSystem() {}

    /**
     * Starts writing a file that becomes visible only when it is complete. To change an existing file, or to let others see it grow, open it with
     * {@link java.nio.file.Files#newByteChannel} instead.
     *
     * @param file a path of this file system; its directory exists
     * @param attributes the attributes of a new file, such as permissions
     * @return the upload; the caller commits it, and closes it in any case
     * @throws java.nio.file.AccessDeniedException if the file, or its directory, may not be written, or its name is hidden
     * @throws java.nio.file.NoSuchFileException if its directory does not exist
     * @throws IOException if it cannot be written
     */
    public abstract Upload upload(Path file, FileAttribute<?>... attributes) throws IOException;

    /**
     * Starts writing a file that must not exist yet. An empty file reserves the name at once, so that only one of several concurrent calls succeeds.
     * It is removed if the upload is discarded.
     *
     * @param file a path of this file system; its directory exists
     * @param attributes the attributes of the file, such as permissions
     * @return the upload; the caller commits it, and closes it in any case
     * @throws java.nio.file.FileAlreadyExistsException if the name exists
     * @throws java.nio.file.AccessDeniedException if the directory may not be written, or the name is hidden
     * @throws java.nio.file.NoSuchFileException if its directory does not exist
     * @throws IOException if it cannot be written
     */
    public abstract Upload uploadNew(Path file, FileAttribute<?>... attributes) throws IOException;

    /**
     * Returns a path that stands for an open file, even if the file has been renamed, replaced or removed. It can be used to read and set the
     * attributes of the file, as by fstat(2), fchmod(2) and futimens(2), and to open its content again. Other operations do not support it.
     *
     * @param file the path by which the file was opened; the result equals it
     * @param channel the file, opened in this file system. The caller owns it and must not use it during a call with the path. After the channel is
     *     closed, the path causes a {@link java.nio.channels.ClosedChannelException}
     * @return the path; {@code file} itself if the root of the share is not a directory of the default file system
     */
    public abstract Path opened(Path file, SeekableByteChannel channel);

    /**
     * Truncates or extends a file, as ftruncate(2). Content that another program writes meanwhile is kept, as far as it fits.
     *
     * @param channel the file, opened for writing in this file system. The caller owns it and must not use it during the call
     * @param size the new size in bytes
     * @throws IOException if that fails
     */
    public abstract void resize(SeekableByteChannel channel, long size) throws IOException;

    /**
     * Closes only this view. Channels, uploads and the share stay open.
     *
     * @throws IOException never
     */
    @Override
    public abstract void close() throws IOException;
}
