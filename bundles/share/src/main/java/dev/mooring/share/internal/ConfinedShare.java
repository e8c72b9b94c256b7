package dev.mooring.share.internal;

import dev.mooring.common.ClientText;
import dev.mooring.share.Entry;
import dev.mooring.share.Entry.Kind;
import dev.mooring.share.OpenFile;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import dev.mooring.share.internal.directory.Directory;
import dev.mooring.share.internal.directory.LinkException;
import dev.mooring.share.internal.filesystem.TreeFileSystem;
import dev.mooring.share.internal.lookup.HiddenNames;
import dev.mooring.share.internal.lookup.LocalFileSystems;
import dev.mooring.share.internal.lookup.Root;
import dev.mooring.share.internal.lookup.Tree;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A share that gives no access outside its root. */
public final class ConfinedShare implements OwnedShare {

    private static final Logger LOG = System.getLogger(PID);

    /** What an entry has, in one system call. */
    private static final String UNIX = "unix:fileKey,isRegularFile,isDirectory,size,lastModifiedTime,ctime";

    private final String name;
    private final Root root;
    private final boolean readOnly;
    private final Tree tree;
    private final LocalFileSystems local = new LocalFileSystems();
    private final Set<Object> holders = new HashSet<>();
    private boolean closed;

    private final AtomicBoolean warnedOfUndecodableNames = new AtomicBoolean();

    /**
     * Makes a share; see {@link dev.mooring.share.Shares#open}.
     *
     * @param name the name
     * @param root a path or URI
     * @param readOnly whether clients may only read
     * @param hidden globs
     * @throws IllegalArgumentException if an argument is malformed
     */
    public ConfinedShare(String name, String root, boolean readOnly, Collection<String> hidden) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("A share has no name; give it one");
        }
        try {
            this.name = name;
            this.root = new Root(root);
            this.readOnly = readOnly;
            this.tree = new Tree(name, this.root, new HiddenNames(hidden));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("Share '" + name + "': " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public ShareFileSystem fileSystem(SharePath home, boolean readOnly) {
        return new TreeFileSystem(tree.subtree(home), readOnly || this.readOnly);
    }

    @Override
    public Entry entry(SharePath path) throws IOException {
        return tree.at(path, (parent, name) -> {
            BasicFileAttributes attributes = parent.attributesUnlessLink(name);
            Entry dated = dated(path, attributes.fileKey());
            return dated == null ? entry(path, attributes) : dated;
        });
    }

    @Override
    public boolean mayExist(SharePath path) {
        try {
            Path file = path(path);
            // Unlike Files.exists, File.exists makes no exception.
            return file.getFileSystem() != FileSystems.getDefault()
                    || file.toFile().exists();
        } catch (IOException | InvalidPathException | ClosedFileSystemException e) {
            return true; // the look-up reports it
        }
    }

    @Override
    public boolean isLocal(Entry entry) {
        return local.contain(entry.key(), () -> path(entry.path()));
    }

    @Override
    public boolean isCurrent(Entry entry) {
        Entry now = entry.changed() == null ? null : dated(entry.path(), entry.key());
        return now != null && now.kind() == entry.kind() && now.isSameContent(entry);
    }

    /**
     * The entry of a path with the time of its last change of any kind, which secure directory streams do not tell. This follows links, so the caller has found the
     * file without following one.
     *
     * @param key the identity of the file
     * @return {@code null} if the path leads elsewhere by now, or if the file system has no such time
     */
    private @Nullable Entry dated(SharePath path, @Nullable Object key) {
        try {
            Path file = path(path);
            if (key == null
                    || !file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
                return null;
            }
            Map<String, Object> now = Files.readAttributes(file, UNIX);
            boolean regular = (Boolean) now.get("isRegularFile");
            return key.equals(now.get("fileKey"))
                    ? new Entry(
                            path,
                            regular ? Kind.FILE : (Boolean) now.get("isDirectory") ? Kind.DIRECTORY : Kind.OTHER,
                            regular ? (Long) now.get("size") : 0,
                            (FileTime) now.get("lastModifiedTime"),
                            key,
                            (FileTime) now.get("ctime"))
                    : null;
        } catch (IOException | InvalidPathException | ClosedFileSystemException e) {
            return null;
        }
    }

    @Override
    public List<Entry> list(SharePath directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        list(directory, entries::add);
        return entries;
    }

    @Override
    public void list(SharePath directory, EntryVisitor visitor) throws IOException {
        Directory open = tree.at(directory, (parent, name) -> parent.openDirectory(name));
        try (open) {
            tree.attempt(directory, () -> {
                try {
                    list(directory, open, visitor);
                } catch (DirectoryIteratorException e) {
                    throw e.getCause();
                }
                return directory;
            });
        }
    }

    private void list(SharePath directory, Directory open, EntryVisitor visitor) throws IOException {
        for (Path path : open.paths()) {
            Path name = path.getFileName();
            if (!isDecodable(name, directory) || tree.hides(name.toString())) {
                continue;
            }
            SharePath child = directory.resolve(name.toString());
            Entry entry;
            try {
                BasicFileAttributes attributes = open.readAttributes(name);
                entry = attributes.isSymbolicLink() ? entry(child) : entry(child, attributes);
            } catch (FileSystemException e) {
                LOG.log(
                        Level.DEBUG,
                        "Share '" + this.name + "': " + ClientText.of(child) + " is not listed",
                        ClientText.trace(e));
                continue;
            }
            visitor.visit(entry);
        }
    }

    private boolean isDecodable(Path name, SharePath directory) {
        boolean decodable = Directory.isDecodable(name);
        if (!decodable && warnedOfUndecodableNames.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "Share '" + this.name + "': " + ClientText.of(directory) + " contains names that are not in "
                            + System.getProperty("sun.jnu.encoding")
                            + ", which are not served; rename them, or start java with LC_ALL=C.UTF-8");
        }
        return decodable;
    }

    @Override
    public OpenFile open(SharePath path) throws IOException {
        return tree.at(path, (parent, name) -> open(path, parent, name));
    }

    private OpenFile open(SharePath path, Directory parent, Path name) throws IOException {
        for (int attempt = 1; attempt <= Tree.ATTEMPTS; attempt++) {
            BasicFileAttributes before = parent.attributesUnlessLink(name);
            if (!before.isRegularFile()) {
                throw new NoSuchFileException(path.toString());
            }
            SeekableByteChannel channel = parent.read(name);
            boolean kept = false;
            try {
                Entry dated = dated(path, before.fileKey());
                Entry after = dated == null ? entry(path, parent.attributesUnlessLink(name)) : dated;
                // The size of a file that is written to keeps changing, so in the end the identity must be enough.
                kept = after.kind() == Kind.FILE
                        && Objects.equals(before.fileKey(), after.key())
                        && (isUnchanged(before, after) || attempt == Tree.ATTEMPTS);
                if (kept) {
                    return new OpenFile(after, channel);
                }
            } finally {
                if (!kept) {
                    channel.close();
                }
            }
        }
        throw new LinkException(name.toString(), null);
    }

    private static boolean isUnchanged(BasicFileAttributes before, Entry after) {
        return before.size() == after.size() && before.lastModifiedTime().equals(after.modified());
    }

    private Path path(SharePath path) throws IOException {
        return root.path().resolve(path.toString().substring(1));
    }

    private static Entry entry(SharePath path, BasicFileAttributes attributes) {
        return new Entry(path, kind(attributes), size(attributes), attributes.lastModifiedTime(), attributes.fileKey());
    }

    private static Kind kind(BasicFileAttributes attributes) {
        return attributes.isRegularFile() ? Kind.FILE : attributes.isDirectory() ? Kind.DIRECTORY : Kind.OTHER;
    }

    private static long size(BasicFileAttributes attributes) {
        return attributes.isRegularFile() ? attributes.size() : 0;
    }

    @Override
    public void close() throws IOException {
        synchronized (holders) {
            closed = true;
            if (!holders.isEmpty()) {
                return;
            }
        }
        root.close();
    }

    @Override
    public Closeable hold() {
        Object holder = new Object();
        synchronized (holders) {
            holders.add(holder);
        }
        return () -> {
            synchronized (holders) {
                if (!holders.remove(holder) || !closed || !holders.isEmpty()) {
                    return;
                }
            }
            root.close();
        };
    }

    @Override
    public String toString() {
        return "share '" + name + "' of " + root;
    }
}
