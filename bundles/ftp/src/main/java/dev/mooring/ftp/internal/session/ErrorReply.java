package dev.mooring.ftp.internal.session;

import dev.mooring.ftp.internal.files.MissingPathException;
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
 * An error as a reply code (RFC 959 section 4.2.2) and a text. The texts are those of strerror(3), because clients parse them.
 *
 * @param code the code of the reply
 * @param text the text of the reply
 * @param log the message for the log; {@code null} if the client caused the error and it is not logged
 */
record ErrorReply(int code, String text, @Nullable String log) {

    /** Errors that a client causes by an invalid command. The last is for moving a directory into itself. */
    private static final Set<String> CLIENT_ERRORS =
            Set.of("Is a directory", "Not a directory", "Not a regular file", "Invalid argument");

    static ErrorReply of(IOException e) {
        if (e instanceof MissingPathException) {
            return new ErrorReply(501, "The command needs a path.", null);
        } else if (e instanceof NoSuchFileException file) {
            return new ErrorReply(550, named(file, "No such file or directory"), null);
        } else if (e instanceof AccessDeniedException file) {
            String reason = file.getReason();
            return new ErrorReply(
                    550, named(file, "Permission denied" + (reason == null ? "" : " (" + reason + ")")), null);
        } else if (e instanceof DirectoryNotEmptyException file) {
            return new ErrorReply(550, named(file, "Directory not empty"), null);
        } else if (e instanceof FileAlreadyExistsException file) {
            return new ErrorReply(550, named(file, "File exists"), null);
        } else if (e instanceof NotDirectoryException file) {
            return new ErrorReply(550, named(file, "Not a directory"), null);
        } else if (e instanceof FileSystemLoopException file) {
            return new ErrorReply(550, named(file, "Too many levels of symbolic links"), null);
        } else if (e instanceof FileSystemException file && "File name too long".equals(file.getReason())) {
            return new ErrorReply(553, "File name too long.", null);
        } else if (isFull(e)) {
            return new ErrorReply(452, "Insufficient storage space.", e.getMessage());
        } else if (e instanceof FileSystemException file && file.getReason() != null) {
            String log = CLIENT_ERRORS.contains(file.getReason()) ? null : e.getMessage();
            return new ErrorReply(550, named(file, file.getReason()), log);
        } else if (e instanceof EOFException) {
            return new ErrorReply(451, "Failed: " + e.getMessage() + ".", e.getMessage());
        }
        // The message may have paths that the client must not see.
        return new ErrorReply(451, "Internal error; the server's log has the details.", String.valueOf(e.getMessage()));
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
