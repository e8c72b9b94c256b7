package dev.mooring.ftp.internal.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** The queue of replies that the kernel has not accepted yet. Guarded by its connection. */
final class UnreadReplies {

    /** Enough for hundreds of replies, but not for many listings. */
    private static final int MAX_BYTES = 1 << 16;

    private final Deque<ByteBuffer> buffers = new ArrayDeque<>(1);
    private int bytes;

    void add(ByteBuffer buffer) {
        buffers.add(buffer);
        bytes += buffer.remaining();
    }

    /** Writes as much as the channel accepts; returns whether it accepted anything. */
    boolean writeTo(WritableByteChannel channel) throws IOException {
        int before = bytes;
        for (ByteBuffer first = buffers.peek(); first != null; first = buffers.peek()) {
            bytes -= channel.write(first);
            if (first.hasRemaining()) {
                break;
            }
            buffers.remove();
        }
        return bytes < before;
    }

    int bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** Whether the client must read before it gets further replies. */
    boolean isFull() {
        return bytes > MAX_BYTES;
    }

    void clear() {
        buffers.clear();
        bytes = 0;
    }
}
