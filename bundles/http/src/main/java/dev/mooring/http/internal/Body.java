package dev.mooring.http.internal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Content that is produced piece by piece, as fast as the client takes it. Used by one thread at a time. */
interface Body extends Closeable {

    /**
     * Produces the next piece; may block on a disk, never on a client.
     *
     * @param into where to put it, with room for a piece; may be left without any
     * @return whether there is more to come
     * @throws IOException if the content cannot be produced to its end as it was announced
     */
    boolean read(ByteBuffer into) throws IOException;
}
