package dev.mooring.share.internal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An open directory. It gives what is in it by single names and never follows a link on the way. */
abstract sealed class Directory implements Closeable {

    /** Where it was when it was opened, or only its name. */
    final Path path;

    private final DirectoryStream<Path> stream;

    private Directory(Path path, DirectoryStream<Path> stream) {
        this.path = path;
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

    /** An open file, as what each name in a directory stands for. The channel stays with its owner. */
    static Directory opened(FileChannel file) throws IOException {
        return new Opened(Handle.of(file).path(), file);
    }

    private static Directory of(Path path, DirectoryStream<Path> stream) {
        return stream instanceof SecureDirectoryStream<Path> secure
                ? new Pinned(path, secure)
                : new Named(path, stream);
    }

    /** A name for the other methods: {@code .} is this directory. */
    final Path name(String text) throws NoSuchFileException {
        Path name = fileSystem().getPath(text);
        if (name.isAbsolute() || name.getNameCount() != 1) {
            throw new NoSuchFileException(text);
        }
        return name;
    }

    final FileSystem fileSystem() {
        return path.getFileSystem();
    }

    /** What is in this directory, once: the last name of each path is what the other methods take. */
    final Iterable<Path> paths() {
        return stream;
    }

    /** Looks at what a name stands for, a link being a link. */
    abstract BasicFileAttributes look(Path name) throws IOException;

    /**
     * Opens a regular file, for reading unless the options say otherwise. It has been looked at before, since opening a
     * pipe would wait for the other end.
     */
    abstract SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException;

    abstract Directory enter(Path name) throws IOException;

    abstract void deleteFile(Path name) throws IOException;

    abstract void deleteDirectory(Path name) throws IOException;

    /** Renames, replacing what has the new name. */
    abstract void move(Path name, Directory target, Path newName) throws IOException;

    /** The attributes of what a name stands for, a link being a link. */
    abstract <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type);

    /**
     * A path to a name in this directory, valid until this directory is closed. It leads through this very directory, but
     * the name itself is for calls that do not follow links.
     */
    abstract Path reach(Path name) throws IOException;

    /** Attributes as {@link Files#readAttributes(Path, String, java.nio.file.LinkOption...)} names them, of a link itself. */
    Map<String, Object> attributes(Path name, String which) throws IOException {
        return Files.readAttributes(reach(name), which, NOFOLLOW_LINKS);
    }

    /** Sets one, as {@link Files#setAttribute} names it, of a link itself. */
    void set(Path name, String attribute, @Nullable Object value) throws IOException {
        Files.setAttribute(reach(name), attribute, value, NOFOLLOW_LINKS);
    }

    final SeekableByteChannel read(Path name) throws IOException {
        return open(name, Set.of(StandardOpenOption.READ, NOFOLLOW_LINKS));
    }

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

    private static void rename(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }

    /** Known by its descriptor: it stays the same directory whatever becomes of its path. */
    private static final class Pinned extends Directory {

        private final SecureDirectoryStream<Path> stream;
        private @Nullable Handle handle;

        Pinned(Path path, SecureDirectoryStream<Path> stream) {
            super(path, stream);
            this.stream = stream;
        }

        private boolean isDefault() {
            return fileSystem() == FileSystems.getDefault();
        }

        @Override
        BasicFileAttributes look(Path name) throws IOException {
            return stream.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                    .readAttributes();
        }

        @Override
        SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            try {
                return stream.newByteChannel(name, options, attributes);
            } catch (FileSystemException e) {
                throw e;
            } catch (IOException e) {
                throw new LinkException(name.toString(), e); // how the JDK says that NOFOLLOW_LINKS met a link
            }
        }

        @Override
        Directory enter(Path name) throws IOException {
            return of(isDefault() ? name : path.resolve(name), stream.newDirectoryStream(name, NOFOLLOW_LINKS));
        }

        @Override
        void deleteFile(Path name) throws IOException {
            stream.deleteFile(name);
        }

        @Override
        void deleteDirectory(Path name) throws IOException {
            stream.deleteDirectory(name);
        }

        @Override
        void move(Path name, Directory target, Path newName) throws IOException {
            if (!(target instanceof Pinned pinned)) {
                throw new FileSystemException(name.toString(), null, "is in another file system");
            }
            if (isDefault()) {
                stream.move(name, pinned.stream, newName);
            } else {
                rename(path.resolve(name), pinned.path.resolve(newName)); // Jimfs would not replace anything
            }
        }

        @Override
        <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
            return stream.getFileAttributeView(name, type, NOFOLLOW_LINKS);
        }

        @Override
        Path reach(Path name) throws IOException {
            if (!isDefault()) {
                return path.resolve(name); // in memory, where only we are
            }
            if (handle == null) {
                handle = Handle.of(stream);
            }
            return handle.path().resolve(name);
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                if (handle != null) {
                    handle.close();
                }
            }
        }
    }

    /** Known by its path, where the file system has nothing better. */
    private static final class Named extends Directory {

        Named(Path path, DirectoryStream<Path> stream) {
            super(path, stream);
        }

        @Override
        BasicFileAttributes look(Path name) throws IOException {
            return Files.readAttributes(path.resolve(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
        }

        @Override
        SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            Path file = path.resolve(name);
            try {
                return Files.newByteChannel(file, options, attributes);
            } catch (IllegalArgumentException | UnsupportedOperationException e) {
                Set<OpenOption> known = new HashSet<>(options);
                if (!known.remove(NOFOLLOW_LINKS)) {
                    throw e;
                }
                return Files.newByteChannel(file, known, attributes); // zip: it has no links, nor the option
            }
        }

        @Override
        Directory enter(Path name) throws IOException {
            Path directory = path.resolve(name);
            return of(directory, Files.newDirectoryStream(directory));
        }

        @Override
        void deleteFile(Path name) throws IOException {
            Files.delete(path.resolve(name));
        }

        @Override
        void deleteDirectory(Path name) throws IOException {
            Files.delete(path.resolve(name));
        }

        @Override
        void move(Path name, Directory target, Path newName) throws IOException {
            rename(path.resolve(name), target.path.resolve(newName));
        }

        @Override
        <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
            return Files.getFileAttributeView(path.resolve(name), type, NOFOLLOW_LINKS);
        }

        @Override
        Path reach(Path name) {
            return path.resolve(name);
        }
    }

    /**
     * An open file, whatever has become of its name. All goes through {@code /proc/self/fd/N}, which leads to the open file
     * also when it has no name any more. The number is that of the file as long as the channel is open.
     */
    private static final class Opened extends Directory {

        private final FileChannel channel;

        Opened(Path path, FileChannel channel) {
            super(path, new Nothing());
            this.channel = channel;
        }

        private Path open() throws ClosedChannelException {
            if (!channel.isOpen()) {
                throw new ClosedChannelException();
            }
            return path;
        }

        private static UnsupportedOperationException noDirectory() {
            return new UnsupportedOperationException("An open file is no directory");
        }

        @Override
        BasicFileAttributes look(Path name) throws IOException {
            return Files.readAttributes(open(), BasicFileAttributes.class);
        }

        @Override
        SeekableByteChannel open(Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            if (options.contains(StandardOpenOption.CREATE_NEW)) {
                throw new FileAlreadyExistsException(name.toString());
            }
            Set<OpenOption> following = new HashSet<>(options);
            following.remove(NOFOLLOW_LINKS);
            return Files.newByteChannel(open(), following);
        }

        @Override
        Directory enter(Path name) {
            throw noDirectory();
        }

        @Override
        void deleteFile(Path name) {
            throw noDirectory();
        }

        @Override
        void deleteDirectory(Path name) {
            throw noDirectory();
        }

        @Override
        void move(Path name, Directory target, Path newName) {
            throw noDirectory();
        }

        @Override
        <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
            return Files.getFileAttributeView(path, type);
        }

        @Override
        Map<String, Object> attributes(Path name, String which) throws IOException {
            return Files.readAttributes(open(), which);
        }

        @Override
        void set(Path name, String attribute, @Nullable Object value) throws IOException {
            Files.setAttribute(open(), attribute, value);
        }

        @Override
        Path reach(Path name) throws IOException {
            return open();
        }
    }

    /** What is in something that is no directory. */
    private static final class Nothing implements DirectoryStream<Path> {

        @Override
        public Iterator<Path> iterator() {
            return Collections.emptyIterator();
        }

        @Override
        public void close() {}
    }
}
