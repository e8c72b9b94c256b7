package dev.mooring.http.internal;

import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A directory as a zip, with everything in it that can be asked for one by one. Links are followed, but not into a directory
 * that they are in.
 */
final class ZipBody implements Body {

    private static final Logger LOG = System.getLogger(ZipBody.class.getName());

    /** Where files have no identity a loop cannot be seen, only felt. */
    private static final int DEEPEST = 256;

    private final Share share;
    private final int prefix;
    private final Deque<Walk> walks = new ArrayDeque<>();
    private final Output output = new Output();
    private final ZipOutputStream zip = new ZipOutputStream(output);
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024);
    private @Nullable OpenFile file;
    private long left;

    /** A directory that is being walked. */
    private record Walk(Entry directory, Iterator<Entry> entries) {}

    /** What the zip has written and the client has not got yet: a good deal less than a piece and its input. */
    private static final class Output extends ByteArrayOutputStream {

        private int taken;

        void drainTo(ByteBuffer into) {
            int length = Math.min(into.remaining(), count - taken);
            into.put(buf, taken, length);
            taken += length;
            if (taken == count) {
                reset();
                taken = 0;
            }
        }

        boolean isEmpty() {
            return count == taken;
        }
    }

    /**
     * Starts a zip.
     *
     * @throws IOException if the directory cannot be listed
     */
    ZipBody(Share share, Entry directory) throws IOException {
        this.share = share;
        this.prefix = directory.path().names().size();
        zip.setLevel(Deflater.BEST_SPEED);
        descend(directory);
    }

    private void descend(Entry directory) throws IOException {
        List<Entry> entries = share.list(directory.path());
        walks.push(new Walk(
                directory,
                entries.stream().sorted(Comparator.comparing(Entry::name)).iterator()));
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        while (true) {
            output.drainTo(into);
            if (!into.hasRemaining() || walks.isEmpty()) {
                return !output.isEmpty() || !walks.isEmpty();
            }
            if (file != null) {
                copy(file);
            } else if (walks.getFirst().entries().hasNext()) {
                add(walks.getFirst().entries().next());
            } else {
                walks.pop();
                if (walks.isEmpty()) {
                    zip.finish();
                }
            }
        }
    }

    private void add(Entry entry) throws IOException {
        try {
            switch (entry.kind()) {
                case DIRECTORY -> {
                    if (!isLoop(entry)) {
                        descend(entry);
                        begin(entry, "/");
                        zip.closeEntry();
                    }
                }
                case FILE -> {
                    file = share.open(entry.path());
                    left = file.entry().size();
                    begin(file.entry(), "");
                }
                case OTHER -> LOG.log(Level.DEBUG, "{0} has no content", entry.path());
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            LOG.log(Level.DEBUG, "{0} vanished before its turn", entry.path());
        } catch (AccessDeniedException e) {
            LOG.log(Level.WARNING, "{0} is not in the zip: it may not be read", entry.path());
        }
    }

    private boolean isLoop(Entry directory) {
        return walks.size() >= DEEPEST
                || directory.key() != null
                        && walks.stream()
                                .anyMatch(walk ->
                                        directory.key().equals(walk.directory().key()));
    }

    private void begin(Entry entry, String suffix) throws IOException {
        SharePath path = entry.path();
        ZipEntry member = new ZipEntry(
                String.join("/", path.names().subList(prefix, path.names().size())) + suffix);
        member.setLastModifiedTime(entry.modified());
        zip.putNextEntry(member);
    }

    private void copy(OpenFile from) throws IOException {
        input.clear().limit((int) Math.min(input.capacity(), left));
        if (left > 0) {
            int read = from.channel().read(input);
            if (read < 0) {
                throw new EOFException(from.entry().path() + " was truncated while it was sent");
            }
            zip.write(input.array(), 0, read);
            left -= read;
        }
        if (left == 0) {
            zip.closeEntry();
            from.close();
            file = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
        zip.close();
    }
}
