package dev.mooring.ftp.internal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong, in the terms of the protocol (RFC 959 section 4.2.2), and in the words of strerror(3), which clients look for.
 *
 * @param code the code of the reply
 * @param text what the client is told
 * @param log what the log is told, {@code null} if it is the client's fault, and not worth a line
 */
record Problem(int code, String text, @Nullable String log) {

    /** What the system says to a client that asks for what cannot be. The last: to move a directory into itself. */
    private static final Set<String> CLIENTS_FAULTS =
            Set.of("Is a directory", "Not a directory", "Not a regular file", "is no regular file", "Invalid argument");

    static Problem of(IOException e) {
        if (e instanceof FileCommands.MissingPathException) {
            return new Problem(501, "The command needs a path.", null);
        } else if (e instanceof NoSuchFileException file) {
            return new Problem(550, named(file, "No such file or directory"), null);
        } else if (e instanceof AccessDeniedException file) {
            String reason = file.getReason();
            return new Problem(
                    550, named(file, "Permission denied" + (reason == null ? "" : " (" + reason + ")")), null);
        } else if (e instanceof DirectoryNotEmptyException file) {
            return new Problem(550, named(file, "Directory not empty"), null);
        } else if (e instanceof FileAlreadyExistsException file) {
            return new Problem(550, named(file, "File exists"), null);
        } else if (e instanceof NotDirectoryException file) {
            return new Problem(550, named(file, "Not a directory"), null);
        } else if (e instanceof FileSystemLoopException file) {
            return new Problem(550, named(file, "Too many levels of symbolic links"), null);
        } else if (e instanceof FileSystemException file && "File name too long".equals(file.getReason())) {
            return new Problem(553, "File name too long.", null);
        } else if (isFull(e)) {
            return new Problem(452, "Insufficient storage space.", e.getMessage());
        } else if (e instanceof FileSystemException file && file.getReason() != null) {
            String log = CLIENTS_FAULTS.contains(file.getReason()) ? null : e.getMessage();
            return new Problem(550, named(file, file.getReason()), log);
        } else if (e instanceof EOFException) {
            return new Problem(451, "Failed: " + e.getMessage() + ".", e.getMessage());
        }
        // The message may tell of paths that are none of the client's business.
        return new Problem(451, "Internal error; the log of the server tells more.", String.valueOf(e.getMessage()));
    }

    private static boolean isFull(IOException e) {
        String message = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return message != null
                && (message.contains("No space left")
                        || message.contains("quota")
                        || message.contains("File too large"));
    }

    private static String named(FileSystemException e, @Nullable String what) {
        return (e.getFile() == null ? "" : e.getFile() + ": ") + what + ".";
    }
}
