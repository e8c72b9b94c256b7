package dev.mooring.http.internal.content;

import dev.mooring.http.internal.content.Representation.Content;
import dev.mooring.http.internal.message.Coding;
import dev.mooring.http.internal.message.EntityTag;
import dev.mooring.share.Entry;
import dev.mooring.share.Share;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * A file in all its representations, at the time when it was found.
 *
 * @param entry the file
 * @param representations the representations, the most compressed first, the file itself last
 * @param settled whether all representations are {@linkplain EntityTag#settled settled}
 * @param local whether it is on a {@linkplain Share#isLocal local} file system
 * @param foundNanos when it was found, in the time of {@link System#nanoTime}
 */
record ServedFile(Entry entry, List<Representation> representations, boolean settled, boolean local, long foundNanos) {

    /** The file itself, without a coding. */
    Representation identity() {
        return representations.get(representations.size() - 1);
    }

    /**
     * Chooses a representation. A range is always taken from the file itself. Otherwise this prefers an accepted representation that the client already has, and then the
     * representation with the highest weight.
     */
    Representation choose(HttpFields headers) {
        if (representations.size() == 1
                || headers.contains(HttpHeader.RANGE)
                || !headers.contains(HttpHeader.ACCEPT_ENCODING)) {
            return identity();
        }
        Representation best = identity();
        int bestQuality = best.coding().quality(headers);
        for (Representation each : representations) {
            int quality = each.coding().quality(headers);
            if (quality > 0 && EntityTag.isAny(headers, HttpHeader.IF_NONE_MATCH, each.tag()::matchesWeakly)) {
                return each;
            }
            if (quality > bestQuality || quality > 0 && quality == bestQuality && best == identity()) {
                best = each;
                bestQuality = quality;
            }
        }
        return best;
    }

    /** Whether a file that was found again has the same representations, each with its source. */
    boolean describes(Map<Coding, Entry> sources) {
        return sources.size() == representations.size()
                && representations.stream().allMatch(each -> each.describes(sources.get(each.coding())));
    }

    /** The same file, found now. */
    ServedFile foundAgain() {
        return new ServedFile(entry, representations, settled, local, System.nanoTime());
    }

    /** Takes over the cached bytes of equal representations. */
    void reuseContentOf(ServedFile known) {
        for (Representation each : representations) {
            for (Representation other : known.representations) {
                if (each.tag().equals(other.tag())) {
                    each.keep(other.content());
                }
            }
        }
    }

    /** Forgets the cached bytes. Returns {@code false} if there were none. */
    boolean dropContents() {
        boolean dropped = false;
        for (Representation each : representations) {
            dropped |= each.content() != null;
            each.keep(null);
        }
        return dropped;
    }

    /** Whether a representation is still current: neither the file nor its precompressed file has changed. */
    boolean isCurrent(Share share, Representation representation) {
        return share.isCurrent(entry) && (representation.source() == entry || share.isCurrent(representation.source()));
    }

    /** The upper limit of the memory that this takes with the cached bytes, in bytes. */
    long weight() {
        long weight = 1024;
        for (Representation each : representations) {
            Content content = each.content();
            weight += content == null ? 0 : content.bytes().capacity();
        }
        return weight;
    }
}
