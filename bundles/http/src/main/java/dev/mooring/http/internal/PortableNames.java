package dev.mooring.http.internal;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names for the members of one directory of a zip that every system can unpack, and that no system takes for a path.
 *
 * <p>A file on Linux may be called {@code ..\\..\\x}, {@code C:x} or {@code NUL}, which Windows reads as other places. What is special there is
 * replaced by {@code _}; names that become the same by that get further {@code _} at the end.
 */
final class PortableNames {

    private static final Pattern SPECIAL = Pattern.compile("[\\x00-\\x1f\\x7f<>:\"/\\\\|?*]");
    private static final Pattern END = Pattern.compile("[. ]$");
    private static final Pattern DEVICE =
            Pattern.compile("(?:CON|PRN|AUX|NUL|COM\\d|LPT\\d)(?:\\..*)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final Set<String> given = new HashSet<>();

    /** The portable form of a name, which no other name of this directory has. */
    String of(String name) {
        String portable = SPECIAL.matcher(name).replaceAll("_");
        portable = END.matcher(portable).replaceAll("_");
        if (DEVICE.matcher(portable).matches()) {
            portable = "_" + portable;
        }
        // Systems that do not tell upper case from lower case would write two members into one file.
        while (!given.add(portable.toLowerCase(Locale.ROOT))) {
            portable += "_";
        }
        return portable;
    }
}
