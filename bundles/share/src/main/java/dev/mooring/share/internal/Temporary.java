package dev.mooring.share.internal;

import dev.mooring.share.ClientText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The names of files on their way. Those of a process that died are found when the directory is listed or removed, and go
 * if nothing was written to them for a day: to look for them at the start would be to walk through everything.
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
        String name = PREFIX + Long.toString(random.nextLong() >>> 1, 36) + Long.toString(random.nextInt() >>> 1, 36);
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
            if (attributes.isRegularFile() && touched.isBefore(Instant.now().minus(PATIENCE))) {
                directory.deleteFile(name);
                LOG.log(Level.INFO, "An upload that was given up on {0} has been removed", touched);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "An upload that was given up is still there", ClientText.trace(e));
        }
    }

    static void clear(Directory directory) throws IOException {
        try {
            directory.paths().forEach(path -> clear(directory, path.getFileName()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
