package dev.mooring.accounts.internal.key;

import dev.mooring.accounts.Peer;
import dev.mooring.accounts.internal.user.LoginLog;
import dev.mooring.accounts.internal.user.WatchedFile;
import dev.mooring.common.ClientText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The files of authorized keys: one for each user, or one for all users. */
public final class KeyFiles {

    private static final String USER = "%u";
    private static final int MAX_FILES = 1024;

    /** The longest name of a file on Linux in bytes (NAME_MAX). */
    private static final int LONGEST_NAME = 255;

    private final String pattern;
    private final LoginLog log;
    private final LongSupplier nanos;
    private final @Nullable WatchedFile<List<AuthorizedKey>> shared;

    /**
     * The files that existed, by user. Names without a file are not kept, so that clients can neither fill the memory with them nor evict the files of users.
     * Guarded by this.
     */
    private final Map<String, WatchedFile<List<AuthorizedKey>>> files = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, WatchedFile<List<AuthorizedKey>>> eldest) {
            return size() > MAX_FILES;
        }
    };

    /**
     * Makes the files of a pattern. Reads a file for all users.
     *
     * @param pattern a path, with {@code %u} for the user name if each user has a file
     * @throws InvalidPathException if the pattern is not a path
     */
    public KeyFiles(String pattern, LoginLog log, LongSupplier nanos) {
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
        return new WatchedFile<>(path, required, AuthorizedKey::parse, List.of(), log::warn, nanos);
    }

    /** Whether there is one file for all users. */
    public boolean isShared() {
        return shared != null;
    }

    /** Whether a key opens the account of a user, for a client at this address and time. The name must be valid. */
    public boolean accept(String user, byte[] key, Peer peer, Clock clock) {
        String refusalReason = null;
        for (AuthorizedKey authorized : of(user, peer)) {
            if (authorized.is(key)) {
                refusalReason = authorized.refusalReason(peer.address(), clock.instant());
                if (refusalReason == null) {
                    return true;
                }
            }
        }
        if (refusalReason != null) {
            String reason = refusalReason;
            log.refusedKey(user, peer, () -> ClientText.of(path(user)) + " " + ClientText.sentence(reason));
        }
        return false;
    }

    /** The keys of a user. The name must be valid. Logs problems of the user's file. */
    private List<AuthorizedKey> of(String user, Peer peer) {
        if (shared != null) {
            return shared.latest();
        }
        try {
            Path path = Path.of(pattern.replace(USER, user));
            // Usually the file does not exist. If its directory may not be searched, it neither exists nor does not
            // exist.
            if (isTooLong(path) || Files.notExists(path)) {
                return List.of();
            }
            boolean exists = Files.exists(path);
            List<String> problems = new ArrayList<>(0);
            List<AuthorizedKey> keys = (exists ? file(user, path) : watch(path, false)).latest(problems::add);
            if (!problems.isEmpty() && exists) {
                // The next read of the same content reports no problems, so this line must not be limited.
                log.invalidKeyFile(path(user), problems);
            } else if (!problems.isEmpty()) {
                log.unknownKeyFile(path(user), peer, problems);
            }
            return keys;
        } catch (InvalidPathException e) {
            // The file name encoding of this JVM does not have the characters of the name.
            return List.of();
        }
    }

    private static boolean isTooLong(Path path) {
        for (Path name : path) {
            if (name.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                return true;
            }
        }
        return false;
    }

    private synchronized WatchedFile<List<AuthorizedKey>> file(String user, Path path) {
        return files.computeIfAbsent(user, unseen -> watch(path, false));
    }

    /** The path of a user's file, for messages. */
    private String path(String user) {
        return pattern.replace(USER, user);
    }
}
