package dev.mooring.share.internal.directory;

import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;

/** The content of an object that cannot be listed. */
final class EmptyStream implements DirectoryStream<Path> {

    @Override
    public Iterator<Path> iterator() {
        return Collections.emptyIterator();
    }

    @Override
    public void close() {}
}
