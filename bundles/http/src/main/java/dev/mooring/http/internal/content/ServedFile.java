package dev.mooring.http.internal.content;

import dev.mooring.http.internal.message.EntityTag;
import dev.mooring.share.Entry;
import dev.mooring.share.Share;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * A file in all its forms, at the time when it was found.
 *
 * @param entry the file
 * @param forms the forms, the most compressed first, the file itself last
 * @param settled whether all forms are {@linkplain EntityTag#settled settled}
 * @param foundNanos when it was found, in the time of {@link System#nanoTime}
 */
record ServedFile(Entry entry, List<Representation> forms, boolean settled, long foundNanos) {

    /** The file itself, without a coding. */
    Representation identity() {
        return forms.get(forms.size() - 1);
    }

    /**
     * Chooses a form. A range is always taken from the file itself. Otherwise this prefers an accepted form that the client already has, and then the
     * form with the highest weight.
     */
    Representation choose(HttpFields headers) {
        if (forms.size() == 1 || headers.contains(HttpHeader.RANGE) || !headers.contains(HttpHeader.ACCEPT_ENCODING)) {
            return identity();
        }
        Representation best = identity();
        int liking = best.coding().quality(headers);
        for (Representation form : forms) {
            int quality = form.coding().quality(headers);
            if (quality > 0 && EntityTag.isAny(headers, HttpHeader.IF_NONE_MATCH, form.tag()::matchesWeakly)) {
                return form;
            }
            if (quality > liking || quality > 0 && quality == liking && best == identity()) {
                best = form;
                liking = quality;
            }
        }
        return best;
    }

    /** Takes over the cached bytes of equal forms. */
    void keepFrom(ServedFile known) {
        for (Representation form : forms) {
            for (Representation other : known.forms) {
                if (form.tag().equals(other.tag())) {
                    form.keep(other.content());
                }
            }
        }
    }

    /** Whether a form is still current: neither the file nor its precompressed file has changed. */
    boolean isCurrent(Share share, Representation form) {
        return share.isCurrent(entry) && (form.source() == entry || share.isCurrent(form.source()));
    }

    /** The upper limit of the memory that all forms take, in bytes. */
    long weight() {
        return 1024 + forms.stream().mapToLong(form -> form.source().size()).sum();
    }
}
