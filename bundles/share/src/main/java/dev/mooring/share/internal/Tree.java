package dev.mooring.share.internal;

import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The way from the root of a share to what is in it. A look-up descends directory by directory, each held open, and
 * follows no link. Where it meets one, it asks for the real path, and if that is inside the root descends by its names
 * instead: if it meets a link again, somebody is swapping them, and it starts over. So the check of the real path is
 * advice only, and what is opened has been reached from the root without a link in any case.
 */
final class Tree {

    private static final Logger LOG = System.getLogger(Share.PID);

    /** How often to look again at what changes under our hands. */
    static final int ATTEMPTS = 10;

    /** What Linux says where nobody could do it, or only root. */
    private static final Set<String> DENIALS = Set.of("Operation not permitted", "Read-only file system");

    /** What Linux says where a name in front of another, or of a slash, is no directory. */
    private static final String NO_DIRECTORY = "Not a directory";

    private final String name;
    private final Root root;
    private final HiddenNames hidden;

    /** The directory of the share that this tree is; its names come before those of every path. */
    private final SharePath home;

    /** What is wrong with the root, as last logged. */
    private final AtomicReference<@Nullable String> trouble;

    Tree(String name, Root root, HiddenNames hidden) {
        this(name, root, hidden, SharePath.ROOT, new AtomicReference<>());
    }

    private Tree(
            String name, Root root, HiddenNames hidden, SharePath home, AtomicReference<@Nullable String> trouble) {
        this.name = name;
        this.root = root;
        this.hidden = hidden;
        this.home = home;
        this.trouble = trouble;
    }

    /** A directory of this tree as one of its own: links that lead out of it lead nowhere. */
    Tree below(SharePath directory) {
        return new Tree(name, root, hidden, directory, trouble);
    }

    String name() {
        return name;
    }

    boolean hides(String text) {
        return hidden.contains(text);
    }

    /** Where this tree is by its names; what is there is for nobody to know. */
    Path path() throws IOException {
        return root.path().resolve(home.toString().substring(1));
    }

    Root root() {
        return root;
    }

    /** What to do with the last name of a path in the directory that it is in. */
    @FunctionalInterface
    interface Visit<T> {
        T visit(Directory parent, Path name) throws IOException;
    }

    /** Visits what a path leads to, and says what goes wrong in terms of that path. */
    <T> T at(SharePath path, Visit<T> visit) throws IOException {
        try {
            return search(path, true, names -> {
                try (Directory parent = descend(names.all)) {
                    return visit.visit(parent, parent.name(names.last()));
                }
            });
        } catch (FileSystemException | InvalidPathException | ClosedFileSystemException e) {
            throw explain(path, e);
        }
    }

    /** A name in an open directory, which was reached from the root without a link, and is closed with it if owned. */
    record Place(SharePath path, SharePath real, Directory parent, Path name, boolean owned) implements Closeable {

        /** Another name in that directory, which stays this place's. */
        Place lend(Path other) {
            return new Place(path, real, parent, other, false);
        }

        BasicFileAttributes look() throws IOException {
            return parent.look(name);
        }

        /** A path for calls that do not follow a link; see {@link Directory#reach}. */
        Path reach() throws IOException {
            return parent.reach(name);
        }

        @Override
        public void close() throws IOException {
            if (owned) {
                parent.close();
            }
        }
    }

    /**
     * Goes to a path, or to where it leads. What goes wrong on the way is told in terms of that path.
     *
     * @param follow whether to follow a link at the end, so that there has to be something; without, the last name may
     *     stand for anything or nothing
     */
    Place go(SharePath path, boolean follow) throws IOException {
        boolean target = follow || path.isRoot();
        try {
            return search(path, target, names -> {
                Directory parent = descend(names.all);
                try {
                    Path last = parent.name(names.last());
                    if (target) {
                        parent.attributes(last);
                    }
                    return new Place(path, names.real(), parent, last, true);
                } catch (IOException | RuntimeException e) {
                    parent.close();
                    throw e;
                }
            });
        } catch (FileSystemException | InvalidPathException | ClosedFileSystemException e) {
            throw explain(path, e);
        }
    }

    /** What went wrong, in terms of the path that the client gave: names that only we know are not told. */
    IOException explain(SharePath path, Exception e) {
        String file = path.toString();
        if (e instanceof LinkException || e instanceof NoSuchFileException || e instanceof InvalidPathException) {
            return because(e, new NoSuchFileException(file));
        }
        if (e instanceof NotDirectoryException) {
            return because(e, new NotDirectoryException(file));
        }
        if (e instanceof FileAlreadyExistsException) {
            return because(e, new FileAlreadyExistsException(file));
        }
        if (e instanceof DirectoryNotEmptyException) {
            return because(e, new DirectoryNotEmptyException(file));
        }
        if (e instanceof NotLinkException) {
            return because(e, new NotLinkException(file, null, "is no symbolic link"));
        }
        if (e instanceof AtomicMoveNotSupportedException) {
            return because(e, new AtomicMoveNotSupportedException(file, null, "is on another file system"));
        }
        if (e instanceof ReadOnlyFileSystemException) {
            return because(e, new AccessDeniedException(file, null, "read-only file system"));
        }
        if (e instanceof FileSystemException failed) {
            String reason = failed.getReason();
            if (NO_DIRECTORY.equals(reason)) {
                return because(e, new NotDirectoryException(file));
            }
            boolean denied = e instanceof AccessDeniedException || reason != null && DENIALS.contains(reason);
            return because(
                    e,
                    denied
                            ? new AccessDeniedException(file, null, reason)
                            : new FileSystemException(file, null, reason));
        }
        if (e instanceof ClosedFileSystemException) {
            return new IOException("Share '" + name + "' of root " + root + " is closed", e);
        }
        if (e instanceof RuntimeException bug) {
            throw bug;
        }
        return (IOException) e;
    }

    /** The names that lead somewhere, from the root of the share, and how many of them lead to the home. */
    private record Names(List<String> all, int home) {

        String last() {
            return all.isEmpty() ? "." : all.get(all.size() - 1);
        }

        SharePath real() {
            SharePath path = SharePath.ROOT;
            for (String name : all.subList(home, all.size())) {
                path = path.resolve(name);
            }
            return path;
        }

        Names plus(String name) {
            return new Names(concat(all, List.of(name)), home);
        }
    }

    private static List<String> concat(List<String> first, List<String> second) {
        if (first.isEmpty()) {
            return second;
        }
        List<String> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T with(Names names) throws IOException;
    }

    private <T> T search(SharePath path, boolean follow, Attempt<T> attempt) throws IOException {
        List<String> homeNames = home.names();
        Names names = new Names(concat(homeNames, path.names()), homeNames.size());
        refuseHidden(names.all);
        for (int i = 1; ; i++) {
            try {
                return attempt.with(names);
            } catch (AccessDeniedException | NotDirectoryException e) {
                throw e;
            } catch (NoSuchFileException e) {
                // Without a link it is not there. Where a link led a moment ago, it may lead elsewhere by now.
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
                // Where a link leads that cannot be followed is nobody's business.
                throw because(e, new NoSuchFileException(name));
            }
            if (!real.startsWith(limit)) {
                throw new NoSuchFileException(name);
            }
            refuseHidden(namesBelow(realRoot, real));
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

    private static <E extends Exception> E because(Throwable cause, E exception) {
        exception.initCause(cause);
        return exception;
    }
}
