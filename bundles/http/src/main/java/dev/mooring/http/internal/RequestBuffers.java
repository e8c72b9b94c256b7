package dev.mooring.http.internal;

import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Retainable;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;

/**
 * A buffer pool for direct buffers alone. A buffer on the heap belongs to one connection until it is garbage.
 *
 * <p>When Jetty's parser rejects a request, Jetty answers it on a second thread while the first thread still uses the connection and its
 * buffers ({@code HttpConnection.RequestHandler.badMessage} of 12.0 and 12.1). Both threads release them. In a pool, the second release hits a
 * buffer that another connection has by then: two connections share one buffer, and clients receive each other's answers. With TLS this happened
 * to other buffers than the request's, too. So Jetty gets all its buffers from the heap, unpooled, and the race stays inside the connection that
 * sent the malformed request.
 *
 * <p>Only {@link BodyWriter} asks for direct buffers. One thread at a time uses and releases them. Any thread may call.
 */
final class RequestBuffers extends ByteBufferPool.Wrapper {

    RequestBuffers(ByteBufferPool direct) {
        super(direct);
    }

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        return direct
                ? super.acquire(size, true)
                : RetainableByteBuffer.wrap(BufferUtil.allocate(size), new SecondReleaseIgnored());
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
