package dev.mooring.share.internal;

import dev.mooring.share.ClientText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The names of uploads on their way. A name says which process writes the file, so that what a killed process has left is
 * removed when its directory is listed or removed. What a process left that cannot be looked for, since it was in another
 * container, or before the system was started, goes a day after its last change. To look for them at the start would be to walk
 * through everything.
 */
final class Temporary {

    /** What such names begin with, and no other name that is served. */
    static final String PREFIX = ".mooring-";

    private static final Logger LOG = System.getLogger(dev.mooring.share.Share.PID);
    private static final Duration PATIENCE = Duration.ofDays(1);

    /** Those of this process. */
    private static final Set<String> LIVE = ConcurrentHashMap.newKeySet();

    private Temporary() {}

    /** A new name, to be released. */
    static String name() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String name = PREFIX
                + Writer.SELF.prefix()
                + Long.toString(random.nextLong() >>> 1, 36)
                + Long.toString(random.nextInt() >>> 1, 36);
        LIVE.add(name);
        return name;
    }

    static void release(String name) {
        LIVE.remove(name);
    }

    /** Removes what a name stands for, if it is a temporary one and was left behind. */
    static void clear(Directory directory, Path name) {
        String text = name.toString();
        if (!text.startsWith(PREFIX) || LIVE.contains(text)) {
            return;
        }
        try {
            BasicFileAttributes attributes = directory.look(name);
            Instant touched = attributes.lastModifiedTime().toInstant();
            if (attributes.isRegularFile()
                    && (touched.isBefore(Instant.now().minus(PATIENCE)) || isOfDead(directory, name))) {
                directory.deleteFile(name);
                LOG.log(Level.INFO, "Removed an abandoned upload, last modified {0}", touched);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "An upload that was given up is still there", ClientText.trace(e));
        }
    }

    /** Whether the process that wrote a file has ended, for certain. */
    private static boolean isOfDead(Directory directory, Path name) throws IOException {
        Writer writer = Writer.of(name.toString().substring(PREFIX.length()));
        return writer != null
                && directory.fileSystem() == FileSystems.getDefault()
                && writer.isDead(
                        (Integer) directory.attributes(name, "unix:uid").get("uid"));
    }

    static void clear(Directory directory) throws IOException {
        try {
            directory.paths().forEach(path -> clear(directory, path.getFileName()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
