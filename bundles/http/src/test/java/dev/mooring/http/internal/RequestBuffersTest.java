package dev.mooring.http.internal;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

class RequestBuffersTest {

    private static final int SIZE = 8192;

    private final RequestBuffers buffers = new RequestBuffers(new ArrayByteBufferPool());

    @Test
    void bufferOnTheHeapIsNeverGivenToAnotherConnection() {
        RetainableByteBuffer.Mutable first = buffers.acquire(SIZE, false);
        ByteBuffer bytes = first.getByteBuffer();
        first.release();
        RetainableByteBuffer.Mutable second = buffers.acquire(SIZE, false);
        first.release();
        RetainableByteBuffer.Mutable third = buffers.acquire(SIZE, false);
        assertNotSame(bytes, second.getByteBuffer());
        assertNotSame(bytes, third.getByteBuffer());
        assertNotSame(second.getByteBuffer(), third.getByteBuffer());
    }

    @Test
    void directBuffersArePooled() {
        RetainableByteBuffer.Mutable first = buffers.acquire(SIZE, true);
        ByteBuffer bytes = first.getByteBuffer();
        first.release();
        assertSame(bytes, buffers.acquire(SIZE, true).getByteBuffer());
    }
}
