package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.transport.SocketSession;
import java.util.Queue;
import java.util.function.LongConsumer;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/** The requests of a channel as they come: bytes that are cut into requests, and counted until these are carried out. */
final class RequestReader {

    /** A type and an identifier, or a version. */
    private static final int MIN_REQUEST = 5;

    /** As for OpenSSH's server. */
    private static final int MAX_REQUEST = 256 * 1024;

    /** Requests that are kept each by itself; the rest waits as the bytes that came, which takes less. */
    private static final int MAX_PARSED = 256;

    private final SocketSession connection;
    private final Queue<Buffer> requests;
    private final Buffer close;
    private final LongConsumer onUnreadable;

    // The monitor of this object guards what follows.

    /** What has come and is not among the requests yet. */
    private final ByteArrayBuffer received = new ByteArrayBuffer(1024);

    /** The bytes that have come and are not carried out. */
    private long waiting;

    private boolean ended;

    /** Whether something came that is no request, so that the next one cannot be found. Written under the monitor. */
    private volatile boolean unreadable;

    /**
     * Makes it for a channel.
     *
     * @param requests takes the requests; others may take them out at any time
     * @param close the request that ends the channel
     * @param onUnreadable takes the size of what is no request
     */
    RequestReader(SocketSession connection, Queue<Buffer> requests, Buffer close, LongConsumer onUnreadable) {
        this.connection = connection;
        this.requests = requests;
        this.close = close;
        this.onUnreadable = onUnreadable;
    }

    /** Takes bytes, unless nothing is taken any more. */
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

    /** Makes requests of what has come. */
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

    /** Counts a request off. */
    void completed(int length) {
        synchronized (this) {
            waiting -= length;
        }
        connection.addPendingRequests(-length);
    }

    /** Takes nothing more, and counts off what has not been carried out. */
    synchronized void end() {
        ended = true;
        connection.addPendingRequests(-waiting);
        waiting = 0;
    }
}
