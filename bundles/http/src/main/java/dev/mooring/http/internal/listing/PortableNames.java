package dev.mooring.http.internal.listing;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes names for the members of one directory of a zip. Every system can unpack them, and no system takes them for a path.
 *
 * <p>Linux allows names such as {@code ..\\..\\x}, {@code C:x} or {@code NUL}, which mean other places on Windows. {@code _} replaces the special
 * characters. Names that become equal in this way get more {@code _} at the end.
 */
final class PortableNames {

    private static final Pattern SPECIAL = Pattern.compile("[\\x00-\\x1f\\x7f<>:\"/\\\\|?*]");
    private static final Pattern END = Pattern.compile("[. ]$");
    private static final Pattern DEVICE =
            Pattern.compile("(?:CON|PRN|AUX|NUL|COM\\d|LPT\\d)(?:\\..*)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final Set<String> given = new HashSet<>();

    /** Returns a portable form of a name, which is unique in this directory. */
    String of(String name) {
        String portable = SPECIAL.matcher(name).replaceAll("_");
        portable = END.matcher(portable).replaceAll("_");
        if (DEVICE.matcher(portable).matches()) {
            portable = "_" + portable;
        }
        // Without this, case-insensitive systems would write two members into one file.
        while (!given.add(portable.toLowerCase(Locale.ROOT))) {
            portable += "_";
        }
        return portable;
    }
}
