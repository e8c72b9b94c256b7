package dev.mooring.share.internal;

import java.nio.file.FileSystemException;

/** A name turned out to be a symbolic link, or to lead to another file from one moment to the next. Look again. */
@SuppressWarnings("serial")
final class LinkException extends FileSystemException {

    LinkException(String name) {
        super(name, null, "is a link or is being replaced");
    }

    /** It is caught one frame up and its trace interests nobody. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
