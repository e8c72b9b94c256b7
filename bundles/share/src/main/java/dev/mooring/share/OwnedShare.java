package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/** A share made by {@link Shares#open}. The caller of that method owns and closes it. */
@ProviderType
public interface OwnedShare extends Share, Closeable {

    /**
     * Closes this share as soon as there are no {@linkplain #hold() holds}. Later look-ups throw an {@link IOException}. If the root is a directory,
     * open files stay readable. The file system of a root like {@code jar:file:///srv/x.zip} is closed if this share opened it. Further calls do
     * nothing.
     *
     * @throws IOException if that file system cannot be closed
     */
    @Override
    void close() throws IOException;
}
