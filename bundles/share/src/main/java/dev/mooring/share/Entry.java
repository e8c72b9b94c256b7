package dev.mooring.share;

import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What a path of a share led to at the moment it was looked at.
 *
 * @param path the path by which it was found
 * @param kind what it is, links followed
 * @param size its size in bytes, 0 unless it is a file
 * @param modified when its content last changed, as finely as the file system keeps it
 * @param key the identity of the file (device and inode), {@code null} where the file system has none
 */
public record Entry(
        SharePath path,
        Kind kind,
        long size,
        FileTime modified,
        @Nullable Object key) {

    /** What an entry is. */
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
     * @return the name, empty for the root
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
