package dev.mooring.http.internal.listing;

import dev.mooring.common.ClientText;
import dev.mooring.http.internal.body.Body;
import dev.mooring.http.internal.body.BodyMemory;
import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import dev.mooring.share.Share;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A directory as a zip, with all files that clients can also request one by one.
 *
 * <p>The zip contains each directory once, however many links lead to it: under its own name if that is inside, otherwise under the name of the first
 * link. So links cannot make the zip, or the list of its entries in memory, larger than the share.
 *
 * <p>If the server may not read some files, the last member, {@link #UNREADABLE}, names them: a person who unpacks the zip must not take it for a
 * complete copy.
 *
 * <p>One thread at a time uses an instance.
 */
final class ZipBody implements Body {

    private static final Logger LOG = System.getLogger(ZipBody.class.getName());

    /** A limit for directories without an identity, among which loops cannot be detected. */
    private static final int MAX_DEPTH = 256;

    /** The member that names the files that could not be read. */
    private static final String UNREADABLE = "not-in-this-zip.txt";

    private static final int MAX_UNREADABLE = 100;

    private final Share share;
    private final @Nullable ShareFileSystem links;
    private final Deque<Walk> walks = new ArrayDeque<>();
    private final Deque<Found> linked = new ArrayDeque<>();
    private final Set<Object> visited = new HashSet<>();
    private final Output output = new Output();
    private final ZipOutputStream zip = new ZipOutputStream(output);
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024);
    private final List<String> unreadablePaths = new ArrayList<>();
    private int unreadable;

    /** The lists of the directories that are being walked, and {@code zip}'s list of all members, which it writes at the end. */
    private final BodyMemory.Growing memory = new BodyMemory.Growing();

    private @Nullable OpenFile file;
    private long left;

    /** A directory and its name in the zip, which is empty or ends in a slash. */
    private record Found(Entry directory, String name) {}

    /** A directory that is being walked. */
    private record Walk(String name, Iterator<Entry> entries, PortableNames names) {}

    /** Compressed bytes that have not been read yet: much less than a piece and its input. */
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
     * Starts a zip. It owns the {@link BodyMemory} that the caller has reserved for it, unless this throws.
     *
     * @throws BodyMemory.ExhaustedException if the list of the directory takes too much memory
     * @throws IOException if the directory cannot be listed
     */
    ZipBody(Share share, Entry directory) throws IOException {
        this.share = share;
        links = fileSystem(share);
        zip.setLevel(Deflater.BEST_SPEED);
        try {
            descend(new Found(directory, ""));
        } catch (IOException | RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private static @Nullable ShareFileSystem fileSystem(Share share) {
        try {
            return share.fileSystem(SharePath.ROOT, true);
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    private void descend(Found found) throws IOException {
        Entry directory = found.directory();
        if (walks.size() >= MAX_DEPTH || directory.key() != null && !visited.add(directory.key())) {
            return;
        }
        List<Entry> entries = ReservedEntries.of(share, directory, memory);
        entries.sort(Comparator.comparing(Entry::name));
        walks.push(new Walk(found.name(), entries.iterator(), new PortableNames()));
        if (!found.name().isEmpty()) {
            begin(directory, found.name());
            zip.closeEntry();
        }
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
            } else {
                step(walks.getFirst());
            }
        }
    }

    private void step(Walk walk) throws IOException {
        if (walk.entries().hasNext()) {
            Entry entry = walk.entries().next();
            String name = walk.name() + walk.names().of(entry.name());
            attempt(entry, () -> add(entry, name));
        } else if (walks.size() > 1 || linked.isEmpty()) {
            walks.pop();
            if (walks.isEmpty()) {
                addUnreadable(walk.names());
                zip.finish();
            }
        } else {
            // All real directories have been added.
            Found next = linked.remove();
            attempt(next.directory(), () -> descend(next));
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(Entry entry, Step step) throws IOException {
        try {
            step.run();
        } catch (NoSuchFileException | NotDirectoryException e) {
            LOG.log(Level.DEBUG, "{0} was deleted before it was added to the zip", ClientText.of(entry.path()));
        } catch (AccessDeniedException e) {
            LOG.log(
                    Level.WARNING,
                    "{0} is not in the zip, because the server may not read it",
                    ClientText.of(entry.path()));
            unreadable++;
            if (unreadablePaths.size() < MAX_UNREADABLE) {
                unreadablePaths.add(entry.path().toString().replaceAll("\\p{Cntrl}", "?"));
            }
        }
    }

    /** Adds the list of the unreadable files, if there are any, to the root of the zip. */
    private void addUnreadable(PortableNames names) throws IOException {
        if (unreadable == 0) {
            return;
        }
        StringBuilder text = new StringBuilder("This zip is incomplete. The server may not read:\n");
        unreadablePaths.forEach(path -> text.append(path).append('\n'));
        if (unreadable > unreadablePaths.size()) {
            text.append("and ")
                    .append(unreadable - unreadablePaths.size())
                    .append(" more, which the log of the server names\n");
        }
        zip.putNextEntry(new ZipEntry(names.of(UNREADABLE)));
        zip.write(text.toString().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private void add(Entry entry, String name) throws IOException {
        switch (entry.kind()) {
            case DIRECTORY -> {
                Found found = new Found(entry, name + "/");
                if (isLink(entry)) {
                    linked.add(found);
                } else {
                    descend(found);
                }
            }
            case FILE -> {
                file = share.open(entry.path());
                left = file.entry().size();
                begin(file.entry(), name);
            }
            case OTHER ->
                LOG.log(
                        Level.DEBUG,
                        "{0} is not in the zip, because it is neither a file nor a directory",
                        ClientText.of(entry.path()));
        }
    }

    private boolean isLink(Entry entry) {
        return links != null && Files.isSymbolicLink(links.getPath(entry.path().toString()));
    }

    private void begin(Entry entry, String name) throws IOException {
        ZipEntry member = new ZipEntry(name);
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
        memory.close();
        BodyMemory.release(BodyMemory.ZIP);
        zip.close();
    }
}
