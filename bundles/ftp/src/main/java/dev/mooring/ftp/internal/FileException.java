package dev.mooring.ftp.internal;

import java.io.IOException;

/** The file of a transfer failed, not its data connection. */
final class FileException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient IOException cause;

    FileException(IOException cause) {
        super(cause.getMessage(), cause);
        this.cause = cause;
    }

    /** The error of the file. */
    IOException error() {
        return cause;
    }
}
