package dev.mooring.http.internal.body;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BodyBuffersTest {

    private final BodyBuffers buffers = new BodyBuffers(2);

    @Test
    void bufferThatWasGivenBackIsReused() {
        ByteBuffer first = buffers.take();
        first.position(7);
        buffers.giveBack(first);
        ByteBuffer second = buffers.take();
        assertSame(first, second);
        assertEquals(0, second.position());
    }

    @Test
    void abandonedBufferIsNotReused() {
        ByteBuffer first = buffers.take();
        buffers.abandon(first);
        assertNotSame(first, buffers.take());
    }

    @Test
    void atTheLimitBuffersAreSmallAndOnTheHeap() {
        ByteBuffer first = buffers.take();
        ByteBuffer second = buffers.take();
        ByteBuffer third = buffers.take();
        assertTrue(first.isDirect() && second.isDirect());
        assertFalse(third.isDirect());
        assertEquals(BodyBuffers.SMALL, third.remaining());

        buffers.giveBack(third);
        assertFalse(buffers.take().isDirect(), "a small buffer does not make room for a large one");
        buffers.abandon(second);
        assertTrue(buffers.take().isDirect());
    }
}
