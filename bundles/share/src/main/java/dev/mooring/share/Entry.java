package dev.mooring.share;

import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * The state of a file or directory of a share at the time of a look-up.
 *
 * @param path the path of the look-up
 * @param kind the kind, links followed
 * @param size the size in bytes; 0 unless it is a file
 * @param modified the time of the last change of the content, in the resolution of the file system
 * @param key the identity of the file (device and inode); {@code null} if the file system has none
 */
public record Entry(
        SharePath path,
        Kind kind,
        long size,
        FileTime modified,
        @Nullable Object key) {

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
     * Whether this is a directory.
     *
     * @return {@code true} if it is
     */
    public boolean isDirectory() {
        return kind == Kind.DIRECTORY;
    }
}
