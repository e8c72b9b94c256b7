package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An upload of a file into a share. The content goes to a file with a hidden name in the same directory. {@link #commit} moves it into place in one
 * step. Until then, and if the upload is discarded, clients see the old file.
 *
 * <p>At its start the upload takes the permissions of the file that it replaces, and its owner and group if this process may set them, so that the
 * caller can change them before the end. Access control lists and extended attributes are those of a new file. If the path is a symbolic link, the
 * target of the link is replaced. Other hard links to the replaced file keep the old content.
 *
 * <p>Only one thread at a time may use an instance.
 */
@ProviderType
public interface Upload extends Closeable {

    /**
     * The channel for the content, which is empty at first.
     *
     * @return a channel to write and read; a {@link java.nio.channels.FileChannel} if the root is a directory of the default file system.
     *     {@link #commit} and {@link #close} close it
     */
    SeekableByteChannel channel();

    /**
     * A path that stands for this upload instead of the file in its place. It can be used to read and set the attributes of the upload, and to open
     * its content again, even after it was exposed and then renamed or removed. Other operations do not support it.
     *
     * @return a path that equals the one of the file, valid until the upload ends
     */
    Path path();

    /**
     * Moves the file into place now and continues the upload. From then on clients see written bytes at once, and {@link #close} does not discard
     * them. Further calls do nothing.
     *
     * @throws IOException if that fails; the upload is unchanged then
     */
    void expose() throws IOException;

    /**
     * Moves the file into place in one step, replacing an existing file. Call {@link java.nio.channels.FileChannel#force(boolean) force} before if it
     * must survive a power failure.
     *
     * @throws java.nio.channels.ClosedChannelException if the channel was closed before, for example by a stream on it
     * @throws IOException if that fails; the old file is unchanged then, and the content is discarded
     */
    void commit() throws IOException;

    /**
     * Ends the upload. Discards the content unless it was committed or exposed.
     *
     * @throws IOException if the content cannot be discarded
     */
    @Override
    void close() throws IOException;
}
