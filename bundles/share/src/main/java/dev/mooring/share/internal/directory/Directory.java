package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
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

/** An open directory. Its methods take single names and never follow a link. */
public abstract sealed class Directory implements Closeable {

    /** The path at the time of opening, or only the name. */
    public final Path path;

    private final DirectoryStream<Path> stream;

    private Directory(Path path, DirectoryStream<Path> stream) {
        this.path = path;
        this.stream = stream;
    }

    /** Opens the root of a share. This path is trusted, so links in it are followed. */
    public static Directory open(Path root) throws IOException {
        // Checked first, because opening a pipe would block until it has a writer.
        if (!Files.readAttributes(root, BasicFileAttributes.class).isDirectory()) {
            throw new NotDirectoryException(root.toString());
        }
        return of(root, Files.newDirectoryStream(root));
    }

    /** An open file as a directory in which every name means this file. The caller keeps ownership of the channel. */
    public static Directory opened(FileChannel file) throws IOException {
        return new Opened(Handle.of(file).path(), file);
    }

    /**
     * Opens a directory that may be searched but not read. A link may precede the last name of the path, but the last name is not followed.
     *
     * @param denied the reason why it cannot be read, thrown if it cannot be opened for searching either
     */
    static Directory searched(Path reached, AccessDeniedException denied) throws IOException {
        return Searched.of(reached, denied);
    }

    private static Directory of(Path path, DirectoryStream<Path> stream) {
        return stream instanceof SecureDirectoryStream<Path> secure
                ? new Pinned(path, secure)
                : new Named(path, stream);
    }

    /** Makes a name for the other methods; {@code .} is this directory. */
    public final Path name(String text) throws NoSuchFileException {
        Path name = fileSystem().getPath(text);
        if (name.isAbsolute() || name.getNameCount() != 1) {
            throw new NoSuchFileException(text);
        }
        return name;
    }

    /** Whether a name can be looked up. A name outside the encoding of the JVM is decoded to another one. */
    public static boolean isDecodable(Path name) {
        String text = name.toString();
        try {
            return text.indexOf('\uFFFD') < 0
                    || name.equals(name.getFileSystem().getPath(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    public final FileSystem fileSystem() {
        return path.getFileSystem();
    }

    /**
     * The content of this directory, which can be iterated once. Pass the last name of each path to the other methods.
     *
     * @throws AccessDeniedException if the directory may be searched but not read
     */
    public Iterable<Path> paths() throws IOException {
        return stream;
    }

    /** Reads the attributes of a name, without following a link. */
    public abstract BasicFileAttributes look(Path name) throws IOException;

    /**
     * Opens a regular file, by default for reading. The caller has checked that it is one, because opening a pipe would block.
     */
    public abstract SeekableByteChannel open(
            Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException;

    public abstract Directory enter(Path name) throws IOException;

    public abstract void deleteFile(Path name) throws IOException;

    public abstract void deleteDirectory(Path name) throws IOException;

    /** Renames, replacing an existing file of the new name. */
    public abstract void move(Path name, Directory target, Path newName) throws IOException;

    /** The attribute view of a name, without following a link. */
    public abstract <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type);

    /**
     * A path to a name in this directory, valid until this directory is closed. It always leads through this directory, even if that was moved. Use
     * it only in calls that do not follow a link in the name itself.
     */
    public abstract Path reach(Path name) throws IOException;

    /** Reads attributes by the names of {@link Files#readAttributes(Path, String, java.nio.file.LinkOption...)}, without following a link. */
    public Map<String, Object> attributes(Path name, String which) throws IOException {
        return Files.readAttributes(reach(name), which, NOFOLLOW_LINKS);
    }

    /** Sets an attribute by its name of {@link Files#setAttribute}, without following a link. */
    public void set(Path name, String attribute, @Nullable Object value) throws IOException {
        Path path = reach(name);
        try {
            Files.setAttribute(path, attribute, value, NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            // The JDK opens the file to set its mode: for reading, since JDK 25 else for writing.
            try (Pin pin = Pin.of(path)) {
                if (pin == null) {
                    throw e;
                }
                Files.setAttribute(pin.path(), attribute, value);
            }
        }
    }

    @FunctionalInterface
    private interface Opening {
        SeekableByteChannel open() throws IOException;
    }

    /** Opens with {@code NOFOLLOW_LINKS}, and throws a {@link LinkException} if there was a link. */
    private static SeekableByteChannel noLink(Path name, Opening opening) throws IOException {
        try {
            return opening.open();
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new LinkException(name.toString(), e); // the JDK reports a link like this
        }
    }

    /**
     * Creates a regular file. The attributes may include {@code unix:mode}.
     *
     * @param options the options, including {@code CREATE_NEW}
     */
    public final SeekableByteChannel create(
            Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        SeekableByteChannel channel = open(name, options, NewMode.permissions(attributes));
        int special = NewMode.special(attributes);
        if (special != 0 && channel instanceof FileChannel file) {
            try (Directory made = opened(file)) {
                made.add(name, special);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }
        return channel;
    }

    /** Adds bits to a mode. */
    public final void add(Path name, int bits) throws IOException {
        int mode = (Integer) attributes(name, "unix:mode").get("mode");
        set(name, "unix:mode", mode & 07777 | bits);
    }

    public final SeekableByteChannel read(Path name) throws IOException {
        return open(name, Set.of(StandardOpenOption.READ, NOFOLLOW_LINKS));
    }

    /** Reads the attributes of a name that is not a link. */
    public final BasicFileAttributes attributes(Path name) throws IOException {
        BasicFileAttributes attributes = look(name);
        if (attributes.isSymbolicLink()) {
            throw new LinkException(name.toString(), null);
        }
        return attributes;
    }

    public final Directory directory(Path name) throws IOException {
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

    /** A directory that is held by its descriptor, so it stays the same even if its path changes. */
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
        public BasicFileAttributes look(Path name) throws IOException {
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
                return Searched.of(reach(name), e);
            }
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
            if (isDefault() && target instanceof Pinned pinned) {
                stream.move(name, pinned.stream, newName);
            } else {
                rename(reach(name), target.reach(newName)); // the streams of Jimfs do not replace files
            }
        }

        @Override
        public <V extends FileAttributeView> @Nullable V view(Path name, Class<V> type) {
            return stream.getFileAttributeView(name, type, NOFOLLOW_LINKS);
        }

        @Override
        public Path reach(Path name) throws IOException {
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
                super.close();
            } finally {
                if (handle != null) {
                    handle.close();
                }
            }
        }
    }

    /**
     * A directory that may be searched but not read, such as with mode 0711. It is held by an {@code O_PATH} descriptor. All operations use
     * {@code /proc/self/fd/N/name}, which follows no link before the name.
     */
    private static final class Searched extends Directory {

        private final Pin pin;

        private Searched(Pin pin) {
            super(pin.path(), new Nothing());
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
                kept = Files.readAttributes(pin.path(), BasicFileAttributes.class)
                        .isDirectory();
            } finally {
                if (!kept) {
                    pin.close();
                }
            }
            if (!kept) {
                throw denied;
            }
            return new Searched(pin);
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

    /** A directory that is known only by its path, for file systems without secure directory streams. */
    private static final class Named extends Directory {

        Named(Path path, DirectoryStream<Path> stream) {
            super(path, stream);
        }

        @Override
        public BasicFileAttributes look(Path name) throws IOException {
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
        public Path reach(Path name) {
            return path.resolve(name);
        }
    }

    /**
     * An open file, even if it was renamed or removed. All operations use {@code /proc/self/fd/N}, which leads to the open file as long as the
     * channel is open.
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
            return new UnsupportedOperationException("An open file is not a directory");
        }

        @Override
        public BasicFileAttributes look(Path name) throws IOException {
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
        public Path reach(Path name) throws IOException {
            return open();
        }
    }

    /** The content of an object that cannot be listed. */
    private static final class Nothing implements DirectoryStream<Path> {

        @Override
        public Iterator<Path> iterator() {
            return Collections.emptyIterator();
        }

        @Override
        public void close() {}
    }
}
