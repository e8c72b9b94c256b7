package dev.mooring.http.internal.listing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.PreEncodedHttpField;

/**
 * Renders a directory as an HTML page without scripts or further requests, and as JSON for programs.
 *
 * <p>Names are untrusted: anyone who can write to the share chooses them.
 */
final class DirectoryPage {

    private static final String STYLE = resource("directory.css");

    /** The policy of the page: it allows only its own style and the icons in it. */
    static final HttpField POLICY = new PreEncodedHttpField(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'sha256-" + sha256(STYLE)
                    + "'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'");

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'%3E\
            %3Cpath fill='%23e3a008' d='M1 5a2 2 0 0 1 2-2h4.6l2 2H17\
            a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2z'/%3E%3C/svg%3E">
            """;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private static final Map<String, String> ICONS = icons(Map.of(
            "image", "avif bmp gif heic ico jpeg jpg jxl png psd raw svg tif tiff webp xcf",
            "audio", "aac aiff flac m4a mid mp3 oga ogg opus wav wma",
            "video", "avi m4v mkv mov mp4 mpeg mpg ogv webm wmv",
            "archive", "7z apk bz2 deb gz iso jar lz4 rar rpm tar tgz txz war xz zip zst",
            "document", "doc docx epub key mobi odp ods odt pdf ppt pptx ps rtf xls xlsx",
            "code", "c cc cpp cs css go h hpp htm html java js json kt php pl py rb rs sh sql toml ts xml yaml yml",
            "text", "adoc asc cfg conf csv ini log md properties rst tex tsv txt"));

    private DirectoryPage() {}

    /**
     * Writes the page.
     *
     * <p>Links to the entries are relative, so the page must be served under a path that ends in {@code /}.
     *
     * @param directory the directory that is shown
     * @param basePath the path, not percent-encoded, under which the root of the share is served
     * @param entries the entries of the directory, in any order
     * @param order the order of the listing
     * @param shareName the label of the root of the share
     * @return the page in UTF-8
     */
    static byte[] html(SharePath directory, String basePath, List<Entry> entries, SortOrder order, String shareName) {
        StringBuilder out = new StringBuilder(8192 + STYLE.length() + 256 * entries.size());
        out.append(HEAD).append("<title>");
        text(out, directory.isRoot() ? shareName : directory.name() + " - " + shareName);
        out.append("</title>\n<style>").append(STYLE).append("</style>\n</head>\n<body>\n<header>\n");
        String parent = breadcrumbs(out, directory, basePath, shareName);
        summary(out, entries);
        actions(out, directory.isRoot() ? "" : parent, !entries.isEmpty());
        out.append("</header>\n<main>\n");
        if (entries.isEmpty()) {
            out.append("<p class=\"empty\">This folder is empty.</p>\n");
        } else {
            table(out, entries, order);
        }
        return out.append("</main>\n</body>\n</html>\n").toString().getBytes(UTF_8);
    }

    /**
     * Writes an array with an object for each entry: {@code name}, {@code type} ({@code file}, {@code directory} or
     * {@code other}), {@code size} in bytes for files, and {@code modified} (ISO 8601, UTC).
     *
     * @param entries the entries of the directory, in any order
     * @param order the order of the array
     * @return the array in UTF-8
     */
    static byte[] json(List<Entry> entries, SortOrder order) {
        StringBuilder out = new StringBuilder(16 + 128 * entries.size()).append('[');
        String separator = "\n";
        for (Entry entry : order.sorted(entries)) {
            out.append(separator).append("{\"name\":");
            jsonString(out, entry.name());
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

    /** Returns the link to the parent directory; empty for the root. */
    private static String breadcrumbs(StringBuilder out, SharePath directory, String basePath, String shareName) {
        StringBuilder path = new StringBuilder("/");
        for (String name : SharePath.of(basePath).names()) {
            percentEncode(path, name);
            path.append('/');
        }
        String parent = "";
        String label = shareName;
        out.append("<nav aria-label=\"Breadcrumb\" translate=\"no\">\n<ol>\n");
        for (String name : directory.names()) {
            parent = path.toString();
            out.append("<li><a href=\"").append(path).append("\"><bdi>");
            text(out, label);
            out.append("</bdi></a></li>\n");
            percentEncode(path, name);
            path.append('/');
            label = name;
        }
        out.append("<li><h1><a href=\"").append(path).append("\" aria-current=\"page\"><bdi>");
        text(out, label);
        out.append("</bdi></a></h1></li>\n</ol>\n</nav>\n");
        return parent;
    }

    private static void summary(StringBuilder out, List<Entry> entries) {
        out.append("<p>").append(entries.size()).append(entries.size() == 1 ? " item" : " items");
        if (entries.stream().anyMatch(entry -> entry.kind() == Entry.Kind.FILE)) {
            long total = entries.stream().mapToLong(Entry::size).sum();
            out.append(", <span title=\"");
            exactSize(out, total);
            out.append("\">").append(readableSize(total)).append("</span>");
        }
        out.append("</p>\n");
    }

    private static void actions(StringBuilder out, String parent, boolean download) {
        out.append("<ul>\n");
        if (!parent.isEmpty()) {
            out.append("<li><a class=\"up\" href=\"").append(parent).append("\">Parent folder</a></li>\n");
        }
        if (download) {
            out.append(
                    "<li><form><button class=\"save\" name=\"download\" value=\"zip\">Download as zip</button></form></li>\n");
        }
        out.append("</ul>\n");
    }

    private static void table(StringBuilder out, List<Entry> entries, SortOrder order) {
        out.append("<table aria-label=\"Files and folders\">\n<thead><tr>\n");
        head(out, order, SortOrder.Column.NAME, "Name");
        head(out, order, SortOrder.Column.SIZE, "Size");
        head(out, order, SortOrder.Column.TIME, "Modified <small>UTC</small>");
        out.append("</tr></thead>\n<tbody translate=\"no\">\n");
        for (Entry entry : order.sorted(entries)) {
            row(out, entry);
        }
        out.append("</tbody>\n</table>\n");
    }

    private static void head(StringBuilder out, SortOrder order, SortOrder.Column column, String label) {
        out.append("<th scope=\"col\"");
        if (order.column() == column) {
            out.append(" aria-sort=\"").append(order.descending() ? "descending\"" : "ascending\"");
        }
        // A form, because mirroring tools follow links even with rel=nofollow, and would fetch every directory in every
        // order.
        SortOrder next = order.toggled(column);
        out.append("><form><input type=\"hidden\" name=\"sort\" value=\"")
                .append(column.parameter())
                .append("\"><button name=\"order\" value=\"")
                .append(next.direction())
                .append("\">")
                .append(label)
                .append("</button></form></th>\n");
    }

    private static void row(StringBuilder out, Entry entry) {
        String name = entry.name();
        boolean link = entry.kind() != Entry.Kind.OTHER;
        out.append("<tr><th scope=\"row\"><").append(link ? "a" : "span").append(" class=\"");
        out.append(icon(entry));
        if (link) {
            // Without "./", the "a" of a name such as "a:b" would be a scheme.
            out.append("\" href=\"./");
            percentEncode(out, name);
            if (entry.isDirectory()) {
                out.append('/');
            }
        }
        out.append("\"><bdi>");
        text(out, name);
        out.append("</bdi>");
        if (entry.isDirectory()) {
            out.append('/');
        }
        out.append(link ? "</a>" : "</span>").append("</th>");
        if (entry.kind() == Entry.Kind.FILE) {
            out.append("<td title=\"");
            exactSize(out, entry.size());
            out.append("\">").append(readableSize(entry.size())).append("</td>");
        } else {
            out.append("<td></td>");
        }
        time(out, entry.modified());
        out.append("</tr>\n");
    }

    private static void time(StringBuilder out, FileTime modified) {
        String iso = modified.toInstant().truncatedTo(ChronoUnit.SECONDS).toString();
        int t = iso.indexOf('T');
        out.append("<td><time datetime=\"").append(iso).append("\">").append(iso, 0, t);
        out.append(' ').append(iso, t + 1, t + 6).append("</time></td>");
    }

    private static String icon(Entry entry) {
        return switch (entry.kind()) {
            case DIRECTORY -> "folder";
            case OTHER -> "other";
            case FILE -> {
                String name = entry.name();
                int dot = name.lastIndexOf('.');
                String suffix = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
                yield ICONS.getOrDefault(suffix, "file");
            }
        };
    }

    /** The size in the decimal units that file managers use: {@code 999 B}, {@code 1.0 kB}, {@code 23.4 MB}. */
    static String readableSize(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        int unit = 0;
        long divisor = 1000;
        // The first unit in which the size does not round to 1000.0. The largest long is 9.2 EB.
        while (unit < 5 && bytes >= 1000 * divisor - divisor / 20) {
            divisor *= 1000;
            unit++;
        }
        long tenths = (bytes / (divisor / 20) + 1) / 2;
        return tenths / 10 + "." + tenths % 10 + " " + "kMGTPE".charAt(unit) + "B";
    }

    private static void exactSize(StringBuilder out, long bytes) {
        String digits = Long.toString(bytes);
        for (int i = 0; i < digits.length(); i++) {
            if (i > 0 && (digits.length() - i) % 3 == 0) {
                out.append(',');
            }
            out.append(digits.charAt(i));
        }
        out.append(bytes == 1 ? " byte" : " bytes");
    }

    /** Appends text for an element or a quoted attribute. Makes invisible characters visible. */
    private static void text(StringBuilder out, String text) {
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(visible(c));
            }
        }
    }

    private static int visible(int c) {
        if (c < ' ') {
            return 0x2400 + c; // Control Pictures: ␊ for a newline
        }
        if (c == 0x7F) {
            return 0x2421;
        }
        boolean breaksLines = c == 0x2028 || c == 0x2029;
        boolean changesDirection = c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
        return Character.isISOControl(c) || breaksLines || changesDirection ? 0xFFFD : scalar(c);
    }

    /** Replaces an unpaired surrogate, which is not a character and has no encoding in UTF-8. */
    private static int scalar(int c) {
        return Character.getType(c) == Character.SURROGATE ? 0xFFFD : c;
    }

    /** Appends a path segment (RFC 3986). Encodes every byte except the unreserved ones as {@code %XX}. */
    private static void percentEncode(StringBuilder out, String segment) {
        for (int i = 0, c; i < segment.length(); i += Character.charCount(c)) {
            c = segment.codePointAt(i);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0) {
                out.append((char) c);
            } else {
                for (byte octet : Character.toString(scalar(c)).getBytes(UTF_8)) {
                    out.append('%').append(HEX.toHighHexDigit(octet)).append(HEX.toLowHexDigit(octet));
                }
            }
        }
    }

    /** Appends a JSON string (RFC 8259 section 7). Keeps an unpaired surrogate as an escape. */
    private static void jsonString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (Character.isISOControl(c) || scalar(c) != c) {
                out.append("\\u").append(HEX.toHexDigits((char) c));
            } else {
                out.appendCodePoint(c);
            }
        }
        out.append('"');
    }

    private static Map<String, String> icons(Map<String, String> suffixes) {
        Map<String, String> icons = new HashMap<>();
        suffixes.forEach((icon, list) -> {
            for (String suffix : list.split(" ")) {
                icons.put(suffix, icon);
            }
        });
        return Map.copyOf(icons);
    }

    private static String resource(String name) {
        try (InputStream in = DirectoryPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the bundle; rebuild it");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
