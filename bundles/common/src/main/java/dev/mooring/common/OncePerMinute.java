package dev.mooring.common;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits an event to once a minute for each source, and counts the suppressed ones. From 1024 sources in a minute on, all further sources count as
 * one, so that many sources fill neither memory nor log.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class OncePerMinute {

    static final int MOST_SOURCES = 1024;
    static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** The source that stands for all sources above the limit. */
    private static final Object OTHERS = new Object();

    private final LongSupplier nanos;

    /** In the order of their start. Guarded by this object. */
    private final Map<Object, Minute> minutes = new LinkedHashMap<>();

    /** The suppressed events of a source within a minute. Guarded by the outer object. */
    private static final class Minute {
        final long end;
        int leftOut;

        Minute(long end) {
            this.end = end;
        }
    }

    /** Makes a limit without events. */
    public OncePerMinute() {
        this(System::nanoTime);
    }

    OncePerMinute(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Decides whether an event may happen now.
     *
     * @param source the source of the event; equal objects are the same source
     * @return the number of events suppressed since the last one that happened, or -1 to suppress this one too
     */
    public synchronized int leftOut(Object source) {
        long now = nanos.getAsLong();
        Object own = source;
        if (!minutes.containsKey(source)) {
            // A count is kept for one more minute, because the next line reports it.
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
