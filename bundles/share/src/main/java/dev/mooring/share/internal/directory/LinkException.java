package dev.mooring.share.internal.directory;

import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** A name was a symbolic link, or changed to another file during the look-up. The caller tries again. */
public final class LinkException extends FileSystemException {

    private static final long serialVersionUID = 1;

    public LinkException(String name, @Nullable Throwable cause) {
        super(name, null, "is a link or is being replaced");
        initCause(cause);
    }

    /** Omits the stack trace, because the exception is always caught a few frames above. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
