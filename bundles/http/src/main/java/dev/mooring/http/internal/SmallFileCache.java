package dev.mooring.http.internal;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Small files by the raw path of the request, within a bound. Who was asked for since he was last looked at is let off once
 * (the second chance algorithm), so that finding takes no lock.
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

    /** Makes a cache that takes so many bytes. */
    SmallFileCache(long capacity) {
        this.capacity = capacity;
    }

    /** Finds a file. */
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

    /** Keeps a file in the place of what was there, at the cost of others. */
    synchronized void put(String path, ServedFile file) {
        Slot slot = new Slot(path, file);
        if (slot.weight > capacity) {
            return;
        }
        Slot previous = slots.remove(path);
        if (previous != null) {
            queue.remove(previous);
            weight -= previous.weight;
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
