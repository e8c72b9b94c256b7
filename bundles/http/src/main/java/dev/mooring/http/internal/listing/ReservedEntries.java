package dev.mooring.http.internal.listing;

import dev.mooring.http.internal.body.BodyMemory;
import dev.mooring.share.Entry;
import dev.mooring.share.Share;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Lists directories within the memory for bodies. */
final class ReservedEntries {

    /** Measured: an entry of the list, and what is made of it: its part of a page, or its name in a zip and later the member. */
    private static final int ENTRY_BYTES = 600;

    private ReservedEntries() {}

    /**
     * Lists a directory.
     *
     * @param memory reserves the memory of the list and of what is made of it; the caller closes it
     * @return the entries in no particular order; the caller owns the list
     * @throws BodyMemory.ExhaustedException if too little memory is left
     * @throws IOException if the directory cannot be listed
     */
    static List<Entry> of(Share share, Entry directory, BodyMemory.Growing memory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        share.list(directory.path(), entry -> {
            memory.add(ENTRY_BYTES);
            entries.add(entry);
        });
        return entries;
    }
}
