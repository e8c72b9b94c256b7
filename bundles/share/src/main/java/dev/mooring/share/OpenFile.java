package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/**
 * A file of a share, open for reading. The entry describes exactly the file of the channel, even if the file was renamed or replaced meanwhile.
 *
 * @param entry the opened file
 * @param channel the content, positioned at the start; a {@link java.nio.channels.FileChannel} if the root is a directory of the default file system
 */
public record OpenFile(Entry entry, SeekableByteChannel channel) implements Closeable {

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
