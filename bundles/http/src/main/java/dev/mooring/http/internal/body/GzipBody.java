package dev.mooring.http.internal.body;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** A body in the gzip format (RFC 1952). */
public final class GzipBody implements Body {

    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final Body plain;
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final CRC32 crc = new CRC32();
    private final ByteBuffer input = ByteBuffer.allocate(32 * 1024);
    private ByteBuffer frame = ByteBuffer.wrap(HEADER);
    private boolean more = true;

    /** Owns the plain body, and the {@link BodyMemory} that the caller has reserved for the compressor. */
    public GzipBody(Body plain) {
        this.plain = plain;
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (frame.hasRemaining()) {
                into.put(frame.get());
            } else if (deflater.finished()) {
                return false;
            } else if (deflater.needsInput() && more) {
                more = plain.read(input.clear());
                input.flip();
                crc.update(input.slice());
                deflater.setInput(input);
                if (!more) {
                    deflater.finish();
                }
            } else {
                deflater.deflate(into);
                if (deflater.finished()) {
                    frame = trailer();
                }
            }
        }
        return frame.hasRemaining() || !deflater.finished();
    }

    private ByteBuffer trailer() {
        return ByteBuffer.allocate(Integer.BYTES * 2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) crc.getValue())
                .putInt((int) deflater.getBytesRead())
                .flip();
    }

    @Override
    public void close() throws IOException {
        deflater.end();
        BodyMemory.release(BodyMemory.COMPRESSOR);
        plain.close();
    }
}
