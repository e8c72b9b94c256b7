package dev.mooring.http.internal.body;

import dev.mooring.share.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;

/** Sections of a file, each after a prefix. */
public final class FileBody implements Body {

    /**
     * A section.
     *
     * @param before the prefix; may be empty
     * @param first the position in the file where it starts, in bytes
     * @param length its length, in bytes
     */
    public record Section(byte[] before, long first, long length) {
        public Section(long first, long length) {
            this(new byte[0], first, length);
        }
    }

    private final OpenFile file;
    private final Iterator<Section> sections;
    private final Runnable atEnd;
    private ByteBuffer before = ByteBuffer.allocate(0);
    private long left;

    /** Owns the file. */
    public FileBody(OpenFile file, List<Section> sections) {
        this(file, sections, () -> {});
    }

    /**
     * Owns the file.
     *
     * @param atEnd run when everything has been read, before the last piece is sent
     */
    public FileBody(OpenFile file, List<Section> sections, Runnable atEnd) {
        this.file = file;
        this.sections = sections.iterator();
        this.atEnd = atEnd;
    }

    private void next() throws IOException {
        Section section = sections.next();
        before = ByteBuffer.wrap(section.before());
        left = section.length();
        file.channel().position(section.first());
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        while (true) {
            while (before.hasRemaining() && into.hasRemaining()) {
                into.put(before.get());
            }
            fill(into);
            if (left > 0 || before.hasRemaining()) {
                return true;
            }
            if (!sections.hasNext()) {
                atEnd.run();
                return false;
            }
            next();
        }
    }

    private void fill(ByteBuffer into) throws IOException {
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + left));
        while (into.hasRemaining()) {
            int read = file.channel().read(into);
            if (read < 0) {
                throw new EOFException(file.entry().path() + " was truncated while it was sent");
            }
            left -= read;
        }
        into.limit(limit);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
