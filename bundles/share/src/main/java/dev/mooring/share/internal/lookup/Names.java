package dev.mooring.share.internal.lookup;

import dev.mooring.share.SharePath;
import java.util.ArrayList;
import java.util.List;

/** The names of a path from the root of the share, and the number of those that lead to the home. */
record Names(List<String> all, int home) {

    /** The names of a path of the directory {@code home} of the share. */
    static Names of(SharePath home, SharePath path) {
        List<String> homeNames = home.names();
        return new Names(concat(homeNames, path.names()), homeNames.size());
    }

    String last() {
        return all.isEmpty() ? "." : all.get(all.size() - 1);
    }

    SharePath real() {
        SharePath path = SharePath.ROOT;
        for (String name : all.subList(home, all.size())) {
            path = path.resolve(name);
        }
        return path;
    }

    Names plus(String name) {
        return new Names(concat(all, List.of(name)), home);
    }

    private static List<String> concat(List<String> first, List<String> second) {
        if (first.isEmpty()) {
            return second;
        }
        List<String> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }
}
