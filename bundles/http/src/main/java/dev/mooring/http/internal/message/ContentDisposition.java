package dev.mooring.http.internal.message;

import java.util.regex.Pattern;

/** The header {@code Content-Disposition} (RFC 6266). */
public final class ContentDisposition {

    /** Characters that are not ASCII, or that clients treat differently in a quoted name. */
    private static final Pattern UNSAFE_IN_QUOTES = Pattern.compile("[^ -~]|[\"%/\\\\]");

    private ContentDisposition() {}

    /** The value for a file to save, with an ASCII name for clients that do not support the encoded one (RFC 6266 appendix D). */
    public static String attachment(String name) {
        String plain = UNSAFE_IN_QUOTES.matcher(name).replaceAll("_");
        StringBuilder value = new StringBuilder("attachment; filename=\"" + plain + "\"; filename*=UTF-8''");
        RequestPath.appendEncoded(value, name);
        return value.toString();
    }
}
