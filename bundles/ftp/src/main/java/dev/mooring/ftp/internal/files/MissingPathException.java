package dev.mooring.ftp.internal.files;

import java.io.IOException;

/** A command that needs a path has none. */
public final class MissingPathException extends IOException {
    private static final long serialVersionUID = 1L;

    MissingPathException() {
        super("the command needs a path");
    }
}
