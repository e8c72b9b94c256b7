package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directory that is held by its descriptor, so it stays the same even if its path changes. */
final class SecureDirectory extends Directory {

    private final SecureDirectoryStream<Path> stream;
    private final KeptDirectories.@Nullable Kept kept;
    private final Closeable owned;
    private @Nullable Handle handle;

    /** Owns the stream. */
    SecureDirectory(Path path, SecureDirectoryStream<Path> stream) {
        this(path, stream, null, stream);
    }

    /**
     * Uses a stream that others use too.
     *
     * @param kept the directories in it that are kept; {@code null} if none are
     * @param owned is closed instead of the stream
     */
    SecureDirectory(
            Path path, SecureDirectoryStream<Path> stream, KeptDirectories.@Nullable Kept kept, Closeable owned) {
        super(path, stream);
        this.stream = stream;
        this.kept = kept;
        this.owned = owned;
    }

    private boolean isDefault() {
        return fileSystem() == FileSystems.getDefault();
    }

    @Override
    public BasicFileAttributes readAttributes(Path name) throws IOException {
        return stream.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                .readAttributes();
    }

    @Override
    public SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return noLink(name, () -> stream.newByteChannel(name, options, attributes));
    }

    @Override
    public Directory enter(Path name) throws IOException {
        try {
            return of(isDefault() ? name : path.resolve(name), stream.newDirectoryStream(name, NOFOLLOW_LINKS));
        } catch (AccessDeniedException e) {
            if (!isDefault()) {
                throw e;
            }
            return SearchOnlyDirectory.of(accessPath(name), e);
        }
    }

    @Override
    public Directory descend(Path name) throws IOException {
        if (kept == null) {
            return super.descend(name);
        }
        Directory known = kept.child(name);
        if (known != null) {
            return known;
        }
        Directory entered = openDirectory(name);
        return entered instanceof SecureDirectory secure ? kept.keepChild(name, secure.stream) : entered;
    }

    @Override
    public void deleteFile(Path name) throws IOException {
        stream.deleteFile(name);
    }

    @Override
    public void deleteDirectory(Path name) throws IOException {
        stream.deleteDirectory(name);
    }

    @Override
    public void move(Path name, Directory target, Path newName) throws IOException {
        if (isDefault() && target instanceof SecureDirectory secure) {
            stream.move(name, secure.stream, newName);
        } else {
            rename(accessPath(name), target.accessPath(newName)); // the streams of Jimfs do not replace files
        }
    }

    @Override
    public <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
        return stream.getFileAttributeView(name, type, NOFOLLOW_LINKS);
    }

    @Override
    public Path accessPath(Path name) throws IOException {
        if (!isDefault()) {
            return path.resolve(name); // in memory, so no other process can change it
        }
        if (handle == null) {
            handle = Handle.of(stream);
        }
        return handle.path().resolve(name);
    }

    @Override
    public void close() throws IOException {
        try {
            owned.close();
        } finally {
            if (handle != null) {
                handle.close();
            }
        }
    }
}
