package dev.mooring.ftp.internal.data;

import java.io.IOException;

/** The file of a transfer failed, not its data connection. */
public final class FileException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient IOException cause;

    public FileException(IOException cause) {
        super(cause.getMessage(), cause);
        this.cause = cause;
    }

    /** The error of the file. */
    public IOException error() {
        return cause;
    }
}
