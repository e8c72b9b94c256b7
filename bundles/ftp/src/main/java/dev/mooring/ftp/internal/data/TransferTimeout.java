package dev.mooring.ftp.internal.data;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits until a channel of one transfer is ready, a time limit is over, or the transfer is aborted. Not thread-safe, except {@link #abort}. */
public final class TransferTimeout implements AutoCloseable {

    private final Duration limit;

    /** Opened by the first wait, because many small transfers never wait. */
    private volatile @Nullable Selector selector;

    private volatile @Nullable String aborted;

    /** The transfer was aborted. The message has the reason. */
    public static final class AbortedException extends IOException {
        private static final long serialVersionUID = 1L;

        public AbortedException(String message) {
            super(message);
        }
    }

    /**
     * Makes a timeout for one transfer.
     *
     * @param limit the time limit of each wait
     */
    public TransferTimeout(Duration limit) {
        this.limit = limit;
    }

    /**
     * Waits until a channel is ready.
     *
     * @param waitedFor the beginning of the error message if the time is over, before {@code within N s}
     * @throws AbortedException if the transfer was aborted
     * @throws IOException if the time is over
     */
    void await(SelectableChannel channel, int operations, String waitedFor) throws IOException {
        Selector selector = register(channel, operations);
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

    private Selector register(SelectableChannel channel, int operations) throws IOException {
        Selector open = selector;
        if (open == null) {
            open = Selector.open();
            selector = open;
        }
        SelectionKey key = channel.keyFor(open);
        if (key == null) {
            channel.register(open, operations);
        } else if (key.interestOps() != operations) {
            key.interestOps(operations);
        }
        return open;
    }

    /** Waits until a channel is readable. Returns {@code false} if the time is over first, {@code true} after an abort. No other channel may be registered. */
    boolean isReadable(SelectableChannel channel, long millis) throws IOException {
        Selector selector = register(channel, SelectionKey.OP_READ);
        int ready = millis > 0 ? selector.select(millis) : selector.selectNow();
        selector.selectedKeys().clear();
        return ready > 0 || aborted != null;
    }

    /** Throws if the transfer was aborted. */
    void check() throws AbortedException {
        String reason = aborted;
        if (reason != null) {
            throw new AbortedException(reason);
        }
    }

    /** Ends the current and every later wait. Any thread may call this. */
    public void abort(String reason) {
        aborted = reason;
        Selector waiting = selector;
        if (waiting != null) {
            waiting.wakeup();
        }
    }

    /** Deregisters a channel, so that another transfer can use it. */
    void deregister(SelectableChannel channel) throws IOException {
        Selector waited = selector;
        SelectionKey key = waited == null ? null : channel.keyFor(waited);
        if (waited != null && key != null) {
            key.cancel();
            waited.selectNow();
            waited.selectedKeys().clear();
        }
    }

    @Override
    public void close() throws IOException {
        Selector waited = selector;
        if (waited != null) {
            waited.close();
        }
    }
}
