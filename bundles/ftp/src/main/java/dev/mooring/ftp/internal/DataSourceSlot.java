package dev.mooring.ftp.internal;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the last {@code PASV} or {@code PORT} of a session has prepared, so that it has one port at most. The owner of the session sets and
 * takes it, and any thread may forget it.
 */
final class DataSourceSlot {

    private final AtomicReference<@Nullable DataSource> source = new AtomicReference<>();

    /** Keeps a source, in place of the one before. */
    void set(DataSource next) {
        replace(next);
    }

    void forget() {
        replace(null);
    }

    private void replace(@Nullable DataSource next) {
        DataSource old = source.getAndSet(next);
        if (old != null) {
            old.close();
        }
    }

    /** The source, which is good for one transfer and the caller's to close; {@code null} if there is none. */
    @Nullable
    DataSource take() {
        return source.getAndSet(null);
    }
}
