package dev.mooring.itests;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for changes of a directory, by inotify. */
final class FileWatch {

    private FileWatch() {}

    /** A condition that the files must meet. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException;
    }

    /**
     * Waits until the files of a directory meet a condition, at most {@link ChildProcess#PATIENCE}.
     *
     * @param failure the message if they do not
     */
    static void await(Path directory, Condition condition, Supplier<String> failure)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
        try (WatchService watch = directory.getFileSystem().newWatchService()) {
            directory.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            while (!condition.holds()) {
                WatchKey changed = watch.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (changed == null) {
                    throw new AssertionError(failure.get());
                }
                changed.pollEvents();
                changed.reset();
            }
        }
    }
}
