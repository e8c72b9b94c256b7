package dev.mooring.share.internal.filesystem;

import dev.mooring.share.SharePath;
import dev.mooring.share.internal.lookup.OpenedFile;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A path in a {@link TreeFileSystem}: names separated by slashes. It may contain {@code ..}, and need not exist. */
final class TreePath implements Path {

    private final TreeFileSystem fileSystem;

    /** Without empty names: no double slashes, and no slash at the end except for the root. */
    private final String text;

    /** The listing that this path comes from. While it is open, it saves the look-up from the root. */
    final @Nullable Listing listing;

    /** The open file that this path stands for, instead of the file with its name. */
    final @Nullable OpenedFile opened;

    private @Nullable List<String> names;

    private TreePath(TreeFileSystem fileSystem, String text, @Nullable Listing listing, @Nullable OpenedFile opened) {
        this.fileSystem = fileSystem;
        this.text = text;
        this.listing = listing;
        this.opened = opened;
    }

    static TreePath of(TreeFileSystem fileSystem, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text, "A path cannot contain NUL");
        }
        String clean = text;
        while (clean.contains("//")) {
            clean = clean.replace("//", "/");
        }
        boolean slashed = clean.length() > 1 && clean.endsWith("/");
        return new TreePath(fileSystem, slashed ? clean.substring(0, clean.length() - 1) : clean, null, null);
    }

    static TreePath listed(TreePath directory, String name, Listing listing) {
        return new TreePath(directory.fileSystem, directory.join(name), listing, null);
    }

    static TreePath of(TreePath file, OpenedFile opened) {
        return new TreePath(file.fileSystem, file.text, null, opened);
    }

    static TreePath of(Path path) {
        if (path instanceof TreePath own) {
            return own;
        }
        throw new ProviderMismatchException(
                "a path of another provider: " + path.getClass().getName());
    }

    private TreePath with(String other) {
        return new TreePath(fileSystem, other, null, null);
    }

    private TreePath with(List<String> parts, boolean absolute) {
        return with((absolute ? "/" : "") + String.join("/", parts));
    }

    private String join(String other) {
        return text.isEmpty() ? other : text.endsWith("/") ? text + other : text + '/' + other;
    }

    private List<String> names() {
        List<String> known = names;
        if (known == null) {
            known = isRoot() ? List.of() : Arrays.asList((isAbsolute() ? text.substring(1) : text).split("/", -1));
            names = known;
        }
        return known;
    }

    private boolean isRoot() {
        return text.equals("/");
    }

    /** This path as a path of the share, without {@code ..}. */
    SharePath toSharePath() {
        return SharePath.of(toAbsolutePath().normalize().toString());
    }

    @Override
    public TreeFileSystem getFileSystem() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return text.startsWith("/");
    }

    @Override
    public @Nullable TreePath getRoot() {
        return isAbsolute() ? with("/") : null;
    }

    @Override
    public @Nullable TreePath getFileName() {
        return isRoot() ? null : with(text.substring(text.lastIndexOf('/') + 1));
    }

    @Override
    public @Nullable TreePath getParent() {
        int slash = text.lastIndexOf('/');
        if (slash < 0 || isRoot()) {
            return null;
        }
        return with(text.substring(0, Math.max(slash, 1)));
    }

    @Override
    public int getNameCount() {
        return names().size();
    }

    @Override
    public TreePath getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public TreePath subpath(int begin, int end) {
        if (begin < 0 || end > names().size() || begin >= end) {
            throw new IllegalArgumentException(text + " has no names " + begin + " to " + end);
        }
        return with(names().subList(begin, end), false);
    }

    @Override
    public boolean startsWith(Path other) {
        return isComparable(other)
                && other.getNameCount() <= getNameCount()
                && names().subList(0, other.getNameCount()).equals(((TreePath) other).names())
                && (!other.toString().isEmpty() || text.isEmpty());
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof TreePath path) || path.fileSystem != fileSystem || path.text.isEmpty()) {
            return equals(other);
        }
        int from = getNameCount() - path.getNameCount();
        return path.isAbsolute()
                ? equals(path)
                : from >= 0 && names().subList(from, getNameCount()).equals(path.names());
    }

    private boolean isComparable(Path other) {
        return other instanceof TreePath path && path.fileSystem == fileSystem && path.isAbsolute() == isAbsolute();
    }

    @Override
    public TreePath normalize() {
        if (!text.contains(".")) {
            return this;
        }
        List<String> kept = new ArrayList<>();
        for (String name : names()) {
            boolean up = name.equals("..");
            int last = kept.size() - 1;
            if (up && last >= 0 && !kept.get(last).equals("..")) {
                kept.remove(last);
            } else if (up ? !isAbsolute() : !name.equals(".")) {
                kept.add(name);
            }
        }
        return kept.size() == getNameCount() ? this : with(kept, isAbsolute());
    }

    @Override
    public TreePath resolve(Path other) {
        TreePath path = of(other);
        if (path.isAbsolute()) {
            return path;
        }
        return path.text.isEmpty() ? this : with(join(path.text));
    }

    @Override
    public TreePath resolve(String other) {
        return resolve(fileSystem.getPath(other));
    }

    @Override
    public TreePath relativize(Path other) {
        TreePath path = of(other);
        if (path.isAbsolute() != isAbsolute()) {
            throw new IllegalArgumentException("One of " + this + " and " + other + " is absolute, the other is not");
        }
        if (text.isEmpty() || equals(path)) {
            return text.isEmpty() ? path : with("");
        }
        List<String> mine = names();
        List<String> theirs = path.text.isEmpty() ? List.of() : path.names();
        int same = 0;
        while (same < mine.size() && same < theirs.size() && mine.get(same).equals(theirs.get(same))) {
            same++;
        }
        List<String> way = new ArrayList<>(Collections.nCopies(mine.size() - same, ".."));
        way.addAll(theirs.subList(same, theirs.size()));
        return with(way, false);
    }

    @Override
    public URI toUri() {
        try {
            return new URI(TreeProvider.SCHEME, null, toAbsolutePath().text, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public TreePath toAbsolutePath() {
        return isAbsolute() ? this : with(text.isEmpty() ? "/" : '/' + text);
    }

    @Override
    public TreePath toRealPath(LinkOption... options) throws IOException {
        return fileSystem.real(this, TreeProvider.follows(options));
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("A share cannot be watched");
    }

    @Override
    public int compareTo(Path other) {
        return text.compareTo(((TreePath) other).text);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TreePath path && path.fileSystem == fileSystem && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
