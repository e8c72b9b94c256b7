package dev.mooring.http.internal.body;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Content that is produced piece by piece, as fast as the client receives it. One thread at a time uses an instance. */
public interface Body extends Closeable {

    /**
     * Produces the next piece. It may wait for a disk, but never for a client.
     *
     * @param into receives the piece; must have room, and may be left empty
     * @return whether more content follows
     * @throws IOException if the announced content cannot be produced completely
     */
    boolean read(ByteBuffer into) throws IOException;
}
