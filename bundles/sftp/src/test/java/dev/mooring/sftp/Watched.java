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

/** Waits until a directory holds just what it should. */
final class Watched {

    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(20);

    private Watched() {}

    /** What is there, temporary files too. */
    static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(each -> each.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Waits up to 20 s until these names are there and no others. */
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
