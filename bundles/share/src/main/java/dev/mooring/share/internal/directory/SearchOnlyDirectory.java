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

    private final Pin pin;

    private SearchOnlyDirectory(Pin pin) {
        super(pin.path(), new EmptyStream());
        this.pin = pin;
    }

    /**
     * Opens a path, if it is a directory.
     *
     * @param denied the reason why it cannot be read, thrown if it cannot be opened or is not a directory
     */
    static Directory of(Path reached, AccessDeniedException denied) throws IOException {
        Pin pin = Pin.of(reached);
        if (pin == null) {
            throw denied;
        }
        boolean kept = false;
        try {
            // If a link was put there meanwhile, the pin holds the link itself, which is not a directory.
            kept = Files.readAttributes(pin.path(), BasicFileAttributes.class).isDirectory();
        } finally {
            if (!kept) {
                pin.close();
            }
        }
        if (!kept) {
            throw denied;
        }
        return new SearchOnlyDirectory(pin);
    }

    @Override
    public Iterable<Path> paths() throws IOException {
        throw new AccessDeniedException(path.toString());
    }

    @Override
    public BasicFileAttributes look(Path name) throws IOException {
        return Files.readAttributes(reach(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
    }

    @Override
    public SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return noLink(name, () -> Files.newByteChannel(reach(name), options, attributes));
    }

    @Override
    public Directory enter(Path name) throws IOException {
        try (Pin held = Pin.of(reach(name))) {
            if (held == null) {
                throw new AccessDeniedException(name.toString());
            }
            // Lists through the pin, because the JDK would follow a link in the last name.
            return Directory.of(name, Files.newDirectoryStream(held.path().resolve(".")));
        } catch (AccessDeniedException e) {
            return of(reach(name), e);
        }
    }

    @Override
    public void deleteFile(Path name) throws IOException {
        Files.delete(reach(name));
    }

    @Override
    public void deleteDirectory(Path name) throws IOException {
        Files.delete(reach(name));
    }

    @Override
    public void move(Path name, Directory target, Path newName) throws IOException {
        rename(reach(name), target.reach(newName));
    }

    @Override
    public <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
        return Files.getFileAttributeView(reach(name), type, NOFOLLOW_LINKS);
    }

    @Override
    public Path reach(Path name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        pin.close();
    }
}
