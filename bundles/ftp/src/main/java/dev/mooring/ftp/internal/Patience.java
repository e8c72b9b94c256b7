package dev.mooring.ftp.internal;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits for the channels of one transfer, until they are ready, time is up, or somebody aborts it. For one thread. */
final class Patience implements AutoCloseable {

    private final Selector selector;
    private final Duration limit;
    private volatile @Nullable String aborted;

    /** Somebody does not want the transfer any more; the message says who. */
    static final class AbortedException extends IOException {
        private static final long serialVersionUID = 1L;

        AbortedException(String message) {
            super(message);
        }
    }

    /** Opens a selector. */
    Patience(Duration limit) throws IOException {
        this.limit = limit;
        selector = Selector.open();
    }

    /**
     * Waits for a channel.
     *
     * @param waitedFor what is said if time is up
     * @throws AbortedException if somebody aborted
     * @throws IOException if time is up
     */
    void await(SelectableChannel channel, int operations, String waitedFor) throws IOException {
        SelectionKey key = channel.keyFor(selector);
        if (key == null) {
            key = channel.register(selector, operations);
        } else if (key.interestOps() != operations) {
            key.interestOps(operations);
        }
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            check();
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new IOException(waitedFor + " within " + limit.toSeconds() + " s");
            }
            int ready = selector.select(left);
            selector.selectedKeys().clear();
            check();
            if (ready > 0) {
                return;
            }
        }
    }

    /** Throws if the transfer was aborted. */
    void check() throws AbortedException {
        String reason = aborted;
        if (reason != null) {
            throw new AbortedException(reason);
        }
    }

    /** Ends every wait from here on. Any thread may. */
    void abort(String reason) {
        aborted = reason;
        selector.wakeup();
    }

    /** Lets go of a channel, which may be somebody else's next. */
    void forget(SelectableChannel channel) throws IOException {
        SelectionKey key = channel.keyFor(selector);
        if (key != null) {
            key.cancel();
            selector.selectNow();
            selector.selectedKeys().clear();
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
