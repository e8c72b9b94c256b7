package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Waits until a directory contains exactly the expected files. */
final class DirectoryContents {

    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(20);

    private DirectoryContents() {}

    /** The names in a directory, including temporary files. */
    static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(each -> each.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Waits up to 20 s until the directory contains these names and no others. */
    static void await(Path directory, String... names) throws IOException, InterruptedException {
        Set<String> wanted = new TreeSet<>(Set.of(names));
        long end = System.nanoTime() + DEADLINE;
        try (WatchService watcher = directory.getFileSystem().newWatchService()) {
            directory.register(watcher, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
            while (!names(directory).equals(wanted)) {
                WatchKey changed = watcher.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (changed == null) {
                    break;
                }
                changed.pollEvents();
                changed.reset();
            }
        }
        assertEquals(wanted, names(directory));
    }
}
