package dev.mooring.ftp.internal;

import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants listed: a file, a directory, or the names in a directory that match a pattern. As with vsftpd only the last name of
 * a path is a pattern, so that a listing reads one directory.
 *
 * @param text as the client has written it, without options; empty for the working directory
 * @param path the same as a path of the share; its last name may be a pattern
 * @param names the pattern; {@code null} if the path is one of something there, or there is no pattern in it
 */
record ListTarget(String text, SharePath path, @Nullable Glob names) {

    private static final Pattern OPTIONS = Pattern.compile("-[0-9A-Za-z]*|--");

    /** Options that clients send without being asked. They are no name, or a file of that name would take the place of every listing. */
    private static final Pattern USUAL_OPTIONS = Pattern.compile("-[1AaCdFLlRrt]+|--");

    /** Reads the argument of a command. */
    static ListTarget of(Login login, @Nullable String argument) throws IOException {
        String text = withoutOptions(login, argument == null ? "" : argument);
        SharePath path = login.resolve(text);
        boolean pattern = Glob.isPattern(lastName(text)) && !login.isThere(path);
        return new ListTarget(text, path, pattern ? Glob.of(lastName(text)) : null);
    }

    /** Leaves out options of ls; what could be one is a name if there is something of that name. */
    private static String withoutOptions(Login login, String argument) throws IOException {
        String text = argument;
        while (text.startsWith("-")) {
            int blank = text.indexOf(' ');
            String word = blank < 0 ? text : text.substring(0, blank);
            boolean usual = USUAL_OPTIONS.matcher(word).matches();
            if (!usual && (!OPTIONS.matcher(word).matches() || login.isThere(login.resolve(text)))) {
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

    /** The file or directory to look at: with a pattern, the directory that the names are in. */
    SharePath place() {
        return names == null ? path : path.parent();
    }

    /** What the client has written in front of the names: of those in the directory, or of its own last one. */
    String prefix(boolean directory) {
        if (names != null || !directory) {
            return text.substring(0, text.length() - lastName(text).length());
        }
        return text.isEmpty() || text.equals(".") ? "" : text.endsWith("/") ? text : text + '/';
    }

    /** Whether a file of the directory is to be listed. */
    boolean wants(Path file) {
        return names == null || names.matches(String.valueOf(file.getFileName()));
    }
}
