package dev.mooring.sftp.internal.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;

/**
 * An extended request that reads as much of a file as its client wants, and therefore may take hours. It reads the file in steps, so that
 * other channels get their turn between them. Only the thread that runs the requests of the channel uses it.
 */
abstract class LongRequest implements Closeable {

    /** The bytes that are read in a step. */
    static final int STEP = 4 * 1024 * 1024;

    private static final int BUFFER_SIZE = 64 * 1024;

    final int id;
    final String extension;
    final SeekableByteChannel source;
    private long position;
    private long left;

    /**
     * Makes a request.
     *
     * @param id the identifier of the request
     * @param extension the name of the request
     * @param source the file
     * @param position where to begin
     * @param length the maximum number of bytes to read
     */
    LongRequest(int id, String extension, SeekableByteChannel source, long position, long length) {
        this.id = id;
        this.extension = extension;
        this.source = source;
        this.position = position;
        this.left = length;
    }

    /** Takes a piece of the file, completely. */
    abstract void accept(ByteBuffer piece) throws IOException;

    /** The whole file has been read. If this fails, the client gets the failure instead of the reply. */
    void complete() throws IOException {}

    /** Sends the reply. */
    abstract void reply() throws IOException;

    /**
     * Reads the next part of the file.
     *
     * @return whether it was the last one
     */
    final boolean step() throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(BUFFER_SIZE, left));
        for (int read = 0; left > 0 && read < STEP; ) {
            int count = read(source, piece.clear().limit((int) Math.min(piece.capacity(), left)), position);
            if (count < 0) {
                left = 0;
            } else {
                accept(piece.flip());
                position += count;
                left -= count;
                read += count;
            }
        }
        return left == 0;
    }

    /** Reads at a position, as {@link SeekableByteChannel#read}. */
    static int read(SeekableByteChannel source, ByteBuffer piece, long position) throws IOException {
        return source instanceof FileChannel direct
                ? direct.read(piece, position)
                : source.position(position).read(piece);
    }

    /** Closes the files that the request has opened. A copy that is not complete is discarded. */
    @Override
    public void close() throws IOException {
        source.close();
    }
}
