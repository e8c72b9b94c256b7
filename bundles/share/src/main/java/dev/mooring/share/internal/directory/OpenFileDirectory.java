package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open file, even if it was renamed or removed. All operations use {@code /proc/self/fd/N}, which leads to the open file as long as the
 * channel is open.
 */
final class OpenFileDirectory extends Directory {

    private final FileChannel channel;

    OpenFileDirectory(Path path, FileChannel channel) {
        super(path, new EmptyStream());
        this.channel = channel;
    }

    private Path open() throws ClosedChannelException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        return path;
    }

    private static UnsupportedOperationException noDirectory() {
        return new UnsupportedOperationException("An open file is not a directory");
    }

    @Override
    public BasicFileAttributes readAttributes(Path name) throws IOException {
        return Files.readAttributes(open(), BasicFileAttributes.class);
    }

    @Override
    public SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (options.contains(StandardOpenOption.CREATE_NEW)) {
            throw new FileAlreadyExistsException(name.toString());
        }
        Set<OpenOption> following = new HashSet<>(options);
        following.remove(NOFOLLOW_LINKS);
        return Files.newByteChannel(open(), following);
    }

    @Override
    public Directory enter(Path name) {
        throw noDirectory();
    }

    @Override
    public void deleteFile(Path name) {
        throw noDirectory();
    }

    @Override
    public void deleteDirectory(Path name) {
        throw noDirectory();
    }

    @Override
    public void move(Path name, Directory target, Path newName) {
        throw noDirectory();
    }

    @Override
    public <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
        return Files.getFileAttributeView(path, type);
    }

    @Override
    public Map<String, Object> attributes(Path name, String which) throws IOException {
        return Files.readAttributes(open(), which);
    }

    @Override
    public void set(Path name, String attribute, @Nullable Object value) throws IOException {
        Files.setAttribute(open(), attribute, value);
    }

    @Override
    public Path accessPath(Path name) throws IOException {
        return open();
    }
}
