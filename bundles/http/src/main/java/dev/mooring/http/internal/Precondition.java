package dev.mooring.http.internal;

import org.eclipse.jetty.http.HttpDateTime;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** What the conditional headers of a request come to, RFC 9110 section 13. */
enum Precondition {
    /** The request is to be answered as if it had none. */
    MET,
    /** The client has it already: 304. */
    NOT_MODIFIED,
    /** 412. */
    FAILED;

    /**
     * Weighs the headers in the order of RFC 9110 section 13.2.2, except for {@code If-Range}.
     *
     * @param headers of a GET or HEAD request
     * @param tag of what would be sent
     * @param modified when that was last modified, in milliseconds since 1970
     */
    static Precondition of(HttpFields headers, EntityTag tag, long modified) {
        if (headers.contains(HttpHeader.IF_MATCH)) {
            if (!EntityTag.isAny(headers, HttpHeader.IF_MATCH, tag::matchesStrongly)) {
                return FAILED;
            }
        } else {
            long unmodifiedSince = date(headers, HttpHeader.IF_UNMODIFIED_SINCE);
            if (unmodifiedSince >= 0 && seconds(modified) > seconds(unmodifiedSince)) {
                return FAILED;
            }
        }
        if (headers.contains(HttpHeader.IF_NONE_MATCH)) {
            return EntityTag.isAny(headers, HttpHeader.IF_NONE_MATCH, tag::matchesWeakly) ? NOT_MODIFIED : MET;
        }
        long modifiedSince = date(headers, HttpHeader.IF_MODIFIED_SINCE);
        return modifiedSince >= 0 && seconds(modified) <= seconds(modifiedSince) ? NOT_MODIFIED : MET;
    }

    /**
     * Whether a range may be sent, RFC 9110 section 13.1.5: there is no {@code If-Range}, or it names the very content that
     * there is. A weak tag never does, nor does the date of a file that has just changed.
     *
     * @param headers of a GET request
     * @param tag of what the range would be taken from
     * @param modified when that was last modified, in milliseconds since 1970
     */
    static boolean rangeApplies(HttpFields headers, EntityTag tag, long modified) {
        String condition = headers.get(HttpHeader.IF_RANGE);
        if (condition == null) {
            return true;
        }
        if (condition.startsWith("\"") || condition.startsWith("W/")) {
            return tag.matchesStrongly(condition);
        }
        return !tag.weak() && date(headers, HttpHeader.IF_RANGE) == seconds(modified) * 1000;
    }

    /** A date that cannot be read is as good as none. */
    private static long date(HttpFields headers, HttpHeader header) {
        String date = headers.get(header);
        return date == null ? -1 : HttpDateTime.parseToEpoch(date);
    }

    private static long seconds(long millis) {
        return Math.floorDiv(millis, 1000);
    }
}
