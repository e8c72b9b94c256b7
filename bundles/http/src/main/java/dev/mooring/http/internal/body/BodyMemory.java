package dev.mooring.http.internal.body;

import dev.mooring.common.ClientLog;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the memory that bodies take besides their {@link BodyBuffers} until the client has read them: pages, zips and compressors of all servers.
 * The limit is a quarter of the heap, so clients that do not read cannot fill the memory.
 */
public final class BodyMemory {

    /** Measured: the state of a compressor, and its input, in bytes. */
    public static final long COMPRESSOR = 300 * 1024;

    /** A compressor, a buffer, and the directories that are being walked, in bytes. */
    public static final long ZIP = 1024 * 1024;

    private static final long LIMIT = Runtime.getRuntime().maxMemory() / 4;
    private static final AtomicLong USED = new AtomicLong();
    private static final ClientLog EXHAUSTED = new ClientLog(System.getLogger(BodyMemory.class.getName()));

    private static final long STEP = 64 * 1024;

    private BodyMemory() {}

    /** Too little memory is left. */
    public static final class ExhaustedException extends IOException {

        private static final long serialVersionUID = 1;

        private ExhaustedException() {
            super("too little of the heap is left for it; raise -Xmx");
        }
    }

    /** The memory of something that grows, such as a list. One thread at a time uses an instance. */
    public static final class Growing implements Closeable {

        private long reserved;
        private long used;

        /** Reserves more bytes. */
        public void add(long bytes) throws ExhaustedException {
            used += bytes;
            if (used > reserved) {
                long more = Math.max(STEP, used - reserved);
                if (!reserve(more)) {
                    throw new ExhaustedException();
                }
                reserved += more;
            }
        }

        /** Releases everything. */
        @Override
        public void close() {
            release(reserved);
            reserved = 0;
            used = 0;
        }
    }

    /** Reserves bytes. Returns {@code false} if too few are left. */
    public static boolean reserve(long bytes) {
        if (USED.addAndGet(bytes) <= LIMIT) {
            return true;
        }
        release(bytes);
        EXHAUSTED.log(
                Level.WARNING,
                null,
                () ->
                        "Pages, zips and compressed files that clients have not read take a quarter of the heap; files are sent uncompressed,"
                                + " pages and zips are refused. Raise the heap of the JVM (-Xmx) if so many slow clients are expected");
        return false;
    }

    public static void release(long bytes) {
        USED.addAndGet(-bytes);
    }
}
