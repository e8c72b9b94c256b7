package dev.mooring.share.internal.filesystem;

import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.Upload;
import dev.mooring.share.internal.directory.Directory;
import dev.mooring.share.internal.directory.Handle;
import dev.mooring.share.internal.directory.NewMode;
import dev.mooring.share.internal.lookup.OpenedFile;
import dev.mooring.share.internal.lookup.Place;
import dev.mooring.share.internal.lookup.Tree;
import dev.mooring.share.internal.upload.TemporaryFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A tree as a file system. It does not use paths on disk: each operation looks up an open directory and works in it. */
public final class TreeFileSystem extends ShareFileSystem {

    private final Tree tree;
    private final boolean readOnly;
    private final UnixAttributes unixAttributes = new UnixAttributes();
    private volatile boolean closed;

    /** Makes a view of a tree. A view of a read-only root is always read-only. */
    public TreeFileSystem(Tree tree, boolean readOnly) {
        this.tree = tree;
        this.readOnly = readOnly || tree.root().isReadOnly();
    }

    /** An operation at a place. */
    @FunctionalInterface
    interface Action<T> {
        T at(Place place) throws IOException;
    }

    /** Locates a path; see {@link Tree#locate}. */
    Place locate(TreePath file, boolean follow) throws IOException {
        if (closed) {
            throw new ClosedFileSystemException();
        }
        if (file.opened != null) {
            return file.opened.place();
        }
        return tree.locate(file.toSharePath(), follow);
    }

    <T> T visit(TreePath file, boolean follow, Action<T> action) throws IOException {
        try (Place place = locate(file, follow)) {
            return attempt(file, () -> action.at(place));
        }
    }

    /** Runs an operation. Exceptions have the path of the client. */
    <T> T attempt(TreePath file, Tree.Step<T> step) throws IOException {
        return tree.attempt(file.toSharePath(), step);
    }

    /** Runs a read operation, in the open directory of a listing if the path comes from one. */
    <T> T read(TreePath file, boolean follow, Tree.Visit<T> visit) throws IOException {
        Listing listing = file.listing;
        if (listing != null && !closed) {
            String text = Objects.requireNonNull(file.getFileName()).toString();
            T seen = attempt(
                    file,
                    () -> listing.withDirectory(directory -> {
                        Path name = directory.name(text);
                        boolean elsewhere =
                                follow && directory.readAttributes(name).isSymbolicLink();
                        return elsewhere ? null : visit.visit(directory, name);
                    }));
            if (seen != null) {
                return seen;
            }
        }
        return visit(file, follow, place -> visit.visit(place.parent(), place.name()));
    }

    BasicFileAttributes basic(TreePath file, boolean follow) throws IOException {
        return read(file, follow, Directory::readAttributes);
    }

    PosixFileAttributes posix(TreePath file, boolean follow) throws IOException {
        return read(file, follow, (parent, name) -> posix(parent, name).readAttributes());
    }

    static PosixFileAttributeView posix(Directory parent, Path name) {
        PosixFileAttributeView view = parent.view(name, PosixFileAttributeView.class);
        if (view == null) {
            throw new UnsupportedOperationException("The root of this share has no owners and permissions");
        }
        return view;
    }

    Map<String, Object> attributes(TreePath file, String attributes, boolean follow) throws IOException {
        return read(
                file,
                follow,
                (parent, name) -> attributes.equals("unix:*")
                        ? unixAttributes.all(parent, name)
                        : parent.attributes(name, attributes));
    }

    TreePath real(TreePath file, boolean follow) throws IOException {
        return visit(file, follow, place -> {
            place.readAttributes();
            return getPath(place.real().toString());
        });
    }

    DirectoryStream<Path> list(TreePath path, DirectoryStream.Filter<? super Path> filter) throws IOException {
        return visit(path, true, place -> {
            Directory directory = place.parent().openDirectory(place.name());
            try {
                return new Listing(path, directory, filter);
            } catch (IOException e) {
                directory.close();
                throw e;
            }
        });
    }

    boolean hides(String name) {
        return tree.hides(name);
    }

    @Override
    public Upload upload(Path path, FileAttribute<?>... attributes) throws IOException {
        return Uploads.replace(tree, getPath(path.toString()), attributes);
    }

    @Override
    public Upload uploadNew(Path path, FileAttribute<?>... attributes) throws IOException {
        return Uploads.create(tree, getPath(path.toString()), attributes);
    }

    @Override
    public void resize(SeekableByteChannel channel, long size) throws IOException {
        if (size <= channel.size()) {
            channel.truncate(size);
        } else if (!(channel instanceof FileChannel file) || !extend(file, size)) {
            channel.position(size - 1).write(ByteBuffer.allocate(1));
        }
    }

    /** Extends a file without writing to it. Returns whether that was possible: this opens the file again, for reading too. */
    private static boolean extend(FileChannel channel, long size) throws IOException {
        try (Handle handle = Handle.of(channel);
                RandomAccessFile file = new RandomAccessFile(handle.path().toString(), "rw")) {
            file.setLength(size);
            return true;
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    @Override
    public Path opened(Path path, SeekableByteChannel channel) {
        TreePath file = getPath(path.toString());
        OpenedFile opened = OpenedFile.of(file.toSharePath(), this::underlying, channel);
        return opened == null ? path : TreePath.of(file, opened);
    }

    void createDirectory(TreePath directory, FileAttribute<?>... attributes) throws IOException {
        checkCreatable(directory);
        visit(directory, false, place -> {
            Path made = Files.createDirectory(place.accessPath(), NewMode.permissions(attributes));
            if ((NewMode.special(attributes) & NewMode.STICKY) != 0) {
                place.parent().addMode(place.name(), NewMode.STICKY);
            }
            return made;
        });
    }

    void delete(TreePath file) throws IOException {
        checkChangeable(file);
        visit(file, false, place -> {
            if (place.readAttributes().isDirectory()) {
                deleteDirectory(place);
            } else {
                place.parent().deleteFile(place.name());
            }
            return place;
        });
    }

    private static void deleteDirectory(Place place) throws IOException {
        try {
            place.parent().deleteDirectory(place.name());
        } catch (DirectoryNotEmptyException e) {
            try (Directory directory = place.parent().openDirectory(place.name())) {
                TemporaryFiles.removeAbandoned(directory);
            }
            place.parent().deleteDirectory(place.name());
        }
    }

    /** Checks that a file of this name may be created. */
    void checkCreatable(TreePath file) throws IOException {
        checkWritable(file);
        if (file.toSharePath().isRoot()) {
            throw new FileAlreadyExistsException("/");
        }
        checkNotHidden(file);
    }

    void checkNotHidden(TreePath file) throws AccessDeniedException {
        if (tree.hides(file.toSharePath().name())) {
            throw new AccessDeniedException(file.toString(), null, "names like this are not served");
        }
    }

    void checkChangeable(TreePath file) throws IOException {
        checkWritable(file);
        if (file.toSharePath().isRoot()) {
            throw new AccessDeniedException("/", null, "it is the root");
        }
    }

    void checkWritable(TreePath file) throws AccessDeniedException {
        if (readOnly) {
            throw new AccessDeniedException(file.toString(), null, "read-only");
        }
    }

    @Override
    public TreeProvider provider() {
        return TreeProvider.INSTANCE;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(getPath("/"));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of(new TreeStore(getPath("/")));
    }

    String shareName() {
        return tree.name();
    }

    /** The path of the root on its file system; see {@link Tree#path}. */
    Path rootPath() throws IOException {
        return tree.path();
    }

    FileSystem underlying() {
        try {
            return rootPath().getFileSystem();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        Set<String> views = new LinkedHashSet<>(List.of("basic", "posix", "owner", "unix"));
        views.retainAll(underlying().supportedFileAttributeViews());
        return views;
    }

    @Override
    public TreePath getPath(String first, String... more) {
        StringBuilder text = new StringBuilder(first);
        for (String each : more) {
            text.append(text.isEmpty() || each.isEmpty() ? "" : "/").append(each);
        }
        return TreePath.of(this, text.toString());
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(pattern);
        return path -> matcher.matches(Path.of(path.toString()));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        return underlying().getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("A share cannot be watched");
    }

    @Override
    public String toString() {
        return "file system of share '" + tree.name() + "'";
    }
}
