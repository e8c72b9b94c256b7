package dev.mooring.runtime;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.framework.Constants;

/** The framework storage of an earlier process. */
final class OldStorage {

    private static final String OLD = ".old-";

    private OldStorage() {}

    /** Moves aside the storage of an earlier process. Otherwise Felix would delete it file by file while a client waits. */
    static void moveAside(Map<String, String> configuration) {
        String storage = configuration.get(Constants.FRAMEWORK_STORAGE);
        if (storage != null
                && Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT.equals(
                        configuration.get(Constants.FRAMEWORK_STORAGE_CLEAN))) {
            // If this fails, Felix deletes the storage.
            new File(storage).renameTo(new File(storage + OLD + System.nanoTime()));
        }
    }

    /** Deletes the storage that was moved aside. */
    static void delete(Map<String, String> configuration) {
        String storage = configuration.get(Constants.FRAMEWORK_STORAGE);
        File[] old = storage == null
                ? null
                : new File(storage)
                        .getAbsoluteFile()
                        .getParentFile()
                        .listFiles((directory, name) -> name.startsWith(new File(storage).getName() + OLD));
        for (File each : old == null ? new File[0] : old) {
            try (Stream<Path> all = Files.walk(each.toPath())) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException | UncheckedIOException e) {
                System.err.println(
                        "The storage of an earlier process in " + each + " cannot be deleted: " + e.getMessage());
            }
        }
    }
}
