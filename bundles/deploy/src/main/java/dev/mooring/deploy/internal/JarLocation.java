package dev.mooring.deploy.internal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the file of a bundle by the location of the bundle. */
final class JarLocation {

    private static final String FILE = "file:";

    /** Follows the path in the location of a bundle that replaced another one. */
    private static final Pattern NUMBER = Pattern.compile("\\?(\\d+)$");

    private JarLocation() {}

    /**
     * Finds the file.
     *
     * @param location a location such as {@code file:/a/b.jar}, {@code reference:file:///a/b%20c.jar} or Equinox's
     *     {@code initial@reference:file:plugins/b.jar}. A relative path in a URL {@code file:b.jar} starts from the working directory, as for the framework
     * @param installArea the URL that the other relative paths start from, Equinox's {@code osgi.install.area}; {@code null} for the working directory
     * @return the file, which need not exist; {@code null} if the bundle did not come from a file
     */
    static @Nullable Path of(String location, @Nullable String installArea) {
        int file = location.indexOf(FILE);
        if (file < 0) {
            return null;
        }
        Path path =
                path(NUMBER.matcher(location.substring(file + FILE.length())).replaceFirst(""));
        if (path == null || path.isAbsolute()) {
            return path;
        }
        Path area = file == 0 || installArea == null ? Path.of("") : of(installArea, null);
        return area == null ? null : area.resolve(path).toAbsolutePath().normalize();
    }

    /**
     * Another location of the same jar.
     *
     * @param location a location for which {@link #of} finds a file
     * @return the location with the next number, such as {@code file:/a/b.jar?1}
     */
    static String next(String location) {
        Matcher number = NUMBER.matcher(location);
        return number.find()
                ? location.substring(0, number.start()) + "?" + (Integer.parseInt(number.group(1)) + 1)
                : location + "?1";
    }

    /** Parses a path. Some launchers write it unchanged, others percent-encode it. */
    private static @Nullable Path path(String text) {
        try {
            Path written = Path.of(text);
            if (text.indexOf('%') < 0 || Files.exists(written)) {
                return written;
            }
            return Path.of(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
        } catch (InvalidPathException e) {
            return null;
        } catch (IllegalArgumentException notEncoded) {
            return Path.of(text);
        }
    }
}
