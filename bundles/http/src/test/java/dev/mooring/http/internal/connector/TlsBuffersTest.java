package dev.mooring.http.internal.connector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

class TlsBuffersTest {

    private static final int SIZE = 16709;

    private final TlsBuffers buffers = new TlsBuffers();

    @Test
    void releasedBufferIsUsedAgainAndIsEmpty() {
        RetainableByteBuffer first = buffers.acquire(SIZE, false);
        ByteBuffer bytes = first.getByteBuffer();
        bytes.limit(1).put(0, (byte) 1);
        assertTrue(first.release());

        assertNotSame(bytes, buffers.acquire(SIZE - 1, false).getByteBuffer(), "another size");
        RetainableByteBuffer second = buffers.acquire(SIZE, false);
        assertSame(bytes, second.getByteBuffer());
        assertEquals(0, second.remaining());
    }

    @Test
    void retainedBufferIsInUse() {
        RetainableByteBuffer first = buffers.acquire(SIZE, false);
        first.retain();
        assertFalse(first.release());
        assertNotSame(first.getByteBuffer(), buffers.acquire(SIZE, false).getByteBuffer());
    }

    @Test
    void secondReleaseDoesNotFreeTheNextUse() {
        RetainableByteBuffer first = buffers.acquire(SIZE, false);
        assertTrue(first.release());
        RetainableByteBuffer second = buffers.acquire(SIZE, false);
        assertFalse(first.release());
        assertNotSame(second.getByteBuffer(), buffers.acquire(SIZE, false).getByteBuffer());
    }

    @Test
    void connectionsShareNothing() {
        RetainableByteBuffer first = buffers.acquire(SIZE, false);
        first.release();
        assertNotSame(
                first.getByteBuffer(), new TlsBuffers().acquire(SIZE, false).getByteBuffer());
    }
}
