package dev.mooring.protocol;

import java.io.Closeable;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;

/**
 * Part of an {@link Engine} that has selectors of its own. The accept loop runs on them instead of a thread of its own: a connection then
 * does not pass from thread to thread before its first byte is read. Measured over HTTP with a connection a request: a third of the rate.
 */
public interface EventLoop {

    /**
     * Watches a duplicate for the accept loop. The engine does nothing else with it.
     *
     * @param duplicate non-blocking, and not registered with another selector
     * @param ready accepts what waits, and does not block; called by one thread at a time whenever the duplicate is ready
     * @return ends that
     */
    Watch watch(ServerSocketChannel duplicate, Runnable ready);

    /** A duplicate that is watched. */
    interface Watch extends Closeable {

        /** Does not call for a while. */
        void pause(Duration time);

        /** Closes the duplicate, and returns when no call is under way and its descriptor is free. */
        @Override
        void close();
    }
}
