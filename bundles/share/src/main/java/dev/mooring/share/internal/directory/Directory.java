package dev.mooring.share.internal.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An open directory. Its methods take single names and never follow a link. */
public abstract sealed class Directory implements Closeable
        permits SecureDirectory, SearchOnlyDirectory, PathDirectory, OpenFileDirectory {

    /** The path at the time of opening, or only the name. */
    public final Path path;

    private final DirectoryStream<Path> stream;

    Directory(Path path, DirectoryStream<Path> stream) {
        this.path = path;
        this.stream = stream;
    }

    /** An open file as a directory in which every name means this file. The caller keeps ownership of the channel. */
    public static Directory ofOpenFile(FileChannel file) throws IOException {
        return new OpenFileDirectory(Handle.of(file).path(), file);
    }

    /**
     * Opens a directory that may be searched but not read. A link may precede the last name of the path, but the last name is not followed.
     *
     * @param denied the reason why it cannot be read, thrown if it cannot be opened for searching either
     */
    static Directory openSearchOnly(Path reached, AccessDeniedException denied) throws IOException {
        return SearchOnlyDirectory.of(reached, denied);
    }

    static Directory of(Path path, DirectoryStream<Path> stream) {
        return stream instanceof SecureDirectoryStream<Path> secure
                ? new SecureDirectory(path, secure)
                : new PathDirectory(path, stream);
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
    public abstract BasicFileAttributes readAttributes(Path name) throws IOException;

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
    public abstract Path accessPath(Path name) throws IOException;

    /** Reads attributes by the names of {@link Files#readAttributes(Path, String, java.nio.file.LinkOption...)}, without following a link. */
    public Map<String, Object> attributes(Path name, String which) throws IOException {
        return Files.readAttributes(accessPath(name), which, NOFOLLOW_LINKS);
    }

    /** Sets an attribute by its name of {@link Files#setAttribute}, without following a link. */
    public void set(Path name, String attribute, @Nullable Object value) throws IOException {
        Path path = accessPath(name);
        try {
            Files.setAttribute(path, attribute, value, NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            // The JDK opens the file to set its mode: for reading or, since JDK 25, otherwise for writing.
            try (PathDescriptor descriptor = PathDescriptor.of(path)) {
                if (descriptor == null) {
                    throw e;
                }
                Files.setAttribute(descriptor.path(), attribute, value);
            }
        }
    }

    @FunctionalInterface
    interface Opening {
        SeekableByteChannel open() throws IOException;
    }

    /** Opens with {@code NOFOLLOW_LINKS}, and throws a {@link LinkException} if there was a link. */
    static SeekableByteChannel noLink(Path name, Opening opening) throws IOException {
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
            try (Directory made = ofOpenFile(file)) {
                made.addMode(name, special);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }
        return channel;
    }

    /** Adds bits to a mode. */
    public final void addMode(Path name, int bits) throws IOException {
        int mode = (Integer) attributes(name, "unix:mode").get("mode");
        set(name, "unix:mode", mode & 07777 | bits);
    }

    public final SeekableByteChannel read(Path name) throws IOException {
        return open(name, Set.of(StandardOpenOption.READ, NOFOLLOW_LINKS));
    }

    /** Reads the attributes of a name that is not a link. */
    public final BasicFileAttributes attributesUnlessLink(Path name) throws IOException {
        BasicFileAttributes attributes = readAttributes(name);
        if (attributes.isSymbolicLink()) {
            throw new LinkException(name.toString(), null);
        }
        return attributes;
    }

    /** Opens a directory whose content is to be iterated. */
    public final Directory openDirectory(Path name) throws IOException {
        if (!attributesUnlessLink(name).isDirectory()) {
            throw new NotDirectoryException(name.toString());
        }
        return enter(name);
    }

    /** Opens a directory for names in it. Its content cannot be iterated. */
    public Directory descend(Path name) throws IOException {
        return openDirectory(name);
    }

    static void rename(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
