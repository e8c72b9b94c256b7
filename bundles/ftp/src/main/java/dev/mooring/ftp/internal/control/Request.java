package dev.mooring.ftp.internal.control;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line from the client.
 *
 * @param command the name of the command in upper case
 * @param argument everything after the first blank, including further blanks, which may belong to a name; {@code null} if there is nothing
 * @param error the reply to a line that could not be read, with 421 if the connection must end; the command is empty then
 */
public record Request(
        String command, @Nullable String argument, @Nullable Reply error) {

    private static final Pattern HTTP = Pattern.compile("[A-Za-z]+ .* HTTP/\\d(\\.\\d)?", Pattern.DOTALL);

    static Request of(String line) {
        String text = line.stripLeading();
        int blank = text.indexOf(' ');
        String command = (blank < 0 ? text : text.substring(0, blank)).toUpperCase(Locale.ROOT);
        String argument = blank < 0 || blank == text.length() - 1 ? null : text.substring(blank + 1);
        return new Request(command, argument, null);
    }

    static Request invalid(Reply error) {
        return new Request("", null, error);
    }

    /** The number of characters. */
    public int size() {
        return command.length() + (argument == null ? 0 : argument.length());
    }

    /** Whether this is the first line of an HTTP request. */
    public boolean isHttp() {
        return argument != null && HTTP.matcher(command + ' ' + argument).matches();
    }
}
