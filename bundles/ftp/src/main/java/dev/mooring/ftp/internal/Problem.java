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
import org.jspecify.annotations.Nullable;

/**
 * What went wrong, in the terms of the protocol (RFC 959 section 4.2.2).
 *
 * @param code the code of the reply
 * @param text what the client is told
 * @param ours whether it is the server's fault, and worth a line in the log
 */
record Problem(int code, String text, boolean ours) {

    static Problem of(IOException e) {
        if (e instanceof FileCommands.MissingPathException) {
            return new Problem(501, "The command needs a path.", false);
        } else if (e instanceof NoSuchFileException file) {
            return new Problem(550, named(file, "no such file or directory"), false);
        } else if (e instanceof AccessDeniedException file) {
            return new Problem(550, named(file, "permission denied"), false);
        } else if (e instanceof DirectoryNotEmptyException file) {
            return new Problem(550, named(file, "the directory is not empty"), false);
        } else if (e instanceof FileAlreadyExistsException file) {
            return new Problem(550, named(file, "there is something of that name already"), false);
        } else if (e instanceof NotDirectoryException file) {
            return new Problem(550, named(file, "not a directory"), false);
        } else if (e instanceof FileSystemLoopException file) {
            return new Problem(550, named(file, "too many links"), false);
        } else if (isFull(e)) {
            return new Problem(452, "There is no space left.", true);
        } else if (e instanceof FileSystemException file) {
            return new Problem(550, named(file, file.getReason() == null ? "failed" : file.getReason()), true);
        } else if (e instanceof EOFException) {
            return new Problem(451, "Failed: " + e.getMessage() + ".", true);
        }
        return new Problem(451, "Failed: " + e.getMessage(), true);
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
