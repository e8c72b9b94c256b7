package dev.mooring.protocol;

import java.io.Closeable;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;

/**
 * Implemented by an {@link Engine} that has selectors. The accept loop then runs on them and needs no thread, so a connection does not change
 * threads before its first byte is read. For HTTP with one request per connection, changing threads would cost a third of the rate.
 */
public interface EventLoop {

    /**
     * Watches a duplicate for the accept loop. The engine must not use it otherwise.
     *
     * @param duplicate non-blocking, and not registered with another selector
     * @param ready accepts the waiting connections without blocking; called by one thread at a time when the duplicate is ready
     * @return stops watching
     */
    Watch watch(ServerSocketChannel duplicate, Runnable ready);

    /** A watched duplicate. */
    interface Watch extends Closeable {

        /** Pauses the calls for a while. */
        void pause(Duration time);

        /** Closes the duplicate. Returns when no call is in progress and the descriptor is free. */
        @Override
        void close();
    }
}
