package dev.mooring.share.internal.upload;

import static dev.mooring.share.internal.lookup.HiddenNames.UPLOAD_PREFIX;

import dev.mooring.common.ClientText;
import dev.mooring.share.internal.directory.Directory;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The names of uploads in progress. A name identifies the process that writes the file, so that the files of a killed process are removed when their
 * directory is listed or removed. If the process is unknown, because it ran in another container or before the system was started, the file is
 * removed a day after its last change. Files with names of another form are never removed. Searching for such files at the start would read the whole tree.
 */
public final class TemporaryFiles {

    private static final Logger LOG = System.getLogger(dev.mooring.share.Share.PID);
    private static final Duration ABANDONED_AFTER = Duration.ofDays(1);

    /** The names of this process. */
    private static final Set<String> IN_PROGRESS = ConcurrentHashMap.newKeySet();

    private TemporaryFiles() {}

    /** Makes a new name. The caller calls {@link #release}. */
    static String name() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String name = UPLOAD_PREFIX
                + UploadProcess.SELF.prefix()
                + Long.toString(random.nextLong() >>> 1, 36)
                + Long.toString(random.nextInt() >>> 1, 36);
        IN_PROGRESS.add(name);
        return name;
    }

    static void release(String name) {
        IN_PROGRESS.remove(name);
    }

    /** Removes a file if its name is a temporary one and the upload was abandoned. */
    public static void removeAbandoned(Directory directory, Path name) {
        String text = name.toString();
        if (!text.startsWith(UPLOAD_PREFIX) || IN_PROGRESS.contains(text)) {
            return;
        }
        UploadProcess writer = UploadProcess.of(text.substring(UPLOAD_PREFIX.length()));
        if (writer == null) {
            return;
        }
        try {
            BasicFileAttributes attributes = directory.readAttributes(name);
            if (attributes.isRegularFile() && isAbandoned(directory, name, attributes, writer)) {
                directory.deleteFile(name);
                LOG.log(Level.INFO, "Removed an abandoned upload, last modified {0}", attributes.lastModifiedTime());
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Removing an abandoned upload failed", ClientText.trace(e));
        }
    }

    /** Whether the process that wrote a file has ended. If that is not known, the age decides: not that of the modification, which a client may set. */
    private static boolean isAbandoned(
            Directory directory, Path name, BasicFileAttributes attributes, UploadProcess writer) throws IOException {
        FileTime touched = attributes.lastModifiedTime();
        if (directory.fileSystem() == FileSystems.getDefault()) {
            Map<String, Object> unix = directory.attributes(name, "unix:uid,ctime");
            Boolean ended = writer.hasEnded((Integer) unix.get("uid"));
            if (ended != null) {
                return ended;
            }
            touched = (FileTime) unix.get("ctime");
        }
        return touched.toInstant().isBefore(Instant.now().minus(ABANDONED_AFTER));
    }

    public static void removeAbandoned(Directory directory) throws IOException {
        try {
            directory.paths().forEach(path -> removeAbandoned(directory, path.getFileName()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
