package dev.mooring.share.internal;

import dev.mooring.share.Entry;
import dev.mooring.share.Entry.Kind;
import dev.mooring.share.OpenFile;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A share that cannot be left. A look-up descends from the root directory by directory, each held open, and follows no
 * link. Where it meets one, it asks for the real path, and if that is inside the root descends by its names instead: if
 * it meets a link again, somebody is swapping them, and it starts over. So the check of the real path is advice only, and
 * what is opened has been reached from the root without a link in any case.
 */
public final class ConfinedShare implements OwnedShare {

    private static final Logger LOG = System.getLogger(PID);

    /** How often to look again at what changes under our hands. */
    private static final int ATTEMPTS = 10;

    private static final LinkOption[] FOLLOW_LINKS = {};

    private final String name;
    private final Root root;
    private final boolean readOnly;
    private final HiddenNames hidden;

    /** What is wrong with the root, as last logged. */
    private final AtomicReference<@Nullable String> trouble = new AtomicReference<>();

    private final AtomicBoolean toldOfUndecodableNames = new AtomicBoolean();

    /**
     * Makes a share; see {@link dev.mooring.share.Shares#open}.
     *
     * @param name its name
     * @param root a path or URI
     * @param readOnly whether clients may only read
     * @param hidden globs
     * @throws IllegalArgumentException if one of them is malformed
     */
    public ConfinedShare(String name, String root, boolean readOnly, Collection<String> hidden) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("A share has no name; give it one");
        }
        try {
            this.name = name;
            this.root = new Root(root);
            this.readOnly = readOnly;
            this.hidden = new HiddenNames(hidden);
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
    public Entry entry(SharePath path) throws IOException {
        return at(path, (parent, name) -> entry(path, parent.attributes(name)));
    }

    @Override
    public boolean isCurrent(Entry entry) {
        Object key = entry.key();
        if (key == null) {
            return false;
        }
        try {
            BasicFileAttributes now = Files.readAttributes(path(entry.path()), BasicFileAttributes.class, FOLLOW_LINKS);
            return key.equals(now.fileKey())
                    && entry.kind() == kind(now)
                    && entry.size() == size(now)
                    && entry.modified().equals(now.lastModifiedTime());
        } catch (IOException | InvalidPathException | ClosedFileSystemException e) {
            return false;
        }
    }

    @Override
    public List<Entry> list(SharePath directory) throws IOException {
        return at(directory, (parent, name) -> {
            try (Directory open = parent.directory(name)) {
                return list(directory, open);
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        });
    }

    private List<Entry> list(SharePath directory, Directory open) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path path : open.paths()) {
            Path name = path.getFileName();
            if (!isDecodable(name, directory) || hidden.contains(name.toString())) {
                continue;
            }
            SharePath child = directory.resolve(name.toString());
            try {
                BasicFileAttributes attributes = open.look(name);
                entries.add(attributes.isSymbolicLink() ? entry(child) : entry(child, attributes));
            } catch (FileSystemException e) {
                LOG.log(Level.DEBUG, () -> "Share '" + this.name + "': " + child + " is not listed", e);
            }
        }
        return entries;
    }

    private boolean isDecodable(Path name, SharePath directory) {
        boolean decodable = isDecodable(name);
        if (!decodable && toldOfUndecodableNames.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "Share '" + this.name + "': " + directory + " contains names that are not in "
                            + System.getProperty("sun.jnu.encoding")
                            + ", which are not served; rename them, or start java with LC_ALL=C.UTF-8");
        }
        return decodable;
    }

    /** Whether a name can be asked for: one that is not in the encoding of the JVM reads as something else. */
    private static boolean isDecodable(Path name) {
        String text = name.toString();
        try {
            return text.indexOf('\uFFFD') < 0
                    || name.equals(name.getFileSystem().getPath(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    @Override
    public OpenFile open(SharePath path) throws IOException {
        return at(path, (parent, name) -> open(path, parent, name));
    }

    private static OpenFile open(SharePath path, Directory parent, Path name) throws IOException {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            BasicFileAttributes before = parent.attributes(name);
            if (!before.isRegularFile()) {
                throw new NoSuchFileException(path.toString());
            }
            SeekableByteChannel channel = parent.read(name);
            boolean kept = false;
            try {
                BasicFileAttributes after = parent.attributes(name);
                // A file that is being written to has no settled size: in the end its identity has to do.
                kept = isSame(before, after) && (isUnchanged(before, after) || attempt == ATTEMPTS);
                if (kept) {
                    return new OpenFile(entry(path, after), channel);
                }
            } finally {
                if (!kept) {
                    channel.close();
                }
            }
        }
        throw new LinkException(name.toString(), null);
    }

    private static boolean isSame(BasicFileAttributes before, BasicFileAttributes after) {
        return after.isRegularFile() && Objects.equals(before.fileKey(), after.fileKey());
    }

    private static boolean isUnchanged(BasicFileAttributes before, BasicFileAttributes after) {
        return before.size() == after.size() && before.lastModifiedTime().equals(after.lastModifiedTime());
    }

    /** What to do with the last name of a path in the directory that it is in. */
    @FunctionalInterface
    private interface Visit<T> {
        T visit(Directory parent, Path name) throws IOException;
    }

    /** Visits what a path leads to, and says what goes wrong in terms of that path. */
    private <T> T at(SharePath path, Visit<T> visit) throws IOException {
        try {
            return search(path, visit);
        } catch (LinkException | NoSuchFileException | InvalidPathException e) {
            throw because(e, new NoSuchFileException(path.toString()));
        } catch (NotDirectoryException e) {
            throw because(e, new NotDirectoryException(path.toString()));
        } catch (AccessDeniedException e) {
            throw because(e, new AccessDeniedException(path.toString()));
        } catch (FileSystemException e) {
            throw because(e, new FileSystemException(path.toString(), null, e.getReason()));
        } catch (ClosedFileSystemException e) {
            throw new IOException("Share '" + name + "' of root " + root + " is closed", e);
        }
    }

    private <T> T search(SharePath path, Visit<T> visit) throws IOException {
        List<String> names = path.names();
        refuseHidden(names);
        for (int attempt = 1; ; attempt++) {
            try (Directory parent = descend(names)) {
                return visit.visit(parent, parent.name(names.isEmpty() ? "." : names.get(names.size() - 1)));
            } catch (AccessDeniedException | NotDirectoryException e) {
                throw e;
            } catch (NoSuchFileException e) {
                // Without a link it is not there. Where a link led a moment ago, it may lead elsewhere by now.
                if (attempt == 1 || attempt == ATTEMPTS) {
                    throw e;
                }
            } catch (FileSystemException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
            names = realNames(path);
        }
    }

    private void refuseHidden(List<String> names) throws NoSuchFileException {
        for (String name : names) {
            if (hidden.contains(name)) {
                throw new NoSuchFileException(name);
            }
        }
    }

    /** Opens the directory that the last of the names is in. */
    private Directory descend(List<String> names) throws IOException {
        Directory directory = openRoot();
        for (int i = 0; i < names.size() - 1; i++) {
            try (Directory parent = directory) {
                directory = parent.directory(parent.name(names.get(i)));
            } catch (NotDirectoryException e) {
                throw because(e, new NoSuchFileException(names.get(i)));
            }
        }
        return directory;
    }

    private Directory openRoot() throws IOException {
        try {
            Directory directory = Directory.open(root.path());
            if (trouble.get() != null && trouble.getAndSet(null) != null) {
                LOG.log(Level.INFO, "Share '" + name + "': root " + root + " can be read now");
            }
            return directory;
        } catch (IOException e) {
            String message = "Share '" + name + "': " + root.explain(e);
            if (!message.equals(trouble.getAndSet(message))) {
                LOG.log(Level.ERROR, message);
            }
            throw new IOException(message, e);
        }
    }

    /** The names that lead to the same place without a link. No step on the way may be outside, or hidden. */
    private List<String> realNames(SharePath path) throws IOException {
        Path realRoot = root.path().toRealPath();
        Path real = realRoot;
        List<String> names = List.of();
        for (String name : path.names()) {
            try {
                real = real.resolve(name).toRealPath();
            } catch (FileSystemException e) {
                // Where a link leads that cannot be followed is nobody's business.
                throw because(e, new NoSuchFileException(name));
            }
            if (!real.startsWith(realRoot)) {
                throw new NoSuchFileException(name);
            }
            names = namesBelow(realRoot, real);
            refuseHidden(names);
        }
        return names;
    }

    private static List<String> namesBelow(Path realRoot, Path real) {
        if (real.equals(realRoot)) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        realRoot.relativize(real).forEach(name -> names.add(name.toString()));
        return names;
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

    private static <E extends Exception> E because(Throwable cause, E exception) {
        exception.initCause(cause);
        return exception;
    }

    @Override
    public void close() throws IOException {
        root.close();
    }

    @Override
    public String toString() {
        return "share '" + name + "' of " + root;
    }
}
