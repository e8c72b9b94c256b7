package dev.mooring.share.internal.filesystem;

import dev.mooring.share.internal.directory.Directory;
import dev.mooring.share.internal.upload.TemporaryFiles;
import java.io.IOException;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The names in a directory. The directory stays open during the listing, so reading the attributes of a listed path needs no look-up from the root.
 * Protocols do this for each path.
 */
final class Listing implements DirectoryStream<Path> {

    private final TreePath path;
    private final Directory directory;
    private final Iterable<Path> paths;
    private final Filter<? super Path> filter;
    private boolean iterated;
    private boolean closed;

    /** Takes ownership of the directory, unless it may not be read. */
    Listing(TreePath path, Directory directory, Filter<? super Path> filter) throws IOException {
        this.path = path;
        this.directory = directory;
        this.paths = directory.paths();
        this.filter = filter;
    }

    /** An operation on the directory. */
    @FunctionalInterface
    interface Operation<T> {
        T on(Directory directory) throws IOException;
    }

    /**
     * Runs an operation, and prevents the directory from being closed meanwhile.
     *
     * @return {@code null} if the directory is already closed
     */
    synchronized <T> @Nullable T withDirectory(Operation<T> operation) throws IOException {
        return closed ? null : operation.on(directory);
    }

    @Override
    public synchronized Iterator<Path> iterator() {
        if (closed || iterated) {
            throw new IllegalStateException("A directory stream can be iterated only once, before it is closed");
        }
        iterated = true;
        return new ListedNames(paths.iterator());
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        directory.close();
    }

    /** An iterator that reads one name ahead. */
    private final class ListedNames implements Iterator<Path> {

        private final Iterator<Path> all;
        private @Nullable Path next;

        ListedNames(Iterator<Path> all) {
            this.all = all;
        }

        @Override
        public boolean hasNext() {
            while (next == null && all.hasNext()) {
                next = accept(all.next().getFileName());
            }
            return next != null;
        }

        private @Nullable Path accept(Path name) {
            String text = name.toString();
            try {
                if (!Directory.isDecodable(name) || path.getFileSystem().hides(text)) {
                    if (!path.getFileSystem().isReadOnly()) {
                        withDirectory(open -> {
                            TemporaryFiles.removeAbandoned(open, name);
                            return open;
                        });
                    }
                    return null;
                }
                TreePath child = TreePath.listed(path, text, Listing.this);
                return filter.accept(child) ? child : null;
            } catch (ClosedDirectoryStreamException e) {
                return null;
            } catch (IOException e) {
                throw new DirectoryIteratorException(e);
            }
        }

        @Override
        public Path next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Path given = next;
            next = null;
            return given;
        }
    }
}
