package dev.mooring.share.internal.filesystem;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import dev.mooring.share.Upload;
import dev.mooring.share.internal.directory.Directory;
import dev.mooring.share.internal.directory.NewMode;
import dev.mooring.share.internal.lookup.OpenedFile;
import dev.mooring.share.internal.lookup.Place;
import dev.mooring.share.internal.lookup.Tree;
import dev.mooring.share.internal.upload.Temporary;
import dev.mooring.share.internal.upload.WholeUpload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A tree as a file system. It does not use paths on disk: each operation looks up an open directory and works in it. */
public final class TreeFileSystem extends ShareFileSystem {

    /** All attributes of {@code unix:*} except the names of owner and group, which are cached. */
    private static final String UNIX = "unix:mode,ino,dev,rdev,nlink,uid,gid,ctime,permissions,size,lastModifiedTime,"
            + "lastAccessTime,creationTime,isDirectory,isRegularFile,isSymbolicLink,isOther,fileKey";

    private static final Set<OpenOption> OPTIONS = Set.of(StandardOpenOption.values());

    private final Tree tree;
    private final boolean readOnly;
    private final Map<Object, UserPrincipal> users = new ConcurrentHashMap<>();
    private final Map<Object, GroupPrincipal> groups = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public TreeFileSystem(Tree tree, boolean readOnly) {
        this.tree = tree;
        this.readOnly = readOnly || tree.root().isReadOnly();
    }

    /** An operation at a place. */
    @FunctionalInterface
    interface Action<T> {
        T at(Place place) throws IOException;
    }

    /** Goes to a path; see {@link Tree#go}. */
    Place go(TreePath file, boolean follow) throws IOException {
        if (closed) {
            throw new ClosedFileSystemException();
        }
        if (file.opened != null) {
            return file.opened.place();
        }
        return tree.go(file.toSharePath(), follow);
    }

    <T> T visit(TreePath file, boolean follow, Action<T> action) throws IOException {
        try (Place place = go(file, follow)) {
            return attempt(file, () -> action.at(place));
        }
    }

    /** Runs an operation. Exceptions have the path of the client. */
    <T> T attempt(TreePath file, Tree.Step<T> step) throws IOException {
        return tree.attempt(file.toSharePath(), step);
    }

    /** Runs a read operation, in the open directory of a listing if the path comes from one. */
    private <T> T look(TreePath file, boolean follow, Tree.Visit<T> visit) throws IOException {
        Listing listing = file.listing;
        if (listing != null && !closed) {
            String text = Objects.requireNonNull(file.getFileName()).toString();
            T seen = attempt(
                    file,
                    () -> listing.ask(directory -> {
                        Path name = directory.name(text);
                        boolean elsewhere = follow && directory.look(name).isSymbolicLink();
                        return elsewhere ? null : visit.visit(directory, name);
                    }));
            if (seen != null) {
                return seen;
            }
        }
        return visit(file, follow, place -> visit.visit(place.parent(), place.name()));
    }

    BasicFileAttributes basic(TreePath file, boolean follow) throws IOException {
        return look(file, follow, Directory::look);
    }

    PosixFileAttributes posix(TreePath file, boolean follow) throws IOException {
        return look(file, follow, (parent, name) -> posix(parent, name).readAttributes());
    }

    static PosixFileAttributeView posix(Directory parent, Path name) {
        PosixFileAttributeView view = parent.view(name, PosixFileAttributeView.class);
        if (view == null) {
            throw new UnsupportedOperationException("The root of this share has no owners and permissions");
        }
        return view;
    }

    Map<String, Object> attributes(TreePath file, String attributes, boolean follow) throws IOException {
        return look(file, follow, (parent, name) -> {
            if (!attributes.equals("unix:*")) {
                return parent.attributes(name, attributes);
            }
            Map<String, Object> all = new HashMap<>(parent.attributes(name, UNIX));
            all.put("owner", principal(parent, name, "owner", all.get("uid"), users));
            all.put("group", principal(parent, name, "group", all.get("gid"), groups));
            return all;
        });
    }

    /** Finds an owner or group by its number. Cached, because the system reads files or queries the network for the name. */
    @SuppressWarnings("unchecked")
    private static <P extends UserPrincipal> P principal(
            Directory parent, Path name, String attribute, Object id, Map<Object, P> known) throws IOException {
        P principal = known.get(id);
        if (principal == null) {
            String number = attribute.equals("owner") ? "uid" : "gid";
            Map<String, Object> both = parent.attributes(name, "unix:" + attribute + ',' + number);
            principal = (P) both.get(attribute);
            known.put(both.get(number), principal);
        }
        return principal;
    }

    TreePath real(TreePath file, boolean follow) throws IOException {
        return visit(file, follow, place -> {
            place.look();
            return getPath(place.real().toString());
        });
    }

    void checkAccess(TreePath file, Set<AccessMode> modes) throws IOException {
        if (modes.contains(AccessMode.WRITE)) {
            refuseIfReadOnly(file);
        }
        visit(file, true, place -> {
            BasicFileAttributes attributes = place.look();
            if (attributes.isDirectory() && !modes.isEmpty()) {
                try (Directory directory = place.parent().enter(place.name())) {
                    Path path = directory.reach(directory.name("."));
                    path.getFileSystem().provider().checkAccess(path, modes.toArray(AccessMode[]::new));
                }
            } else if (attributes.isRegularFile()) {
                tryToOpen(place, modes);
            }
            return place;
        });
    }

    private static void tryToOpen(Place place, Set<AccessMode> modes) throws IOException {
        if (modes.contains(AccessMode.READ)) {
            place.parent().read(place.name()).close();
        }
        if (modes.contains(AccessMode.WRITE)) {
            place.parent().open(place.name(), Set.of(WRITE, NOFOLLOW_LINKS)).close();
        }
        if (modes.contains(AccessMode.EXECUTE)) {
            Set<PosixFilePermission> permissions =
                    posix(place.parent(), place.name()).readAttributes().permissions();
            if (permissions.stream().noneMatch(each -> each.name().endsWith("_EXECUTE"))) {
                throw new AccessDeniedException(place.path().toString(), null, "not executable");
            }
        }
    }

    DirectoryStream<Path> list(TreePath path, DirectoryStream.Filter<? super Path> filter) throws IOException {
        return visit(path, true, place -> {
            Directory directory = place.parent().directory(place.name());
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

    SeekableByteChannel open(TreePath file, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Set<OpenOption> wanted = new HashSet<>(options);
        boolean follow = !wanted.remove(NOFOLLOW_LINKS);
        if (!OPTIONS.containsAll(wanted) || wanted.contains(DELETE_ON_CLOSE)) {
            throw new UnsupportedOperationException("A file of a share cannot be opened with " + options);
        }
        wanted.add(NOFOLLOW_LINKS);
        boolean write = wanted.contains(WRITE) || wanted.contains(APPEND);
        boolean createNew = wanted.remove(CREATE_NEW) && write;
        boolean create = wanted.remove(CREATE) && write || createNew;
        if (write) {
            refuseIfReadOnly(file);
        }
        for (int attempt = 1; create; attempt++) {
            refuseHidden(file);
            try {
                return visit(file, false, place -> {
                    Set<OpenOption> fresh = new HashSet<>(wanted);
                    fresh.add(CREATE_NEW);
                    return place.parent().create(place.name(), fresh, attributes);
                });
            } catch (FileAlreadyExistsException e) {
                if (createNew) {
                    throw e;
                }
            }
            try {
                return openExisting(file, follow, wanted);
            } catch (NoSuchFileException e) {
                if (attempt == Tree.ATTEMPTS) {
                    throw e;
                }
            }
        }
        return openExisting(file, follow, wanted);
    }

    private SeekableByteChannel openExisting(TreePath file, boolean follow, Set<OpenOption> options)
            throws IOException {
        return visit(file, follow, place -> {
            requireFile(place);
            return place.parent().open(place.name(), options);
        });
    }

    private static void requireFile(Place place) throws IOException {
        BasicFileAttributes attributes = place.look();
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(
                    place.path().toString(), null, attributes.isDirectory() ? "Is a directory" : "Not a regular file");
        }
    }

    @Override
    public Upload upload(Path path, FileAttribute<?>... attributes) throws IOException {
        TreePath file = getPath(path.toString());
        refuseToMake(file);
        Place place = go(file, false);
        try {
            return attempt(file, () -> {
                Place target = place;
                boolean there = place.exists();
                if (there && place.look().isSymbolicLink()) {
                    target = go(file, true);
                    place.close();
                }
                try {
                    if (there) {
                        requireFile(target);
                        target.parent()
                                .open(target.name(), Set.of(WRITE, NOFOLLOW_LINKS))
                                .close();
                    }
                    return new WholeUpload(tree, target, there, false, opened -> TreePath.of(file, opened), attributes);
                } catch (IOException | RuntimeException e) {
                    target.close();
                    throw e;
                }
            });
        } catch (IOException | RuntimeException e) {
            place.close();
            throw e;
        }
    }

    @Override
    public Upload uploadNew(Path path, FileAttribute<?>... attributes) throws IOException {
        TreePath file = getPath(path.toString());
        refuseToMake(file);
        Place place = go(file, false);
        try {
            return attempt(file, () -> {
                place.parent()
                        .create(place.name(), Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), attributes)
                        .close();
                return new WholeUpload(tree, place, true, true, opened -> TreePath.of(file, opened), attributes);
            });
        } catch (IOException | RuntimeException e) {
            place.close();
            throw e;
        }
    }

    @Override
    public Path opened(Path path, SeekableByteChannel channel) {
        TreePath file = getPath(path.toString());
        OpenedFile opened = OpenedFile.of(file.toSharePath(), below(), channel);
        return opened == null ? path : TreePath.of(file, opened);
    }

    void createDirectory(TreePath directory, FileAttribute<?>... attributes) throws IOException {
        refuseToMake(directory);
        visit(directory, false, place -> {
            Path made = Files.createDirectory(place.reach(), NewMode.permissions(attributes));
            if ((NewMode.special(attributes) & NewMode.STICKY) != 0) {
                place.parent().add(place.name(), NewMode.STICKY);
            }
            return made;
        });
    }

    void createSymbolicLink(TreePath link, TreePath target, FileAttribute<?>... attributes) throws IOException {
        refuseToMake(link);
        visit(link, false, place -> {
            Path kept = place.parent().fileSystem().getPath(target.toString());
            if (target.isAbsolute()) {
                kept = tree.path().resolve(target.normalize().toString().substring(1));
            } else if (climbsOut(place.real().parent(), target)) {
                throw new AccessDeniedException(link.toString(), null, "the target is outside");
            }
            return Files.createSymbolicLink(place.reach(), kept, attributes);
        });
    }

    TreePath readSymbolicLink(TreePath link) throws IOException {
        return visit(link, false, place -> {
            Path kept = Files.readSymbolicLink(place.reach());
            if (!Directory.isDecodable(kept)) {
                throw new FileSystemException(link.toString(), null, "its target is not in the encoding of the server");
            }
            if (kept.isAbsolute()) {
                for (Path root : List.of(tree.path(), tree.path().toRealPath())) {
                    if (kept.startsWith(root)) {
                        return getPath("/" + root.relativize(kept));
                    }
                }
            }
            TreePath target = getPath(kept.toString());
            if (kept.isAbsolute() || climbsOut(place.real().parent(), target)) {
                throw new AccessDeniedException(link.toString(), null, "it leads outside");
            }
            return target;
        });
    }

    /** Whether the text of a target leads above the root. The real target is checked when the link is followed. */
    private static boolean climbsOut(SharePath directory, TreePath target) {
        int depth = directory.names().size();
        for (Path name : target) {
            depth += name.toString().equals("..") ? -1 : name.toString().equals(".") ? 0 : 1;
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    void createLink(TreePath link, TreePath existing) throws IOException {
        refuseToMake(link);
        existing.getFileSystem().refuseIfReadOnly(existing);
        existing.getFileSystem().visit(existing, false, from -> {
            requireFile(from);
            Path source = from.reach();
            try (Place to = go(link, false)) {
                return Files.createLink(to.reach(), source);
            }
        });
    }

    void delete(TreePath file) throws IOException {
        refuseToChange(file);
        visit(file, false, place -> {
            if (place.look().isDirectory()) {
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
            try (Directory directory = place.parent().directory(place.name())) {
                Temporary.clear(directory);
            }
            place.parent().deleteDirectory(place.name());
        }
    }

    /** Checks that a file of this name may be created. */
    void refuseToMake(TreePath file) throws IOException {
        refuseIfReadOnly(file);
        if (file.toSharePath().isRoot()) {
            throw new FileAlreadyExistsException("/");
        }
        refuseHidden(file);
    }

    private void refuseHidden(TreePath file) throws AccessDeniedException {
        if (tree.hides(file.toSharePath().name())) {
            throw new AccessDeniedException(file.toString(), null, "names like this are not served");
        }
    }

    void refuseToChange(TreePath file) throws IOException {
        refuseIfReadOnly(file);
        if (file.toSharePath().isRoot()) {
            throw new AccessDeniedException("/", null, "it is the root");
        }
    }

    void refuseIfReadOnly(TreePath file) throws AccessDeniedException {
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

    FileSystem below() {
        try {
            return tree.path().getFileSystem();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        Set<String> views = new LinkedHashSet<>(List.of("basic", "posix", "owner", "unix"));
        views.retainAll(below().supportedFileAttributeViews());
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
        return below().getUserPrincipalLookupService();
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
