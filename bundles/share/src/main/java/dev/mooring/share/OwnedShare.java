package dev.mooring.share;

import java.io.Closeable;
import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/** A share that belongs to whoever made it with {@link Shares#open}, and who closes it. */
@ProviderType
public interface OwnedShare extends Share, Closeable {

    /**
     * Ends this share, as soon as nobody {@linkplain #hold() holds} it: every later look-up is an {@link IOException}. What has been opened stays readable where the root
     * is a directory; the file system of a root like {@code jar:file:///srv/x.zip} is closed if this share opened it.
     * Does nothing the second time.
     *
     * @throws IOException if that file system cannot be closed
     */
    @Override
    void close() throws IOException;
}
