package dev.mooring.ftp.internal.files;

import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The target of a listing: a file, a directory, or the names in a directory that match a pattern. As in vsftpd, only the last name of a path may be
 * a pattern, so a listing reads one directory.
 *
 * @param text the argument without options; empty for the working directory
 * @param path the text as a path of the share; its last name may be a pattern
 * @param pattern the pattern; {@code null} if the path exists or has no pattern
 */
public record ListTarget(
        String text, SharePath path, @Nullable Glob pattern) {

    private static final Pattern OPTIONS = Pattern.compile("-[0-9A-Za-z]*|--");

    /** Options that clients send by default. They are never names, else a file with such a name would replace every listing. */
    private static final Pattern USUAL_OPTIONS = Pattern.compile("-[1AaCdFLlRrt]+|--");

    /** Reads the argument of a command. */
    public static ListTarget of(Login login, @Nullable String argument) throws IOException {
        String text = withoutOptions(login, argument == null ? "" : argument);
        SharePath path = login.resolve(text);
        boolean isPattern = Glob.isPattern(lastName(text)) && !login.exists(path);
        return new ListTarget(text, path, isPattern ? Glob.of(lastName(text)) : null);
    }

    /** Removes options of ls. A word that looks like an unusual option is a name if such a file exists. */
    private static String withoutOptions(Login login, String argument) throws IOException {
        String text = argument;
        while (text.startsWith("-")) {
            int blank = text.indexOf(' ');
            String word = blank < 0 ? text : text.substring(0, blank);
            boolean usual = USUAL_OPTIONS.matcher(word).matches();
            if (!usual && (!OPTIONS.matcher(word).matches() || login.exists(login.resolve(text)))) {
                break;
            }
            text = blank < 0 ? "" : text.substring(blank + 1);
            if (word.equals("--")) {
                break;
            }
        }
        return text;
    }

    private static String lastName(String text) {
        return text.substring(text.lastIndexOf('/') + 1);
    }

    /** The file or directory to read; with a pattern, the directory of the names. */
    public SharePath base() {
        return pattern == null ? path : path.parent();
    }

    /** The part of the client's text to put before each listed name. */
    public String prefix(boolean directory) {
        if (pattern != null || !directory) {
            return text.substring(0, text.length() - lastName(text).length());
        }
        return text.isEmpty() || text.equals(".") ? "" : text.endsWith("/") ? text : text + '/';
    }

    /** Whether the listing includes a file of the directory. */
    public boolean includes(Path file) {
        return pattern == null || pattern.matches(String.valueOf(file.getFileName()));
    }
}
