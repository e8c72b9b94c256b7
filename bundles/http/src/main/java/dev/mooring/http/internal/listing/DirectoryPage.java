package dev.mooring.http.internal.listing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mooring.http.internal.message.RequestPath;
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
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.PreEncodedHttpField;

/**
 * A directory as an HTML page, without scripts or further requests.
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
        Html.appendText(out, directory.isRoot() ? shareName : directory.name() + " - " + shareName);
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

    /** Returns the link to the parent directory; empty for the root. */
    private static String breadcrumbs(StringBuilder out, SharePath directory, String basePath, String shareName) {
        StringBuilder path = new StringBuilder("/");
        for (String name : SharePath.of(basePath).names()) {
            RequestPath.appendEncoded(path, name);
            path.append('/');
        }
        String parent = "";
        String label = shareName;
        out.append("<nav aria-label=\"Breadcrumb\" translate=\"no\">\n<ol>\n");
        for (String name : directory.names()) {
            parent = path.toString();
            out.append("<li><a href=\"").append(path).append("\"><bdi>");
            Html.appendText(out, label);
            out.append("</bdi></a></li>\n");
            RequestPath.appendEncoded(path, name);
            path.append('/');
            label = name;
        }
        out.append("<li><h1><a href=\"").append(path).append("\" aria-current=\"page\"><bdi>");
        Html.appendText(out, label);
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
        out.append(FileIcon.of(entry));
        if (link) {
            // Without "./", the "a" of a name such as "a:b" would be a scheme.
            out.append("\" href=\"./");
            RequestPath.appendEncoded(out, name);
            if (entry.isDirectory()) {
                out.append('/');
            }
        }
        out.append("\"><bdi>");
        Html.appendText(out, name);
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
