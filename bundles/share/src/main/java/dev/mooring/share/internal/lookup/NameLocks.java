package dev.mooring.share.internal.lookup;

import java.nio.file.Path;
import java.util.stream.IntStream;

/** Makes the check for a free name, and what follows it, atomic within this process. */
public final class NameLocks {

    private static final Object[] LOCKS =
            IntStream.range(0, 64).mapToObj(i -> new Object()).toArray();

    private NameLocks() {}

    /** The lock of a name. Other names may have the same one, so a thread holds one lock at a time. */
    public static Object of(Path name) {
        return LOCKS[Math.floorMod(name.toString().hashCode(), LOCKS.length)];
    }
}
