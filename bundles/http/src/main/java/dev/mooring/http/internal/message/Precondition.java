package dev.mooring.http.internal.message;

import org.eclipse.jetty.http.HttpDateTime;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** The result of the conditional headers of a request (RFC 9110 section 13). */
public enum Precondition {
    /** The request is answered as if it had no such headers. */
    MET,
    /** The client already has the content: 304. */
    NOT_MODIFIED,
    /** A condition is false: 412. */
    FAILED;

    /**
     * Evaluates the headers in the order of RFC 9110 section 13.2.2, without {@code If-Range}.
     *
     * @param headers the headers of a GET or HEAD request
     * @param tag the tag of the content to send
     * @param modified when the content was last modified, in milliseconds since 1970
     */
    public static Precondition of(HttpFields headers, EntityTag tag, long modified) {
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
     * Whether a range may be sent (RFC 9110 section 13.1.5): there is no {@code If-Range}, or it matches the current content exactly. A weak tag
     * never matches, and the date of a file that has just changed does not match either.
     *
     * @param headers the headers of a GET request
     * @param tag the tag of the content
     * @param modified when the content was last modified, in milliseconds since 1970
     */
    public static boolean rangeApplies(HttpFields headers, EntityTag tag, long modified) {
        String condition = headers.get(HttpHeader.IF_RANGE);
        if (condition == null) {
            return true;
        }
        if (condition.startsWith("\"") || condition.startsWith("W/")) {
            return tag.matchesStrongly(condition);
        }
        return !tag.weak() && date(headers, HttpHeader.IF_RANGE) == seconds(modified) * 1000;
    }

    /** Returns the date of a header, in milliseconds since 1970; -1 if the header is missing or malformed. */
    private static long date(HttpFields headers, HttpHeader header) {
        String date = headers.get(header);
        return date == null ? -1 : HttpDateTime.parseToEpoch(date);
    }

    private static long seconds(long millis) {
        return Math.floorDiv(millis, 1000);
    }
}
