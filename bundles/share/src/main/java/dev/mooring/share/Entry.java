package dev.mooring.share;

import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of a file or directory of a share at the time of a look-up.
 *
 * @param path the path of the look-up
 * @param kind the kind, links followed
 * @param size the size in bytes; 0 unless it is a file
 * @param modified the time of the last change of the content, in the resolution of the file system; anybody who may write the file can set it to any time
 * @param key the identity of the file (device and inode); {@code null} if the file system has none
 * @param changed the time of the last change of the content, the times, the permissions or the number of links (ctime, inode(7)), which nobody can set; {@code null} if it
 *     is not known, as in a listing
 */
public record Entry(
        SharePath path,
        Kind kind,
        long size,
        FileTime modified,
        @Nullable Object key,
        @Nullable FileTime changed) {

    /**
     * Makes an entry for which the time of the last change of any kind is not known.
     *
     * @param path the path of the look-up
     * @param kind the kind
     * @param size the size in bytes
     * @param modified the time of the last change of the content
     * @param key the identity of the file, or {@code null}
     */
    public Entry(SharePath path, Kind kind, long size, FileTime modified, @Nullable Object key) {
        this(path, kind, size, modified, key, null);
    }

    /** The kind of an entry. */
    public enum Kind {
        /** A regular file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A device, socket or pipe, which is listed but cannot be opened. */
        OTHER
    }

    /**
     * The last name of the path.
     *
     * @return the name; empty for the root
     */
    public String name() {
        return path.name();
    }

    /**
     * Whether another entry is of the same file with the same content: size, times and identity are the same.
     *
     * @param other an entry, perhaps with another path
     * @return {@code true} if so
     */
    public boolean isSameContent(Entry other) {
        return size == other.size
                && modified.equals(other.modified)
                && Objects.equals(key, other.key)
                && Objects.equals(changed, other.changed);
    }

    /**
     * The time since which the content is the same, as far as that is known.
     *
     * @return the time of the last change of any kind, or else of the content
     */
    public FileTime since() {
        return changed != null ? changed : modified;
    }

    /**
     * Whether this is a directory.
     *
     * @return {@code true} if it is
     */
    public boolean isDirectory() {
        return kind == Kind.DIRECTORY;
    }
}
