package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.transport.SocketSession;
import java.util.Queue;
import java.util.function.LongConsumer;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/** Cuts the bytes that a channel receives into requests, and counts them until the requests are completed. */
final class RequestReader {

    /** A type and an identifier, or a version. */
    private static final int MIN_REQUEST = 5;

    /** The limit of OpenSSH's server. */
    private static final int MAX_REQUEST = 256 * 1024;

    /** The number of requests to parse ahead. The rest stays bytes, which takes less memory. */
    private static final int MAX_PARSED = 256;

    private final SocketSession connection;
    private final Queue<Buffer> requests;
    private final Buffer close;
    private final LongConsumer onUnreadable;

    // The monitor of this object guards the following fields.

    /** Received, but not parsed yet. */
    private final ByteArrayBuffer received = new ByteArrayBuffer(1024);

    /** The received bytes of requests that are not completed. */
    private long waiting;

    private boolean ended;

    /** Whether the channel has received a packet that is not a request. The beginning of the next one is unknown. Written under the monitor. */
    private volatile boolean unreadable;

    /**
     * Makes the reader of a channel.
     *
     * @param connection counts the waiting bytes
     * @param requests receives the requests; others may remove them at any time
     * @param close the request that ends the channel
     * @param onUnreadable receives the size of a packet that is not a request
     */
    RequestReader(SocketSession connection, Queue<Buffer> requests, Buffer close, LongConsumer onUnreadable) {
        this.connection = connection;
        this.requests = requests;
        this.close = close;
        this.onUnreadable = onUnreadable;
    }

    /**
     * Adds received bytes.
     *
     * @return {@code false} after {@link #end}
     */
    synchronized boolean add(byte[] bytes, int start, int length) {
        if (ended) {
            return false;
        }
        received.compact();
        received.putRawBytes(bytes, start, length);
        waiting += length;
        connection.addPendingRequests(length);
        parse();
        return true;
    }

    /** Cuts received bytes into requests. */
    synchronized void parse() {
        while (!unreadable && requests.size() < MAX_PARSED && received.available() >= Integer.BYTES) {
            int begin = received.rpos();
            long size = received.getUInt();
            received.rpos(begin);
            if (size < MIN_REQUEST || size > MAX_REQUEST) {
                unreadable = true;
                onUnreadable.accept(size);
                requests.add(close);
            } else if (received.available() < Integer.BYTES + size) {
                return;
            } else {
                byte[] request = new byte[Integer.BYTES + (int) size];
                received.getRawBytes(request);
                requests.add(new RequestBuffer(request));
            }
        }
    }

    boolean isUnreadable() {
        return unreadable;
    }

    /** Counts off a completed request. */
    void completed(int length) {
        synchronized (this) {
            waiting -= length;
        }
        connection.addPendingRequests(-length);
    }

    /** Refuses further bytes, and counts off those that wait. */
    synchronized void end() {
        ended = true;
        connection.addPendingRequests(-waiting);
        waiting = 0;
    }
}
