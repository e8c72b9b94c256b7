package dev.mooring.http.internal;

import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Retainable;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;

/**
 * A buffer pool that never passes the request buffer of one connection on to another.
 *
 * <p>When Jetty's parser rejects a request, Jetty answers it on a second thread while the first thread still uses the connection and its request
 * buffer ({@code HttpConnection.RequestHandler.badMessage} of 12.0 and 12.1). Both threads release the buffer. In a pool, the second release hits a
 * buffer that another connection has by then: two connections share one buffer, and clients receive each other's answers. A request buffer that is
 * not pooled belongs to one connection until it is garbage, so that this race stays inside the connection that sent the malformed request.
 *
 * <p>Request buffers are recognised by size and kind: {@value #SIZE} bytes on the heap. Everything else is pooled. Any thread may call.
 */
final class RequestBuffers extends ByteBufferPool.Wrapper {

    /** In bytes; longer requests arrive in several pieces. */
    static final int SIZE = 8192;

    RequestBuffers(ByteBufferPool others) {
        super(others);
    }

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        return size == SIZE && !direct
                ? RetainableByteBuffer.wrap(BufferUtil.allocate(size), new SecondReleaseIgnored())
                : super.acquire(size, direct);
    }

    /** Without this, the thread that comes second closes the connection before the client has its answer. */
    private static final class SecondReleaseIgnored extends Retainable.ReferenceCounter {
        @Override
        public boolean release() {
            try {
                return super.release();
            } catch (IllegalStateException e) {
                return false;
            }
        }
    }
}
