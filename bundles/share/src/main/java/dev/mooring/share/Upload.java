package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A file on its way into a share. What is written goes to a file of a hidden name beside its place, and takes the place at
 * once by {@link #commit}; until then, and if it never comes to that, what was there before is served as it was.
 *
 * <p>The new file takes the permissions of the file that it replaces, and its owner and group as far as this process may
 * give them, when the upload begins, so that they can be set to others before it ends; access control lists and extended attributes are those of a new file. Where the path leads through a
 * symbolic link, the file that the link leads to is replaced. Other hard links to the replaced file keep what they had.
 *
 * <p>An instance is for one thread at a time.
 */
@ProviderType
public interface Upload extends Closeable {

    /**
     * What takes the content. It is empty at first.
     *
     * @return a channel to write and read, a {@link java.nio.channels.FileChannel} where the root is a directory of the
     *     default file system; it is closed by {@link #commit} and {@link #close}
     */
    SeekableByteChannel channel();

    /**
     * The path of the file, standing for this upload instead of what is there: by it the attributes of the upload are read
     * and set, and its content is opened once more, also when it was exposed and has been renamed or removed since. It is no
     * path to any other file system operation.
     *
     * @return a path that equals the one that the upload was begun with, good as long as the upload has not ended
     */
    Path path();

    /**
     * Puts the file in its place as it is now and goes on: what is written from here on is seen at once, and stays whatever
     * comes after. Nothing happens if it was exposed before.
     *
     * @throws IOException if it cannot; the upload is as it was
     */
    void expose() throws IOException;

    /**
     * Puts the file in its place, in one step, replacing what is there. Call {@link
     * java.nio.channels.FileChannel#force(boolean) force} before if it has to survive a loss of power.
     *
     * @throws java.nio.channels.ClosedChannelException if the channel was closed before, as by a stream on it
     * @throws IOException if it cannot; the old file is untouched then, and what was written is discarded
     */
    void commit() throws IOException;

    /**
     * Ends the upload. Without a {@link #commit} before, what was written is discarded.
     *
     * @throws IOException if it cannot be discarded
     */
    @Override
    void close() throws IOException;
}
