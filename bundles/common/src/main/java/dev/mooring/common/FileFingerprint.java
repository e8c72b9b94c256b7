package dev.mooring.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a file that change when it is written or replaced. A second change within the resolution of the file system's clock may not
 * change them.
 *
 * @param changed the time of the last change of any kind (ctime, inode(7)), which nobody can set; that of the last modification if the file system has no such time
 * @param size the size in bytes
 * @param key the {@linkplain BasicFileAttributes#fileKey() identity} of the file; {@code null} if the file system has none
 */
public record FileFingerprint(
        FileTime changed, long size, @Nullable Object key) {

    /**
     * The fingerprint of a file.
     *
     * @param file the file; links are followed
     * @param attributes its attributes
     * @return its fingerprint
     * @throws IOException if its attributes cannot be read
     */
    public static FileFingerprint of(Path file, BasicFileAttributes attributes) throws IOException {
        boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        FileTime changed = unix ? (FileTime) Files.getAttribute(file, "unix:ctime") : attributes.lastModifiedTime();
        return new FileFingerprint(changed, attributes.size(), attributes.fileKey());
    }

    /** Written by hand, because the JDK generates the equals method of a record at its first call, which takes 10 to 25 ms during a start. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileFingerprint that
                && size == that.size
                && changed.equals(that.changed)
                && Objects.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return changed.hashCode();
    }
}
