package dev.mooring.http.internal.listing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mooring.share.Entry;
import java.util.HexFormat;
import java.util.List;

/** A directory as JSON. */
final class DirectoryJson {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private DirectoryJson() {}

    /**
     * Writes an array with an object for each entry: {@code name}, {@code type} ({@code file}, {@code directory} or
     * {@code other}), {@code size} in bytes for files, and {@code modified} (ISO 8601, UTC).
     *
     * @param entries the entries of the directory, in any order
     * @param order the order of the array
     * @return the array in UTF-8
     */
    static byte[] of(List<Entry> entries, SortOrder order) {
        StringBuilder out = new StringBuilder(16 + 128 * entries.size()).append('[');
        String separator = "\n";
        for (Entry entry : order.sorted(entries)) {
            out.append(separator).append("{\"name\":");
            appendString(out, entry.name());
            out.append(",\"type\":\"")
                    .append(
                            switch (entry.kind()) {
                                case FILE -> "file";
                                case DIRECTORY -> "directory";
                                case OTHER -> "other";
                            })
                    .append('"');
            if (entry.kind() == Entry.Kind.FILE) {
                out.append(",\"size\":").append(entry.size());
            }
            out.append(",\"modified\":\"").append(entry.modified().toInstant()).append("\"}");
            separator = ",\n";
        }
        return out.append("\n]\n").toString().getBytes(UTF_8);
    }

    /** Appends a JSON string (RFC 8259 section 7). Keeps an unpaired surrogate as an escape. */
    private static void appendString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                out.append("\\u").append(HEX.toHexDigits((char) c));
            } else {
                out.appendCodePoint(c);
            }
        }
        out.append('"');
    }
}
