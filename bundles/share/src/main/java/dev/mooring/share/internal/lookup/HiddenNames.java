package dev.mooring.share.internal.lookup;

import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/** The names that a share hides. */
public final class HiddenNames {

    /** The prefix of the names of uploads in progress, which are always hidden. */
    public static final String UPLOAD_PREFIX = ".mooring-";

    private final List<PathMatcher> matchers = new ArrayList<>();

    public HiddenNames(Collection<String> globs) {
        for (String glob : globs) {
            try {
                matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "hidden glob '" + glob + "' is malformed (" + e.getDescription()
                                + "); write something like .* or *.{bak,tmp}",
                        e);
            }
        }
    }

    boolean contains(String name) {
        if (name.startsWith(UPLOAD_PREFIX)) {
            return true;
        }
        if (matchers.isEmpty()) {
            return false;
        }
        try {
            Path path = Path.of(name);
            return matchers.stream().anyMatch(matcher -> matcher.matches(path));
        } catch (InvalidPathException e) {
            return true; // the globs cannot be applied, so the name is hidden
        }
    }
}
