package dev.mooring.http.internal;

import dev.mooring.share.Entry;
import dev.mooring.share.Share;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * A file as it was found, in all its forms.
 *
 * @param entry the file
 * @param forms the forms, the most compressed first, the file as it is last
 * @param settled whether its last change is long enough ago for its time to tell it from the next
 * @param foundNanos when it was found, as {@link System#nanoTime} has it
 */
record ServedFile(Entry entry, List<Representation> forms, boolean settled, long foundNanos) {

    /** The file as it is. */
    Representation identity() {
        return forms.get(forms.size() - 1);
    }

    /**
     * Chooses a form: a range is always taken from the file as it is; otherwise what the client has already, among the forms
     * that it accepts; otherwise the one that it likes best.
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

    /** Keeps the bytes that have been read of forms that are the same. */
    void keepFrom(ServedFile known) {
        for (Representation form : forms) {
            for (Representation other : known.forms) {
                if (form.tag().equals(other.tag())) {
                    form.keep(other.content());
                }
            }
        }
    }

    /** Whether a form is still what the share has: the file has not changed, nor what stands in for it. */
    boolean isCurrent(Share share, Representation form) {
        return share.isCurrent(entry) && (form.source() == entry || share.isCurrent(form.source()));
    }

    /** The most that all forms can take in memory, in bytes. */
    long weight() {
        return 1024 + forms.stream().mapToLong(form -> form.source().size()).sum();
    }
}
