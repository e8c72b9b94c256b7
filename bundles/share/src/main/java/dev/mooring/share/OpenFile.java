package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/**
 * A file of a share, open for reading. The entry describes the very file that the channel reads, whatever happens to its
 * name meanwhile.
 *
 * @param entry what was opened
 * @param channel its content, positioned at the start; a {@link java.nio.channels.FileChannel} where the root is a
 *     directory of the default file system
 */
public record OpenFile(Entry entry, SeekableByteChannel channel) implements Closeable {

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
