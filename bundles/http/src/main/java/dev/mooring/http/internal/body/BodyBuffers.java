package dev.mooring.http.internal.body;

import dev.mooring.common.ClientLog;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Buffers for the bodies that are being sent. Large buffers are direct, and all servers together have a limited number of them, because a client
 * that does not read keeps its buffer. At the limit bodies get small buffers from the heap; the limits of connections and of requests over HTTP/2
 * also limit these. Such bodies are sent more slowly, but do not wait for clients that do not read.
 *
 * <p>Instances are safe for use by several threads.
 */
final class BodyBuffers {

    /** Measured: larger buffers save little processor time, and take more memory for each client that does not read. */
    static final int LARGE = 128 * 1024;

    static final int SMALL = 8 * 1024;

    /** The JVM allows as much direct memory as heap; bodies get a quarter of it. */
    static final BodyBuffers ALL =
            new BodyBuffers((int) Math.max(8, Runtime.getRuntime().maxMemory() / 4 / LARGE));

    /** The number of idle buffers that are kept. Memory shrinks to this after an attack or a peak. */
    private static final int MAX_IDLE = 32;

    private final ClientLog exhausted = new ClientLog(System.getLogger(BodyBuffers.class.getName()));
    private final int limit;

    /** Guarded by this, as is the field below. */
    private final Deque<ByteBuffer> idle = new ArrayDeque<>();

    private int used;

    /** @param limit the limit of large buffers in use */
    BodyBuffers(int limit) {
        this.limit = limit;
    }

    /** Returns a cleared buffer for one body. The caller must {@linkplain #release release} or {@linkplain #discard discard} it. */
    ByteBuffer acquire() {
        synchronized (this) {
            if (used < limit) {
                used++;
                ByteBuffer kept = idle.poll();
                if (kept != null) {
                    return kept.clear();
                }
            } else {
                return small("All " + limit + " large buffers are in use by clients that read slowly or not at all");
            }
        }
        try {
            return ByteBuffer.allocateDirect(LARGE);
        } catch (OutOfMemoryError e) {
            synchronized (this) {
                used--;
            }
            return small("The JVM has no direct memory left for a large buffer");
        }
    }

    private ByteBuffer small(String reason) {
        exhausted.log(
                Level.WARNING,
                null,
                () -> reason
                        + "; other bodies are sent in small pieces. Raise the heap of the JVM (-Xmx) if so many slow"
                        + " clients are expected");
        return ByteBuffer.allocate(SMALL);
    }

    /** Returns an unused buffer to the pool. */
    synchronized void release(ByteBuffer buffer) {
        if (buffer.isDirect()) {
            used--;
            if (idle.size() < MAX_IDLE) {
                idle.push(buffer);
            }
        }
    }

    /** Stops counting a buffer that a write may still use. It is not reused. */
    synchronized void discard(ByteBuffer buffer) {
        if (buffer.isDirect()) {
            used--;
        }
    }
}
