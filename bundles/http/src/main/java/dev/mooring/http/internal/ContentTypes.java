package dev.mooring.http.internal;

import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.MimeTypes;

/** What a file is, told by its name. */
final class ContentTypes {

    private static final Set<String> TEXTUAL = Set.of(
            "application/javascript",
            "application/json",
            "application/manifest+json",
            "application/wasm",
            "application/x-javascript",
            "application/xml",
            "image/bmp",
            "image/x-icon",
            "font/otf",
            "font/ttf");

    private ContentTypes() {}

    /** The value of {@code Content-Type} for a file of this name. */
    static String of(String name) {
        String type = MimeTypes.DEFAULTS.getMimeByExtension(name.toLowerCase(Locale.ROOT));
        if (type == null) {
            return "application/octet-stream";
        }
        return type.startsWith("text/") && !type.contains(";") ? type + ";charset=utf-8" : type;
    }

    /** Whether gzip makes such content a good deal smaller. */
    static boolean isCompressible(String type) {
        return type.startsWith("text/") || type.endsWith("+xml") || type.endsWith("+json") || TEXTUAL.contains(type);
    }
}
