package dev.mooring.share.internal.lookup;

import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import dev.mooring.share.internal.directory.Directory;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Looks up paths from the root of a share. A look-up descends through open directories, one after the other, and follows no link. If it meets a link,
 * it determines the real path, and if that is inside the root, descends again by the real names. If it meets another link, the tree is being changed,
 * and it starts again. So the real path is only a hint: every opened file was reached from the root without following a link.
 */
public final class Tree {

    private static final Logger LOG = System.getLogger(Share.PID);

    /** The maximum number of attempts while the tree is being changed. */
    public static final int ATTEMPTS = 10;

    private final String name;
    private final Root root;
    private final HiddenNames hidden;

    /** The directory of the share that is the root of this tree. Its names precede those of every path. */
    private final SharePath home;

    /** The last logged problem of the root. */
    private final AtomicReference<@Nullable String> rootProblem;

    public Tree(String name, Root root, HiddenNames hidden) {
        this(name, root, hidden, SharePath.ROOT, new AtomicReference<>());
    }

    private Tree(
            String name, Root root, HiddenNames hidden, SharePath home, AtomicReference<@Nullable String> rootProblem) {
        this.name = name;
        this.root = root;
        this.hidden = hidden;
        this.home = home;
        this.rootProblem = rootProblem;
    }

    /** Makes a tree of a directory of this tree. Links that lead out of the directory are not followed. */
    public Tree subtree(SharePath directory) {
        return new Tree(name, root, hidden, directory, rootProblem);
    }

    public String name() {
        return name;
    }

    public boolean hides(String text) {
        return hidden.contains(text);
    }

    /** The path of this tree on its file system. It is not checked for links, and clients must not see it. */
    public Path path() throws IOException {
        return root.path().resolve(home.toString().substring(1));
    }

    public Root root() {
        return root;
    }

    /** An operation on the last name of a path in its directory. */
    @FunctionalInterface
    public interface Visit<T> {
        T visit(Directory parent, Path name) throws IOException;
    }

    /** Runs an operation at the target of a path. Exceptions have this path. */
    public <T> T at(SharePath path, Visit<T> visit) throws IOException {
        try {
            return search(path, true, names -> {
                try (Directory parent = descend(names.all())) {
                    return visit.visit(parent, parent.name(names.last()));
                }
            });
        } catch (FileSystemException | InvalidPathException | ClosedFileSystemException e) {
            throw forClient(path, e);
        }
    }

    /**
     * Locates a path or its target. Exceptions have this path.
     *
     * @param follow whether to follow a link at the end; the target must exist then. Otherwise the last name may be a link or not exist
     */
    public Place locate(SharePath path, boolean follow) throws IOException {
        boolean target = follow || path.isRoot();
        try {
            return search(path, target, names -> {
                Directory parent = descend(names.all());
                try {
                    Path last = parent.name(names.last());
                    if (target) {
                        parent.attributesUnlessLink(last);
                    }
                    return new Place(path, names.real(), parent, last, true);
                } catch (IOException | RuntimeException e) {
                    parent.close();
                    throw e;
                }
            });
        } catch (FileSystemException | InvalidPathException | ClosedFileSystemException e) {
            throw forClient(path, e);
        }
    }

    /** An operation that may fail. */
    @FunctionalInterface
    public interface Step<T> {
        T take() throws IOException;
    }

    /** Runs an operation. Exceptions have the path of the client. */
    public <T> T attempt(SharePath path, Step<T> step) throws IOException {
        try {
            return step.take();
        } catch (FileSystemException
                | InvalidPathException
                | ClosedFileSystemException
                | ReadOnlyFileSystemException e) {
            throw forClient(path, e);
        }
    }

    private IOException forClient(SharePath path, Exception e) {
        return e instanceof ClosedFileSystemException
                ? new IOException("Share '" + name + "' of root " + root + " is closed", e)
                : ClientErrors.of(path.toString(), e);
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T with(Names names) throws IOException;
    }

    private <T> T search(SharePath path, boolean follow, Attempt<T> attempt) throws IOException {
        Names names = Names.of(home, path);
        checkNotHidden(names.all());
        for (int i = 1; ; i++) {
            try {
                return attempt.with(names);
            } catch (AccessDeniedException | NotDirectoryException e) {
                throw e;
            } catch (NoSuchFileException e) {
                // In the first attempt, without links, it does not exist. Later a link may have changed.
                if (i == 1 || i == ATTEMPTS) {
                    throw e;
                }
            } catch (FileSystemException e) {
                if (i == ATTEMPTS) {
                    throw e;
                }
            }
            names = follow ? realNames(path) : realNames(path.parent()).plus(path.name());
        }
    }

    private void checkNotHidden(List<String> names) throws NoSuchFileException {
        for (String name : names) {
            if (hidden.contains(name)) {
                throw new NoSuchFileException(name);
            }
        }
    }

    /** Opens the directory of the last name. */
    private Directory descend(List<String> names) throws IOException {
        Directory directory = openRoot();
        for (int i = 0; i < names.size() - 1; i++) {
            try (Directory parent = directory) {
                directory = parent.descend(parent.name(names.get(i)));
            } catch (NotDirectoryException e) {
                throw ClientErrors.because(e, new NoSuchFileException(names.get(i)));
            }
        }
        return directory;
    }

    private Directory openRoot() throws IOException {
        try {
            Directory directory = root.open();
            if (rootProblem.get() != null && rootProblem.getAndSet(null) != null) {
                LOG.log(Level.INFO, "Share '" + name + "': root " + root + " can be read now");
            }
            return directory;
        } catch (IOException e) {
            String message = "Share '" + name + "': " + root.explain(e);
            if (!message.equals(rootProblem.getAndSet(message))) {
                LOG.log(Level.ERROR, message);
            }
            throw new IOException(message, e);
        }
    }

    /** The names that lead to the same place without links. No step on the way may be outside the root or hidden. */
    private Names realNames(SharePath path) throws IOException {
        Path realRoot = root.path().toRealPath();
        Path realHome = follow(home, realRoot, realRoot);
        Path real = follow(path, realHome, realRoot);
        return new Names(namesBelow(realRoot, real), realHome.getNameCount() - realRoot.getNameCount());
    }

    private Path follow(SharePath path, Path limit, Path realRoot) throws IOException {
        Path real = limit;
        for (String name : path.names()) {
            try {
                real = real.resolve(name).toRealPath();
            } catch (FileSystemException e) {
                // The client must not see the target of a link that cannot be followed.
                throw ClientErrors.because(e, new NoSuchFileException(name));
            }
            if (!real.startsWith(limit)) {
                throw new NoSuchFileException(name);
            }
            checkNotHidden(namesBelow(realRoot, real));
        }
        return real;
    }

    private static List<String> namesBelow(Path realRoot, Path real) {
        if (real.equals(realRoot)) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        realRoot.relativize(real).forEach(name -> names.add(name.toString()));
        return names;
    }
}
