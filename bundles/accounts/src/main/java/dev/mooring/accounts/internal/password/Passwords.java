package dev.mooring.accounts.internal.password;

import dev.mooring.accounts.internal.user.UserNames;
import dev.mooring.accounts.internal.user.WatchedFile;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The content of an htpasswd file. */
final class Passwords {

    static final Passwords NONE = new Passwords(Map.of());

    private final Map<String, String> hashes;

    /** One hash of each cost in the file. A refusal computes all of them, for every user. */
    private final Map<String, String> decoys;

    private Passwords(Map<String, String> hashes) {
        this.hashes = Map.copyOf(hashes);
        Map<String, String> byCost = new TreeMap<>();
        this.hashes.values().forEach(hash -> byCost.putIfAbsent(PasswordHashes.cost(hash), hash));
        decoys = byCost;
    }

    static Passwords parse(List<WatchedFile.Line> lines) {
        Map<String, String> hashes = new HashMap<>();
        // An invalid line reserves its name too. Otherwise a later line would open an account that this one locks.
        Set<String> names = new HashSet<>();
        for (WatchedFile.Line line : lines) {
            // Some servers allow a third field for comments.
            String[] fields = line.text().split(":", 3);
            String problem = fields.length < 2 ? "is not NAME:HASH" : PasswordHashes.problem(fields[1]);
            if (!UserNames.isValid(fields[0])) {
                line.warn("is ignored: it does not begin with a name of up to 255 characters and a colon");
            } else if (!names.add(fields[0])) {
                line.warn("is ignored: the same user has an earlier line");
            } else if (problem != null) {
                line.warn("is invalid, so its user cannot log in with a password: it " + problem);
            } else {
                hashes.put(fields[0], fields[1]);
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

    /**
     * The hashes to compute besides the user's own, so that a refusal takes the same time for each user, also for one that does not exist.
     *
     * @param own the user's own hash; {@code null} for none
     * @return a hash of each cost, except the cost of the user's own hash
     */
    List<String> decoys(@Nullable String own) {
        String cost = own == null ? null : PasswordHashes.cost(own);
        return decoys.entrySet().stream()
                .filter(each -> !each.getKey().equals(cost))
                .map(Map.Entry::getValue)
                .toList();
    }
}
