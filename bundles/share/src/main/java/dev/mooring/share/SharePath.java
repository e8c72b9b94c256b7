package dev.mooring.share;

import java.nio.file.InvalidPathException;
import java.util.List;

/**
 * A path from the root of a share. It consists of plain names and never has {@code ..}. Immutable.
 */
public final class SharePath {

    /** The root of a share. */
    public static final SharePath ROOT = new SharePath("/");

    /** Absolute, without a slash at the end, except for the root. */
    private final String text;

    private SharePath(String text) {
        this.text = text;
    }

    /**
     * Parses an untrusted path. Names are separated by {@code /}; empty names and {@code .} are ignored.
     *
     * @param untrusted the path, already decoded from the encoding of its protocol
     * @return the path
     * @throws InvalidPathException if a name is {@code ..} or contains NUL
     */
    public static SharePath of(String untrusted) {
        SharePath path = ROOT;
        for (String name : untrusted.split("/")) {
            if (!name.isEmpty() && !name.equals(".")) {
                path = path.resolve(name);
            }
        }
        return path;
    }

    /**
     * Appends a name.
     *
     * @param name one plain name
     * @return the longer path
     * @throws InvalidPathException if the name is empty, {@code .} or {@code ..}, or contains {@code /} or NUL
     */
    public SharePath resolve(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new InvalidPathException(name, "Not a name");
        }
        if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
            throw new InvalidPathException(name, "A name cannot contain '/' or NUL");
        }
        return new SharePath(isRoot() ? text + name : text + '/' + name);
    }

    /**
     * The names of this path.
     *
     * @return an immutable list; empty for the root
     */
    public List<String> names() {
        return isRoot() ? List.of() : List.of(text.substring(1).split("/"));
    }

    /**
     * The last name.
     *
     * @return the name; empty for the root
     */
    public String name() {
        return text.substring(text.lastIndexOf('/') + 1);
    }

    /**
     * Whether this is the root.
     *
     * @return {@code true} if it is
     */
    public boolean isRoot() {
        return text.length() == 1;
    }

    /**
     * The directory of this path.
     *
     * @return the path without its last name; for the root the root
     */
    public SharePath parent() {
        int slash = text.lastIndexOf('/');
        return slash == 0 ? ROOT : new SharePath(text.substring(0, slash));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SharePath path && text.equals(path.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The path as a client writes it: absolute, names separated by {@code /}. */
    @Override
    public String toString() {
        return text;
    }
}
