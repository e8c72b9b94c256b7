package dev.mooring.share.internal.lookup;

import dev.mooring.share.internal.directory.LinkException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Set;

/** Errors as the client may see them: with the path of the client, so that they do not reveal real names. */
final class ClientErrors {

    /** Error texts of Linux for operations that are impossible or only allowed for root. */
    private static final Set<String> DENIALS = Set.of("Operation not permitted", "Read-only file system");

    /** Error text of Linux if a name before a slash is not a directory. */
    private static final String NO_DIRECTORY = "Not a directory";

    private ClientErrors() {}

    /** Converts an exception to one with the path of the client. Throws any other {@link RuntimeException}, which is a bug. */
    static IOException of(String file, Exception e) {
        if (e instanceof LinkException || e instanceof NoSuchFileException || e instanceof InvalidPathException) {
            return because(e, new NoSuchFileException(file));
        }
        if (e instanceof NotDirectoryException) {
            return because(e, new NotDirectoryException(file));
        }
        if (e instanceof FileAlreadyExistsException) {
            return because(e, new FileAlreadyExistsException(file));
        }
        if (e instanceof DirectoryNotEmptyException) {
            return because(e, new DirectoryNotEmptyException(file));
        }
        if (e instanceof NotLinkException) {
            return because(e, new NotLinkException(file, null, "is not a symbolic link"));
        }
        if (e instanceof AtomicMoveNotSupportedException) {
            return because(e, new AtomicMoveNotSupportedException(file, null, "is on another file system"));
        }
        if (e instanceof ReadOnlyFileSystemException) {
            return because(e, new AccessDeniedException(file, null, "read-only file system"));
        }
        if (e instanceof FileSystemException failed) {
            String reason = failed.getReason();
            if (NO_DIRECTORY.equals(reason)) {
                return because(e, new NotDirectoryException(file));
            }
            boolean denied = e instanceof AccessDeniedException || reason != null && DENIALS.contains(reason);
            return because(
                    e,
                    denied
                            ? new AccessDeniedException(file, null, reason)
                            : new FileSystemException(file, null, reason));
        }
        if (e instanceof RuntimeException bug) {
            throw bug;
        }
        return (IOException) e;
    }

    /** Sets the cause of an exception. */
    static <E extends Exception> E because(Throwable cause, E exception) {
        exception.initCause(cause);
        return exception;
    }
}
