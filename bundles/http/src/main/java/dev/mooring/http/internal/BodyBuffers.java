package dev.mooring.http.internal;

import dev.mooring.share.ClientLog;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Buffers for the bodies that are being sent. Large ones are direct, and there is a limited number of them over all servers, because a client
 * that does not read keeps its buffer. At the limit bodies get small buffers from the heap, whose number is limited by that of the
 * connections: they are sent more slowly, and nobody waits for the clients that do not read.
 *
 * <p>Instances are safe for use by several threads.
 */
final class BodyBuffers {

    /** Measured: larger ones save a little of the processor, and cost memory for each client that does not read. */
    static final int LARGE = 128 * 1024;

    static final int SMALL = 8 * 1024;

    /** The JVM allows as much direct memory as heap; bodies get a quarter of it. */
    static final BodyBuffers ALL =
            new BodyBuffers((int) Math.max(8, Runtime.getRuntime().maxMemory() / 4 / LARGE));

    /** Kept for the next bodies. What an attack or a rush needed beyond that is given back. */
    private static final int MOST_IDLE = 32;

    private final ClientLog exhausted = new ClientLog(System.getLogger(BodyBuffers.class.getName()));
    private final int most;

    /** Guarded by this, as is the field below. */
    private final Deque<ByteBuffer> idle = new ArrayDeque<>();

    private int used;

    /** @param most how many large buffers there may be in use */
    BodyBuffers(int most) {
        this.most = most;
    }

    /** A buffer that is cleared, for one body. It must be {@linkplain #giveBack given back} or {@linkplain #abandon abandoned}. */
    ByteBuffer take() {
        synchronized (this) {
            if (used < most) {
                used++;
                ByteBuffer kept = idle.poll();
                if (kept != null) {
                    return kept.clear();
                }
            } else {
                return small();
            }
        }
        try {
            return ByteBuffer.allocateDirect(LARGE);
        } catch (OutOfMemoryError e) {
            synchronized (this) {
                used--;
            }
            return small();
        }
    }

    private ByteBuffer small() {
        exhausted.log(
                Level.WARNING,
                null,
                () -> "All " + most
                        + " large buffers are in use by clients that read slowly or not at all; other bodies are sent in"
                        + " small pieces. Raise -Xmx in MOORING_JAVA_OPTIONS if so many slow clients are expected");
        return ByteBuffer.allocate(SMALL);
    }

    /** Takes a buffer back that nobody else uses any more. */
    synchronized void giveBack(ByteBuffer buffer) {
        if (buffer.isDirect()) {
            used--;
            if (idle.size() < MOST_IDLE) {
                idle.push(buffer);
            }
        }
    }

    /** Counts a buffer off that somebody may still use. It is not used again. */
    synchronized void abandon(ByteBuffer buffer) {
        if (buffer.isDirect()) {
            used--;
        }
    }
}
