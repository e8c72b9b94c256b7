package dev.mooring.share.internal;

import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** A name turned out to be a symbolic link, or to lead to another file from one moment to the next. Look again. */
final class LinkException extends FileSystemException {

    private static final long serialVersionUID = 1;

    LinkException(String name, @Nullable Throwable cause) {
        super(name, null, "is a link or is being replaced");
        initCause(cause);
    }

    /** It is caught a few frames up and its trace interests nobody. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
