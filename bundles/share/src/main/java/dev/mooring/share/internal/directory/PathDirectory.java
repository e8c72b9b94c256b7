package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directory that is known only by its path, for file systems without secure directory streams. */
final class PathDirectory extends Directory {

    PathDirectory(Path path, DirectoryStream<Path> stream) {
        super(path, stream);
    }

    @Override
    public BasicFileAttributes readAttributes(Path name) throws IOException {
        return Files.readAttributes(path.resolve(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
    }

    @Override
    public SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path file = path.resolve(name);
        try {
            return Files.newByteChannel(file, options, attributes);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            Set<OpenOption> known = new HashSet<>(options);
            if (!known.remove(NOFOLLOW_LINKS)) {
                throw e;
            }
            return Files.newByteChannel(file, known, attributes); // zip files have neither links nor this option
        }
    }

    @Override
    public Directory enter(Path name) throws IOException {
        Path directory = path.resolve(name);
        return of(directory, Files.newDirectoryStream(directory));
    }

    @Override
    public void deleteFile(Path name) throws IOException {
        Files.delete(path.resolve(name));
    }

    @Override
    public void deleteDirectory(Path name) throws IOException {
        Files.delete(path.resolve(name));
    }

    @Override
    public void move(Path name, Directory target, Path newName) throws IOException {
        rename(path.resolve(name), target.path.resolve(newName));
    }

    @Override
    public <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
        return Files.getFileAttributeView(path.resolve(name), type, NOFOLLOW_LINKS);
    }

    @Override
    public Path accessPath(Path name) {
        return path.resolve(name);
    }
}
