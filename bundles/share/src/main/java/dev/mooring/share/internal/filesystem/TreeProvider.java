package dev.mooring.share.internal.filesystem;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Connects {@link java.nio.file.Files} to the file system of a path. It is not an installed provider, because shares have no URIs. */
final class TreeProvider extends FileSystemProvider {

    static final String SCHEME = "share";
    static final TreeProvider INSTANCE = new TreeProvider();

    private TreeProvider() {}

    static boolean follows(LinkOption... options) {
        return !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException("Use Share.fileSystem to get the file system of a share");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new UnsupportedOperationException("Use Share.fileSystem to get the file system of a share");
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException("Use Share.fileSystem to get the file system of a share");
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return FileOpener.open(TreePath.of(path), options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        SeekableByteChannel channel = newByteChannel(path, options, attributes);
        if (channel instanceof FileChannel file) {
            return file;
        }
        channel.close();
        throw new UnsupportedOperationException("The root of this share has no file channels");
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        TreePath directory = TreePath.of(path);
        return directory.getFileSystem().list(directory, filter);
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        TreePath directory = TreePath.of(path);
        directory.getFileSystem().createDirectory(directory, attributes);
    }

    @Override
    public void createSymbolicLink(Path path, Path target, FileAttribute<?>... attributes) throws IOException {
        Links.createSymbolic(TreePath.of(path), TreePath.of(target), attributes);
    }

    @Override
    public void createLink(Path path, Path existing) throws IOException {
        Links.createHard(TreePath.of(path), TreePath.of(existing));
    }

    @Override
    public Path readSymbolicLink(Path path) throws IOException {
        return Links.readSymbolic(TreePath.of(path));
    }

    @Override
    public void delete(Path path) throws IOException {
        TreePath file = TreePath.of(path);
        file.getFileSystem().delete(file);
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        Transfers.copy(TreePath.of(source), TreePath.of(target), Set.of(options));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        Transfers.move(TreePath.of(source), TreePath.of(target), Set.of(options));
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        if (path.equals(other)) {
            return true;
        }
        if (!(other instanceof TreePath)) {
            return false;
        }
        Object key = readAttributes(path, BasicFileAttributes.class).fileKey();
        Object otherKey = readAttributes(other, BasicFileAttributes.class).fileKey();
        return key != null && key.equals(otherKey) || path.toRealPath().equals(other.toRealPath());
    }

    @Override
    public boolean isHidden(Path path) {
        return false;
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        readAttributes(path, BasicFileAttributes.class);
        return new TreeStore(TreePath.of(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        FileOpener.checkAccess(TreePath.of(path), Set.of(modes));
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        TreePath file = TreePath.of(path);
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        String name = type == BasicFileAttributeView.class
                ? "basic"
                : posix && type == PosixFileAttributeView.class
                        ? "posix"
                        : posix && type == FileOwnerAttributeView.class ? "owner" : null;
        return name == null ? null : type.cast(new TreeView(name, file, follows(options)));
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        TreePath file = TreePath.of(path);
        boolean follow = follows(options);
        if (type == BasicFileAttributes.class) {
            return type.cast(file.getFileSystem().basic(file, follow));
        }
        if (type == PosixFileAttributes.class) {
            return type.cast(file.getFileSystem().posix(file, follow));
        }
        throw new UnsupportedOperationException("A share has no attributes of type " + type.getName());
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        TreePath file = TreePath.of(path);
        return file.getFileSystem().attributes(file, attributes, follows(options));
    }

    @Override
    public void setAttribute(Path path, String attribute, @Nullable Object value, LinkOption... options)
            throws IOException {
        new TreeView("unix", TreePath.of(path), follows(options)).set(attribute, value);
    }
}
