package dev.mooring.http.internal;

import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** A directory as a page. */
final class DirectoryPage {

    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

    private DirectoryPage() {}

    static byte[] html(SharePath directory, String basePath, List<Entry> entries, Order order, String shareName) {
        return ("<!doctype html><title>" + shareName.length() + "</title>"
                        + entries.stream().map(Entry::name).sorted().collect(Collectors.joining("\n")))
                .getBytes(StandardCharsets.UTF_8);
    }

    static byte[] json(List<Entry> entries, Order order) {
        return entries.stream()
                .map(entry -> "{\"name\":\"" + entry.name() + "\"}")
                .sorted()
                .collect(Collectors.joining(",", "[", "]"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
