package dev.mooring.http.internal.message;

import dev.mooring.share.Entry;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * An entity tag (RFC 9110 section 8.8.3).
 *
 * @param weak whether different contents may have this tag
 * @param opaque the text between the quotes
 */
public record EntityTag(boolean weak, String opaque) {

    private static final Pattern TAG = Pattern.compile("(?:W/)?\"[^\"]*\"|\\*");

    /**
     * The device in the text of the JDK's file keys, {@code (dev=1f,ino=2a)}. On a network file system it is the number of the mount, so it differs
     * between machines.
     */
    private static final Pattern DEVICE = Pattern.compile("dev=[0-9a-f]+,");

    /** Within this time after a change, a file may change again and keep its modification time. */
    private static final long SETTLED_MILLIS = 2000;

    /** A time further in the future was set on purpose. A nearer one may come from a file server whose clock is ahead. */
    private static final long FUTURE_MILLIS = 60_000;

    /**
     * Makes the tag of a file's content from its share, inode, times and size; from its path if the file system has no inodes. So all machines that
     * serve one tree send the same tag. The times include that of the last change of any kind: tools such as tar set the time of the modification, and not all of them to
     * a new one. Until the file is settled its tag is weak and differs from the later one, so a copy from that time is not
     * taken for the final content.
     *
     * @param share the name of its share; files of two shares can have the same URL, inode, time and size
     * @param entry the file
     * @param coding the coding of the response
     * @param settled whether the file is {@linkplain #settled settled}
     */
    public static EntityTag of(String share, Entry entry, Coding coding, boolean settled) {
        String identity = entry.key() == null
                ? entry.path().toString()
                : DEVICE.matcher(entry.key().toString()).replaceFirst("");
        long hash = mix(hash(share + identity));
        hash = mix(hash ^ entry.modified().to(TimeUnit.NANOSECONDS));
        hash = mix(hash ^ entry.size());
        if (entry.changed() != null) {
            hash = mix(hash ^ entry.changed().to(TimeUnit.NANOSECONDS));
        }
        String suffix = coding == Coding.IDENTITY ? "" : "-" + coding.token();
        return new EntityTag(!settled, Long.toHexString(hash) + suffix + (settled ? "" : "~"));
    }

    /** Whether the next change of a file will also change its time, because this time is long enough ago or was not set by the clock. */
    public static boolean settled(Entry entry, long nowMillis) {
        long age = nowMillis - entry.since().toMillis();
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
     * Whether a header lists a wanted tag, or {@code *} for any tag.
     *
     * @param headers the headers of a request
     * @param header {@code If-Match} or {@code If-None-Match}
     * @param wanted accepts the wanted tags
     */
    public static boolean isAny(HttpFields headers, HttpHeader header, Predicate<String> wanted) {
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

    /** The weak comparison of RFC 9110 section 8.8.3.2. */
    public boolean matchesWeakly(String other) {
        return strip(other).equals('"' + opaque + '"');
    }

    /** The strong comparison of RFC 9110 section 8.8.3.2. */
    boolean matchesStrongly(String other) {
        return !weak && toString().equals(other);
    }

    private static String strip(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    /** The tag as it is written in a header. */
    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + opaque + '"';
    }
}
