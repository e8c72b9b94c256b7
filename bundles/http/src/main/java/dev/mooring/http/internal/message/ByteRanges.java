package dev.mooring.http.internal.message;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.ByteRange;
import org.jspecify.annotations.Nullable;

/** Parses the header {@code Range} (RFC 9110 section 14.2). */
public final class ByteRanges {

    /** A request for more ranges gets the whole file, which is cheaper for both sides. */
    private static final int MAX_RANGES = 64;

    /** Ranges are merged if the gap between them is shorter than the header of a part. */
    private static final long MAX_GAP = 128;

    private static final Pattern RANGE = Pattern.compile("(\\d{0,18})-(\\d{0,18})");

    private ByteRanges() {}

    /**
     * Parses the header.
     *
     * @param header the value; {@code null} if there is none
     * @param length the length of the content, in bytes
     * @return empty if the header is to be ignored; an empty list if no range can be satisfied (416); otherwise the ranges to send, in order and
     *     disjoint
     */
    public static Optional<List<ByteRange>> of(@Nullable String header, long length) {
        if (header == null || !header.regionMatches(true, 0, "bytes=", 0, 6)) {
            return Optional.empty();
        }
        String[] specs = header.substring(6).split(",", MAX_RANGES + 2);
        List<ByteRange> ranges = new ArrayList<>();
        int read = 0;
        for (String spec : specs) {
            if (spec.isBlank()) {
                continue;
            }
            Matcher matcher = RANGE.matcher(spec.trim());
            if (++read > MAX_RANGES || !matcher.matches() || spec.trim().equals("-")) {
                return Optional.empty();
            }
            String first = matcher.group(1);
            String last = matcher.group(2);
            if (first.isEmpty()) {
                long suffix = Math.min(Long.parseLong(last), length);
                if (suffix > 0) {
                    ranges.add(new ByteRange(length - suffix, length - 1));
                } else if (length == 0 && Long.parseLong(last) > 0) {
                    // A suffix of an empty file is satisfiable, but Content-Range cannot express it.
                    return Optional.empty();
                }
            } else {
                long from = Long.parseLong(first);
                long to = last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last);
                if (to < from) {
                    return Optional.empty();
                }
                if (from < length) {
                    ranges.add(new ByteRange(from, Math.min(to, length - 1)));
                }
            }
        }
        return read == 0 ? Optional.empty() : Optional.of(merge(ranges));
    }

    private static List<ByteRange> merge(List<ByteRange> ranges) {
        ranges.sort(Comparator.comparingLong(ByteRange::first));
        List<ByteRange> merged = new ArrayList<>();
        for (ByteRange range : ranges) {
            int previous = merged.size() - 1;
            if (previous >= 0 && range.first() - merged.get(previous).last() <= MAX_GAP) {
                ByteRange before = merged.get(previous);
                merged.set(previous, new ByteRange(before.first(), Math.max(before.last(), range.last())));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }
}
