package dev.mooring.share.internal.lookup;

import dev.mooring.share.SharePath;
import dev.mooring.share.internal.directory.Directory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A name in an open directory that was reached from the root without a link. If owned, the directory is closed with this object. */
public record Place(SharePath path, SharePath real, Directory parent, Path name, boolean owned) implements Closeable {

    /** Another name in the same directory, which this place continues to own. */
    public Place lend(Path other) {
        return new Place(path, real, parent, other, false);
    }

    public BasicFileAttributes readAttributes() throws IOException {
        return parent.readAttributes(name);
    }

    public boolean exists() throws IOException {
        try {
            readAttributes();
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** A path for calls that do not follow links; see {@link Directory#accessPath}. */
    public Path accessPath() throws IOException {
        return parent.accessPath(name);
    }

    @Override
    public void close() throws IOException {
        if (owned) {
            parent.close();
        }
    }
}
