package dev.mooring.http.internal.content;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;

/** The media type of a file by the extension of its name. The list is in the resource {@code content-types}. */
final class ContentTypes {

    private static final Set<String> TEXTUAL = Set.of(
            "application/dash+xml",
            "application/json",
            "application/json5",
            "application/jsonl",
            "application/sql",
            "application/toml",
            "application/vnd.apple.mpegurl",
            "application/vnd.ms-fontobject",
            "application/wasm",
            "application/x-ndjson",
            "application/x-subrip",
            "application/xml",
            "application/yaml",
            "image/bmp",
            "image/vnd.microsoft.icon",
            "font/otf",
            "font/ttf");

    /** Documents of these types declare their own encoding, and a charset in the header would override it. */
    private static final Set<String> SELF_DESCRIBING = Set.of("text/html", "text/xml");

    private static final Map<String, String> BY_EXTENSION = load();

    private ContentTypes() {}

    private static Map<String, String> load() {
        Map<String, String> types = new HashMap<>(1024);
        try (InputStream in = ContentTypes.class.getResourceAsStream("content-types")) {
            if (in == null) {
                throw new IllegalStateException("content-types is missing from the bundle; rebuild it");
            }
            StringTokenizer lines = new StringTokenizer(new String(in.readAllBytes(), US_ASCII), "\n");
            while (lines.hasMoreTokens()) {
                StringTokenizer words = new StringTokenizer(lines.nextToken());
                String type = words.nextToken();
                while (!type.equals("#") && words.hasMoreTokens()) {
                    types.put(words.nextToken(), type);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return types;
    }

    /** The value of {@code Content-Type} for a file of this name. */
    static String of(String name) {
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        String type = BY_EXTENSION.get(extension);
        if (type == null || extension.length() == name.length()) {
            return "application/octet-stream";
        }
        return type.startsWith("text/") && !SELF_DESCRIBING.contains(type) ? type + ";charset=utf-8" : type;
    }

    /** Whether the content of files of this name is compressed with gzip, so that they need {@code Content-Encoding: gzip}. */
    static boolean isGzipped(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".svgz");
    }

    /** Whether gzip makes content of this type much smaller. */
    static boolean isCompressible(String type) {
        return type.startsWith("text/") || type.endsWith("+xml") || type.endsWith("+json") || TEXTUAL.contains(type);
    }
}
