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
    void releasedBufferIsReused() {
        ByteBuffer first = buffers.acquire();
        first.position(7);
        buffers.release(first);
        ByteBuffer second = buffers.acquire();
        assertSame(first, second);
        assertEquals(0, second.position());
    }

    @Test
    void discardedBufferIsNotReused() {
        ByteBuffer first = buffers.acquire();
        buffers.discard(first);
        assertNotSame(first, buffers.acquire());
    }

    @Test
    void atTheLimitBuffersAreSmallAndOnTheHeap() {
        ByteBuffer first = buffers.acquire();
        ByteBuffer second = buffers.acquire();
        ByteBuffer third = buffers.acquire();
        assertTrue(first.isDirect() && second.isDirect());
        assertFalse(third.isDirect());
        assertEquals(BodyBuffers.SMALL, third.remaining());

        buffers.release(third);
        assertFalse(buffers.acquire().isDirect(), "a small buffer does not make room for a large one");
        buffers.discard(second);
        assertTrue(buffers.acquire().isDirect());
    }
}
