package dev.mooring.http.internal.connector;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;

/**
 * The buffers of one TLS connection. Each record needs three of 16 KiB, so this uses them again, but never for another connection:
 * {@link ConnectionBuffers} says why. A collection of garbage removes those that are not in use, so an idle connection keeps none.
 *
 * <p>Any thread may call the methods.
 */
final class TlsBuffers extends ByteBufferPool.NonPooling {

    private static final int MOST = 4;

    /** The buffers that are not in use. Guarded by itself. */
    private final Deque<WeakReference<ByteBuffer>> unused = new ArrayDeque<>(MOST);

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        ByteBuffer bytes = take(size);
        return RetainableByteBuffer.wrap(bytes, new Use(bytes));
    }

    private ByteBuffer take(int size) {
        synchronized (unused) {
            for (WeakReference<ByteBuffer> each : unused) {
                ByteBuffer bytes = each.get();
                if (bytes != null && bytes.capacity() == size) {
                    unused.remove(each);
                    BufferUtil.clear(bytes);
                    return bytes;
                }
            }
        }
        return BufferUtil.allocate(size);
    }

    private void giveBack(ByteBuffer bytes) {
        synchronized (unused) {
            if (unused.size() == MOST) {
                unused.removeLast();
            }
            unused.addFirst(new WeakReference<>(bytes));
        }
    }

    /** A use of a buffer. Its second release does nothing: the buffer may be in use again, by the same connection. */
    private final class Use extends ConnectionBuffers.SecondReleaseIgnored {

        private final ByteBuffer bytes;

        Use(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public boolean release() {
            boolean last = super.release();
            if (last) {
                giveBack(bytes);
            }
            return last;
        }
    }
}
