package dev.mooring.http.internal.connector;

import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Retainable;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;

/**
 * Gives Jetty its buffers, from the heap and without a pool. A buffer belongs to one connection until it is garbage.
 *
 * <p>When Jetty's parser rejects a request, Jetty answers it on a second thread while the first thread still uses the connection and its
 * buffers ({@code HttpConnection.RequestHandler.badMessage} of 12.0 and 12.1). Both threads release them. In a pool, the second release hits a
 * buffer that another connection has by then: two connections share one buffer, and clients receive each other's responses. With TLS this also
 * happened to buffers other than the request's. Without a pool the race stays inside the connection that sent the malformed request.
 *
 * <p>The large buffers of bodies have a pool of their own, {@code BodyBuffers}. Any thread may call the methods.
 */
public final class ConnectionBuffers extends ByteBufferPool.NonPooling {

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        return RetainableByteBuffer.wrap(BufferUtil.allocate(size), new SecondReleaseIgnored());
    }

    /** Without this, the second thread closes the connection before the client has received its response. */
    static class SecondReleaseIgnored extends Retainable.ReferenceCounter {
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
