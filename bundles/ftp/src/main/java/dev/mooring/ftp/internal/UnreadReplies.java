package dev.mooring.ftp.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was to be sent to a client, and the kernel has not taken yet. Guarded by its connection. */
final class UnreadReplies {

    /** Room for hundreds of replies, but not for the listings of a client that reads none. */
    private static final int MOST_BYTES = 1 << 16;

    private final Deque<ByteBuffer> buffers = new ArrayDeque<>(1);
    private int bytes;

    void add(ByteBuffer buffer) {
        buffers.add(buffer);
        bytes += buffer.remaining();
    }

    /** Writes what the channel takes; whether that was anything. */
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

    /** Whether the client has to read before there is more for it. */
    boolean areTooMany() {
        return bytes > MOST_BYTES;
    }

    void clear() {
        buffers.clear();
        bytes = 0;
    }
}
