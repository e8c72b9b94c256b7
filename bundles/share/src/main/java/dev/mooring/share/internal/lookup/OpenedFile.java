package dev.mooring.share.internal.lookup;

import dev.mooring.share.SharePath;
import dev.mooring.share.internal.directory.Directory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An open file that a path stands for, instead of the file with its name. Only one thread at a time may use it. */
@FunctionalInterface
public interface OpenedFile {

    /** The place of the file, which need not be closed. */
    Place place() throws IOException;

    /**
     * Makes an instance for an open file of a share in the default file system.
     *
     * @param underlying the file system of the root
     * @return {@code null} for other file systems, where a file is known only by its name
     */
    static @Nullable OpenedFile of(SharePath name, Supplier<FileSystem> underlying, SeekableByteChannel channel) {
        return channel instanceof FileChannel file && underlying.get() == FileSystems.getDefault()
                ? new ByDescriptor(name, file)
                : null;
    }

    /** A file that is known by its descriptor, whose number is looked up once. */
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
                Directory directory = Directory.ofOpenFile(channel);
                known = new Place(name, name, directory, directory.path, false);
                place = known;
            }
            return known;
        }
    }
}
