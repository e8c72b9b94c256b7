package dev.mooring.http.internal;

import dev.mooring.share.Entry;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * An entity tag, RFC 9110 section 8.8.3.
 *
 * @param weak whether two different contents may have it
 * @param opaque what is between the quotes
 */
record EntityTag(boolean weak, String opaque) {

    private static final Pattern TAG = Pattern.compile("(?:W/)?\"[^\"]*\"|\\*");

    /** Within this time of a change the file may change again without its time telling. */
    static final long SETTLED_MILLIS = 2000;

    /**
     * The tag of what a file holds, made of its identity, time and size. While the file is not settled the tag is weak and
     * differs from the later one, so that a copy made in that time is not taken for good.
     *
     * @param share the name of its share: without identities, files of two shares can have the same path, time and size
     * @param entry the file
     * @param coding the coding that the content is in, if the file itself is not
     * @param settled whether the last change is long enough ago
     */
    static EntityTag of(String share, Entry entry, Coding coding, boolean settled) {
        Object identity = entry.key() == null ? share + entry.path() : entry.key();
        long hash = mix(hash(identity.toString()));
        hash = mix(hash ^ entry.modified().to(TimeUnit.NANOSECONDS));
        hash = mix(hash ^ entry.size());
        String suffix = coding == Coding.IDENTITY ? "" : "-" + coding.token();
        return new EntityTag(!settled, Long.toHexString(hash) + suffix + (settled ? "" : "~"));
    }

    /** A time further ahead was set by somebody; one less far ahead may be that of a file server whose clock is ahead. */
    private static final long FUTURE_MILLIS = 60_000;

    /** Whether the time of a file tells it from its next change: it is long enough ago, or was not given by the clock. */
    static boolean settled(Entry entry, long nowMillis) {
        long age = nowMillis - entry.modified().toMillis();
        return age >= SETTLED_MILLIS || age <= -FUTURE_MILLIS;
    }

    private static long hash(String text) {
        long hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = mix(hash + text.charAt(i));
        }
        return hash;
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /**
     * Whether one of the tags that a header lists is wanted, or the header says that any is.
     *
     * @param headers of a request
     * @param header {@code If-Match} or {@code If-None-Match}
     */
    static boolean isAny(HttpFields headers, HttpHeader header, Predicate<String> wanted) {
        for (String value : headers.getValuesList(header)) {
            Matcher tags = TAG.matcher(value);
            while (tags.find()) {
                if (tags.group().equals("*") || wanted.test(tags.group())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** RFC 9110 section 8.8.3.2. */
    boolean matchesWeakly(String other) {
        return strip(other).equals('"' + opaque + '"');
    }

    /** RFC 9110 section 8.8.3.2. */
    boolean matchesStrongly(String other) {
        return !weak && toString().equals(other);
    }

    private static String strip(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    /** As it is in a header. */
    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + opaque + '"';
    }
}
