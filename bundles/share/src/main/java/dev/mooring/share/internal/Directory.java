package dev.mooring.share.internal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/** An open directory. It gives what is in it by single names and never follows a link on the way. */
abstract sealed class Directory implements Closeable {

    private final FileSystem fileSystem;
    private final DirectoryStream<Path> stream;

    private Directory(FileSystem fileSystem, DirectoryStream<Path> stream) {
        this.fileSystem = fileSystem;
        this.stream = stream;
    }

    /** Opens the root of a share, the one path that is trusted: links in it are followed. */
    static Directory open(Path root) throws IOException {
        // Looked at first, because opening a pipe would wait for its writer.
        if (!Files.readAttributes(root, BasicFileAttributes.class).isDirectory()) {
            throw new NotDirectoryException(root.toString());
        }
        return of(root, Files.newDirectoryStream(root));
    }

    private static Directory of(Path path, DirectoryStream<Path> stream) {
        return stream instanceof SecureDirectoryStream<Path> secure
                ? new Pinned(path.getFileSystem(), secure)
                : new Named(path, stream);
    }

    /** A name for the other methods: {@code .} is this directory. */
    final Path name(String text) throws NoSuchFileException {
        Path name = fileSystem.getPath(text);
        if (name.isAbsolute() || name.getNameCount() != 1) {
            throw new NoSuchFileException(text);
        }
        return name;
    }

    /** What is in this directory, once: the last name of each path is what the other methods take. */
    final Iterable<Path> paths() {
        return stream;
    }

    /** Looks at what a name stands for, a link being a link. */
    abstract BasicFileAttributes look(Path name) throws IOException;

    /** Opens a regular file. It has been looked at before, since opening a pipe would wait for its writer. */
    abstract SeekableByteChannel read(Path name) throws IOException;

    abstract Directory enter(Path name) throws IOException;

    /** Looks at what is no link. */
    final BasicFileAttributes attributes(Path name) throws IOException {
        BasicFileAttributes attributes = look(name);
        if (attributes.isSymbolicLink()) {
            throw new LinkException(name.toString(), null);
        }
        return attributes;
    }

    final Directory directory(Path name) throws IOException {
        if (!attributes(name).isDirectory()) {
            throw new NotDirectoryException(name.toString());
        }
        return enter(name);
    }

    @Override
    public final void close() throws IOException {
        stream.close();
    }

    /** Known by its descriptor: it stays the same directory whatever becomes of its path. */
    private static final class Pinned extends Directory {

        private final SecureDirectoryStream<Path> stream;

        Pinned(FileSystem fileSystem, SecureDirectoryStream<Path> stream) {
            super(fileSystem, stream);
            this.stream = stream;
        }

        @Override
        BasicFileAttributes look(Path name) throws IOException {
            return stream.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                    .readAttributes();
        }

        @Override
        SeekableByteChannel read(Path name) throws IOException {
            try {
                return stream.newByteChannel(name, Set.of(StandardOpenOption.READ, NOFOLLOW_LINKS));
            } catch (FileSystemException e) {
                throw e;
            } catch (IOException e) {
                throw new LinkException(name.toString(), e); // how the JDK says that NOFOLLOW_LINKS met a link
            }
        }

        @Override
        Directory enter(Path name) throws IOException {
            return of(name, stream.newDirectoryStream(name, NOFOLLOW_LINKS));
        }
    }

    /** Known by its path, where the file system has nothing better. */
    private static final class Named extends Directory {

        private final Path path;

        Named(Path path, DirectoryStream<Path> stream) {
            super(path.getFileSystem(), stream);
            this.path = path;
        }

        @Override
        BasicFileAttributes look(Path name) throws IOException {
            return Files.readAttributes(path.resolve(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
        }

        @Override
        SeekableByteChannel read(Path name) throws IOException {
            Path file = path.resolve(name);
            try {
                return Files.newByteChannel(file, StandardOpenOption.READ, NOFOLLOW_LINKS);
            } catch (IllegalArgumentException | UnsupportedOperationException e) {
                return Files.newByteChannel(file, StandardOpenOption.READ); // zip: it has no links, nor the option
            }
        }

        @Override
        Directory enter(Path name) throws IOException {
            Path directory = path.resolve(name);
            return of(directory, Files.newDirectoryStream(directory));
        }
    }
}
