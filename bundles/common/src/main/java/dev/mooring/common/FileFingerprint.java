package dev.mooring.common;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a file that change when it is written or replaced. A second change within the resolution of the file system's clock may not
 * change them.
 *
 * @param modified the time of the last modification
 * @param size the size in bytes
 * @param key the {@linkplain BasicFileAttributes#fileKey() identity} of the file; {@code null} if the file system has none
 */
public record FileFingerprint(
        FileTime modified, long size, @Nullable Object key) {

    /**
     * The fingerprint of a file.
     *
     * @param attributes the attributes of the file
     * @return its fingerprint
     */
    public static FileFingerprint of(BasicFileAttributes attributes) {
        return new FileFingerprint(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }

    /** Written by hand, because the JDK generates the equals method of a record at its first call, which takes 10 to 25 ms during a start. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileFingerprint that
                && size == that.size
                && modified.equals(that.modified)
                && Objects.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return modified.hashCode();
    }
}
