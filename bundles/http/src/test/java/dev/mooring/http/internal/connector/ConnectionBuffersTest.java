package dev.mooring.http.internal.connector;

import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

class ConnectionBuffersTest {

    private static final int SIZE = 8192;

    private final ConnectionBuffers buffers = new ConnectionBuffers();

    @Test
    void bufferIsNeverGivenToAnotherConnection() {
        RetainableByteBuffer.Mutable first = buffers.acquire(SIZE, true);
        ByteBuffer bytes = first.getByteBuffer();
        first.release();
        RetainableByteBuffer.Mutable second = buffers.acquire(SIZE, true);
        first.release();
        RetainableByteBuffer.Mutable third = buffers.acquire(SIZE, true);
        assertNotSame(bytes, second.getByteBuffer());
        assertNotSame(bytes, third.getByteBuffer());
        assertNotSame(second.getByteBuffer(), third.getByteBuffer());
    }
}
