package dev.mooring.share;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets something happen once a minute for each of many sources, and counts how often it was left out. Beyond 1024 sources in a
 * minute all others are one, so that many of them take neither memory nor room in the log.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class OncePerMinute {

    static final int MOST_SOURCES = 1024;
    static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** For what has no room of its own. */
    private static final Object OTHERS = new Object();

    private final LongSupplier nanos;

    /** The one that began first is first. Guarded by this object. */
    private final Map<Object, Minute> minutes = new LinkedHashMap<>();

    /** What was left out of a source within a minute. Guarded by the whole. */
    private static final class Minute {
        final long end;
        int leftOut;

        Minute(long end) {
            this.end = end;
        }
    }

    /** Nothing has happened yet. */
    public OncePerMinute() {
        this(System::nanoTime);
    }

    OncePerMinute(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Asks whether it may happen now.
     *
     * @param source what is counted for itself; equal sources are one
     * @return how often it was left out since it last happened, or -1 if it is left out this time too
     */
    public synchronized int leftOut(Object source) {
        long now = nanos.getAsLong();
        Object own = source;
        if (!minutes.containsKey(source)) {
            // A count is kept for one more minute, for the line that says it.
            minutes.values().removeIf(each -> now - each.end >= (each.leftOut == 0 ? 0 : MINUTE));
            own = minutes.size() < MOST_SOURCES ? source : OTHERS;
        }
        Minute minute = minutes.get(own);
        if (minute != null && now - minute.end < 0) {
            minute.leftOut++;
            return -1;
        }
        minutes.remove(own);
        minutes.put(own, new Minute(now + MINUTE));
        return minute == null ? 0 : minute.leftOut;
    }

    synchronized int size() {
        return minutes.size();
    }
}
