package dev.mooring.share.internal.lookup;

import dev.mooring.share.internal.lookup.Tree.Step;
import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells file systems of this machine from those of servers and other processes, such as NFS and FUSE, by their types in the list of mounts. Thread-safe.
 */
public final class LocalFileSystems {

    private static final Set<String> TYPES = Set.of(
            "bcachefs",
            "btrfs",
            "erofs",
            "exfat",
            "ext2",
            "ext3",
            "ext4",
            "f2fs",
            "iso9660",
            "jfs",
            "ntfs3",
            "overlay",
            "ramfs",
            "squashfs",
            "tmpfs",
            "udf",
            "vfat",
            "xfs",
            "zfs");

    /** A share may be above so many mounts. Of others nothing is remembered, and they do not count as local. */
    private static final int MOST = 256;

    /** By the beginning of the keys of their files: {@code (dev=1f,}. */
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();

    /**
     * Whether a file is on such a file system.
     *
     * @param key identifies the file; {@code null} if its file system has no inodes
     * @param path the path of the file
     */
    public boolean contain(@Nullable Object key, Step<Path> path) {
        if (key == null) {
            return false;
        }
        String text = key.toString();
        String device = text.substring(0, text.indexOf(',') + 1);
        Boolean local = known.get(device);
        if (local == null) {
            if (device.isEmpty() || known.size() >= MOST) {
                return false;
            }
            local = isLocal(path);
            known.put(device, local);
        }
        return local;
    }

    private static boolean isLocal(Step<Path> step) {
        try {
            Path path = step.take();
            return path.getFileSystem() == FileSystems.getDefault()
                    && TYPES.contains(Files.getFileStore(path).type());
        } catch (IOException | InvalidPathException | ClosedFileSystemException e) {
            return false;
        }
    }
}
