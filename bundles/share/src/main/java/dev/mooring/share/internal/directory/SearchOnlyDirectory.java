package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory that may be searched but not read, such as with mode 0711. It is held by an {@code O_PATH} descriptor. All operations use
 * {@code /proc/self/fd/N/name}, which follows no link before the name.
 */
final class SearchOnlyDirectory extends Directory {

    private final PathDescriptor descriptor;

    private SearchOnlyDirectory(PathDescriptor descriptor) {
        super(descriptor.path(), new EmptyStream());
        this.descriptor = descriptor;
    }

    /**
     * Opens a path, if it is a directory.
     *
     * @param denied the reason why it cannot be read, thrown if it cannot be opened or is not a directory
     */
    static Directory of(Path reached, AccessDeniedException denied) throws IOException {
        PathDescriptor descriptor = PathDescriptor.of(reached);
        if (descriptor == null) {
            throw denied;
        }
        boolean kept = false;
        try {
            // If a link was put there meanwhile, the descriptor holds the link itself, which is not a directory.
            kept = Files.readAttributes(descriptor.path(), BasicFileAttributes.class)
                    .isDirectory();
        } finally {
            if (!kept) {
                descriptor.close();
            }
        }
        if (!kept) {
            throw denied;
        }
        return new SearchOnlyDirectory(descriptor);
    }

    @Override
    public Iterable<Path> paths() throws IOException {
        throw new AccessDeniedException(path.toString());
    }

    @Override
    public BasicFileAttributes readAttributes(Path name) throws IOException {
        return Files.readAttributes(accessPath(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
    }

    @Override
    public SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return noLink(name, () -> Files.newByteChannel(accessPath(name), options, attributes));
    }

    @Override
    public Directory enter(Path name) throws IOException {
        try (PathDescriptor held = PathDescriptor.of(accessPath(name))) {
            if (held == null) {
                throw new AccessDeniedException(name.toString());
            }
            // Lists through the descriptor, because the JDK would follow a link in the last name.
            return Directory.of(name, Files.newDirectoryStream(held.path().resolve(".")));
        } catch (AccessDeniedException e) {
            return of(accessPath(name), e);
        }
    }

    @Override
    public void deleteFile(Path name) throws IOException {
        Files.delete(accessPath(name));
    }

    @Override
    public void deleteDirectory(Path name) throws IOException {
        Files.delete(accessPath(name));
    }

    @Override
    public void move(Path name, Directory target, Path newName) throws IOException {
        rename(accessPath(name), target.accessPath(newName));
    }

    @Override
    public <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
        return Files.getFileAttributeView(accessPath(name), type, NOFOLLOW_LINKS);
    }

    @Override
    public Path accessPath(Path name) {
        return descriptor.path().resolve(name);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
