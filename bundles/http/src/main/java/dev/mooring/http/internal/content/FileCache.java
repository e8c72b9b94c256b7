package dev.mooring.http.internal.content;

import dev.mooring.http.internal.content.Representation.Content;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded cache of what was found out about files, by the raw path of the request, and of the content of small ones. It evicts by the second-chance
 * algorithm: a file that was used since the last check is kept once more. Of others it first evicts the content.
 *
 * <p>Thread-safe. A lookup takes no lock. A change is not made while another thread makes one: if hundreds of threads waited for each other here,
 * clients would wait for a tenth of a second.
 */
final class FileCache {

    /**
     * If the cache is full, one of so many contents is kept. Otherwise most of the time would go into replacing contents that nobody asks for again,
     * when a tree is larger than the cache. A file that many ask for is kept soon nevertheless.
     */
    private static final int KEPT_ONE_IN = 128;

    private final long capacity;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private final Lock lock = new ReentrantLock();

    /** Guarded by the lock, as is the weight of each slot. */
    private final Set<Slot> queue = new LinkedHashSet<>();

    /** Written under the lock. */
    private volatile long weight;

    private static final class Slot {
        final String path;
        final ServedFile file;
        long weight;
        volatile boolean used;

        Slot(String path, ServedFile file) {
            this.path = path;
            this.file = file;
            weight = file.weight() + path.length();
        }
    }

    /** @param capacity the limit of its memory, in bytes */
    FileCache(long capacity) {
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

    /** Whether content of this size is to be read into memory and then {@linkplain #put(String, ServedFile, Representation, Content) put}. */
    boolean wants(long size) {
        return weight + size <= capacity
                || size <= capacity && ThreadLocalRandom.current().nextInt(KEPT_ONE_IN) == 0;
    }

    /** Adds or replaces a file, and evicts others if necessary. Does not keep a file that is larger than the cache. */
    void put(String path, ServedFile file) {
        changeUnlessBusy(() -> replace(path, file));
    }

    /** Adds or replaces a file, and keeps the content of one of its representations. */
    void put(String path, ServedFile file, Representation representation, Content content) {
        changeUnlessBusy(() -> {
            representation.keep(content);
            replace(path, file);
        });
    }

    private void changeUnlessBusy(Runnable change) {
        if (lock.tryLock()) {
            try {
                change.run();
            } finally {
                lock.unlock();
            }
        }
    }

    private void replace(String path, ServedFile file) {
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
        weight -= oldest.weight;
        if (oldest.used) {
            oldest.used = false;
        } else if (oldest.file.dropContents()) {
            oldest.weight = oldest.file.weight() + oldest.path.length();
        } else {
            slots.remove(oldest.path);
            return;
        }
        weight += oldest.weight;
        queue.add(oldest);
    }
}
