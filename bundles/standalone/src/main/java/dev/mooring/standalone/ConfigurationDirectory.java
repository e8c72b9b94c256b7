package dev.mooring.standalone;

import dev.mooring.common.FileFingerprint;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the configuration files of a directory and follows their changes. Used by one thread. */
final class ConfigurationDirectory {

    private static final Logger LOG = System.getLogger("dev.mooring.standalone");

    private final Path directory;
    private final Map<String, Map<String, Object>> configurations = new HashMap<>();
    private Map<Path, Look> taken = Map.of();
    private Map<Path, Look> seen = Map.of();
    private final Map<String, String> unread = new TreeMap<>();
    private boolean lost;

    /** The state of a file; it changes when the file is written, replaced, or made readable. */
    private record Look(FileFingerprint fingerprint, boolean readable) {}

    /**
     * Changes since the files were last read.
     *
     * @param set the new and changed configurations by PID
     * @param removed the PIDs of removed configurations
     */
    record Changes(Map<String, Map<String, Object>> set, Set<String> removed) {
        boolean isEmpty() {
            return set.isEmpty() && removed.isEmpty();
        }
    }

    ConfigurationDirectory(Path directory) {
        this.directory = directory;
    }

    /** Reads all files. Call this first. */
    Changes read() {
        seen = look();
        return take(seen);
    }

    /** The reasons why files could not be read, by PID. */
    Map<String, String> unread() {
        return Map.copyOf(unread);
    }

    /** Reads changed files once the whole directory has been the same in two calls. */
    Changes changes() {
        Map<Path, Look> now = look();
        boolean still = now.equals(seen);
        seen = now;
        return still && !now.equals(taken) ? take(now) : new Changes(Map.of(), Set.of());
    }

    private Map<Path, Look> look() {
        Map<Path, Look> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (ConfigurationFile.is(entry.getFileName().toString())) {
                    stamp(entry, files);
                }
            }
            lost = false;
        } catch (IOException e) {
            if (!lost) {
                lost = true;
                LOG.log(Level.ERROR, "The configuration cannot be read, and stays as it is: {0}", e.toString());
            }
            return seen;
        }
        return files;
    }

    private static void stamp(Path file, Map<Path, Look> files) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.isRegularFile()) {
                files.put(file, new Look(FileFingerprint.of(file, attributes), Files.isReadable(file)));
            }
        } catch (NoSuchFileException goneSince) {
            // Or a dangling link.
        }
    }

    private Changes take(Map<Path, Look> files) {
        Map<String, Map<String, Object>> set = new TreeMap<>();
        Set<String> removed = new TreeSet<>();
        for (Path file : taken.keySet()) {
            if (!files.containsKey(file)) {
                removed.add(pid(file));
            }
        }
        configurations.keySet().removeAll(removed);
        unread.keySet().removeAll(removed);
        for (Map.Entry<Path, Look> file : files.entrySet()) {
            Look before = taken.get(file.getKey());
            // The first read avoids the first comparison of records, which takes the JVM some 20 ms.
            if (before == null || !before.equals(file.getValue())) {
                Map<String, Object> read = read(file.getKey());
                if (read != null && !Objects.equals(read, configurations.put(pid(file.getKey()), read))) {
                    set.put(pid(file.getKey()), read);
                }
            }
        }
        taken = files;
        return new Changes(set, removed);
    }

    private static String pid(Path file) {
        return ConfigurationFile.pid(file.getFileName().toString());
    }

    private @Nullable Map<String, Object> read(Path file) {
        String pid = pid(file);
        try {
            Map<String, Object> properties = ConfigurationFile.read(file);
            unread.remove(pid);
            return properties;
        } catch (AccessDeniedException e) {
            LOG.log(
                    Level.WARNING,
                    "{0} cannot be read by {1}, so it is ignored; let this user read it",
                    file,
                    System.getProperty("user.name"));
            unread.put(pid, "has a file that cannot be read");
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.ERROR, "{0} is not read: {1}; correct it", file, e.getMessage());
            unread.put(pid, "has a file that is not read: " + e.getMessage());
        }
        return null;
    }
}
