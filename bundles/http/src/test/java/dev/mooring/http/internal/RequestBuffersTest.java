package dev.mooring.http.internal;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

class RequestBuffersTest {

    private final RequestBuffers buffers = new RequestBuffers(new ArrayByteBufferPool());

    @Test
    void requestBufferIsNeverGivenToAnotherConnection() {
        RetainableByteBuffer.Mutable first = buffers.acquire(RequestBuffers.SIZE, false);
        ByteBuffer bytes = first.getByteBuffer();
        first.release();
        RetainableByteBuffer.Mutable second = buffers.acquire(RequestBuffers.SIZE, false);
        first.release();
        RetainableByteBuffer.Mutable third = buffers.acquire(RequestBuffers.SIZE, false);
        assertNotSame(bytes, second.getByteBuffer());
        assertNotSame(bytes, third.getByteBuffer());
        assertNotSame(second.getByteBuffer(), third.getByteBuffer());
    }

    @Test
    void otherBuffersArePooled() {
        RetainableByteBuffer.Mutable first = buffers.acquire(RequestBuffers.SIZE, true);
        ByteBuffer bytes = first.getByteBuffer();
        first.release();
        assertSame(bytes, buffers.acquire(RequestBuffers.SIZE, true).getByteBuffer());
    }
}
