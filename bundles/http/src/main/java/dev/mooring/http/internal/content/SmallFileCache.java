package dev.mooring.http.internal.content;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A bounded cache of small files, by the raw path of the request. It evicts by the second-chance algorithm: a file that was used since the last check
 * is kept once more. A lookup therefore takes no lock.
 */
final class SmallFileCache {

    private final long capacity;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private final Set<Slot> queue = new LinkedHashSet<>();
    private long weight;

    private static final class Slot {
        final String path;
        final ServedFile file;
        final long weight;
        volatile boolean used;

        Slot(String path, ServedFile file) {
            this.path = path;
            this.file = file;
            this.weight = file.weight() + path.length();
        }
    }

    /** @param capacity the limit of its memory, in bytes */
    SmallFileCache(long capacity) {
        this.capacity = capacity;
    }

    /** Returns a file; {@code null} if it is not cached. */
    @Nullable
    ServedFile get(String path) {
        Slot slot = slots.get(path);
        if (slot == null) {
            return null;
        }
        if (!slot.used) {
            slot.used = true;
        }
        return slot.file;
    }

    /** Adds or replaces a file, and evicts others if necessary. Does not keep a file that is larger than the cache. */
    synchronized void put(String path, ServedFile file) {
        Slot previous = slots.remove(path);
        if (previous != null) {
            queue.remove(previous);
            weight -= previous.weight;
        }
        Slot slot = new Slot(path, file);
        if (slot.weight > capacity) {
            return;
        }
        while (weight + slot.weight > capacity) {
            evict();
        }
        slots.put(path, slot);
        queue.add(slot);
        weight += slot.weight;
    }

    private void evict() {
        Iterator<Slot> slotsByAge = queue.iterator();
        Slot oldest = slotsByAge.next();
        slotsByAge.remove();
        if (oldest.used) {
            oldest.used = false;
            queue.add(oldest);
        } else {
            slots.remove(oldest.path);
            weight -= oldest.weight;
        }
    }
}
