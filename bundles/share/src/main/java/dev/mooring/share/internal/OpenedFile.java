package dev.mooring.share.internal;

import dev.mooring.share.SharePath;
import dev.mooring.share.internal.Tree.Place;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystems;
import org.jspecify.annotations.Nullable;

/** What a {@link TreePath} stands for in place of what has its name: a file that is open. For one thread at a time. */
@FunctionalInterface
interface OpenedFile {

    /** Where the file is reached; it need not be closed. */
    Place place() throws IOException;

    /**
     * An open file of a share in the default file system, which is reached whatever has become of its name.
     *
     * @return {@code null} for another file system, where a file is known by its name only
     */
    static @Nullable OpenedFile of(SharePath name, TreeFileSystem files, SeekableByteChannel channel) {
        return channel instanceof FileChannel file && files.below() == FileSystems.getDefault()
                ? new ByDescriptor(name, file)
                : null;
    }

    /** Known by its descriptor, whose number is looked up once. */
    final class ByDescriptor implements OpenedFile {

        private final SharePath name;
        private final FileChannel channel;
        private @Nullable Place place;

        private ByDescriptor(SharePath name, FileChannel channel) {
            this.name = name;
            this.channel = channel;
        }

        @Override
        public Place place() throws IOException {
            Place known = place;
            if (known == null) {
                Directory directory = Directory.opened(channel);
                known = new Place(name, name, directory, directory.path, false);
                place = known;
            }
            return known;
        }
    }
}
