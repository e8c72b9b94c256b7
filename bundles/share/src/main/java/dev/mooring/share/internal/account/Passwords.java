package dev.mooring.share.internal.account;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an htpasswd file says. */
final class Passwords {

    static final Passwords NONE = new Passwords(Map.of());

    private final Map<String, String> hashes;

    /** For those that do not exist: they are checked as somebody else, so that they take as long as somebody. */
    private final List<String> decoys;

    private Passwords(Map<String, String> hashes) {
        this.hashes = Map.copyOf(hashes);
        decoys = List.copyOf(this.hashes.values());
    }

    static Passwords parse(List<WatchedFile.Line> lines) {
        Map<String, String> hashes = new HashMap<>();
        for (WatchedFile.Line line : lines) {
            // Some servers allow a third field, for remarks.
            String[] fields = line.text().split(":", 3);
            String objection = fields.length < 2 ? "is not NAME:HASH" : PasswordHashes.objection(fields[1]);
            if (!UserNames.isValid(fields[0])) {
                line.isWrong("is ignored: it does not begin with a name of up to 255 characters and a colon");
            } else if (objection != null) {
                line.isWrong("is ignored: it " + objection);
            } else if (hashes.putIfAbsent(fields[0], fields[1]) != null) {
                line.isWrong("is ignored: the same user has a line before it");
            }
        }
        return new Passwords(hashes);
    }

    Set<String> users() {
        return hashes.keySet();
    }

    @Nullable
    String hash(String user) {
        return hashes.get(user);
    }

    @Nullable
    String decoy(int random) {
        return decoys.isEmpty() ? null : decoys.get(Math.floorMod(random, decoys.size()));
    }
}
