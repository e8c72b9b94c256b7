package dev.mooring.share.internal.account;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The files of authorized keys: one for each user, or one for all. */
final class KeyFiles {

    private static final String USER = "%u";
    private static final int KEPT = 1024;

    private final String pattern;
    private final Consumer<String> log;
    private final LongSupplier nanos;
    private final @Nullable WatchedFile<List<AuthorizedKey>> shared;

    /** Of users that have one; made-up names leave nothing here. */
    private final Map<String, WatchedFile<List<AuthorizedKey>>> files = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, WatchedFile<List<AuthorizedKey>>> eldest) {
            return size() > KEPT;
        }
    };

    KeyFiles(String pattern, Consumer<String> log, LongSupplier nanos) {
        this.pattern = pattern;
        this.log = log;
        this.nanos = nanos;
        Path path = Path.of(pattern.replace(USER, "u"));
        shared = pattern.contains(USER) ? null : watch(path, true);
        if (shared != null) {
            shared.get();
        }
    }

    private WatchedFile<List<AuthorizedKey>> watch(Path path, boolean required) {
        return new WatchedFile<>(path, required, AuthorizedKey::parse, List.of(), log, nanos);
    }

    boolean isShared() {
        return shared != null;
    }

    /** The keys of a user, whose name is valid. */
    List<AuthorizedKey> of(String user) {
        if (shared != null) {
            return shared.get();
        }
        try {
            Path path = Path.of(pattern.replace(USER, user));
            // Not there, which is usual, and not merely in a directory that may not be searched.
            if (Files.notExists(path)) {
                return List.of();
            }
            return file(user, path).get();
        } catch (InvalidPathException e) {
            // The file names of this JVM cannot say that name.
            return List.of();
        }
    }

    private synchronized WatchedFile<List<AuthorizedKey>> file(String user, Path path) {
        return files.computeIfAbsent(user, unseen -> watch(path, false));
    }

    /** For messages. */
    String path(String user) {
        return pattern.replace(USER, user);
    }
}
