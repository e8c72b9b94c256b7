package dev.mooring.ftp.internal.files;

import dev.mooring.accounts.Account;
import dev.mooring.common.ClientText;
import dev.mooring.share.OpenFile;
import dev.mooring.share.Share;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A logged-in account, its share, and the session's working directory. Only the owner of the session uses it. */
public final class Login {

    private static final Logger LOG = System.getLogger(Login.class.getName());

    private final Account account;
    private final Share share;
    private final ShareFileSystem files;
    private SharePath directory;

    /**
     * Logs an account in.
     *
     * @throws IOException if its files cannot be served
     */
    public Login(Account account, Share share) throws IOException {
        this.account = account;
        this.share = share;
        files = share.fileSystem(SharePath.ROOT, account.readOnly());
        directory = account.home();
    }

    public Account account() {
        return account;
    }

    public Share share() {
        return share;
    }

    public ShareFileSystem files() {
        return files;
    }

    /** Whether both the account and the share are writable. */
    public boolean mayWrite() {
        return !account.readOnly() && !share.readOnly();
    }

    /** The working directory. */
    public SharePath directory() {
        return directory;
    }

    public void changeDirectory(SharePath other) {
        directory = other;
    }

    /**
     * Resolves an argument in the working directory. As in POSIX, a path that ends in a slash names a directory or does not exist.
     *
     * @param options whether the command follows a link as the last part of the path
     * @throws NotDirectoryException if the path ends in a slash and names something else than a directory
     */
    public SharePath resolve(@Nullable String argument, LinkOption... options) throws IOException {
        SharePath path = resolve(directory, argument);
        if (argument != null && namesDirectory(argument)) {
            try {
                if (!Files.readAttributes(path(path), BasicFileAttributes.class, options)
                        .isDirectory()) {
                    throw new NotDirectoryException(path.toString());
                }
            } catch (NoSuchFileException e) {
                LOG.log(Level.TRACE, "The command reports this, or creates the directory", ClientText.trace(e));
            }
        }
        return path;
    }

    /** Resolves the argument of a command that needs a path. */
    public SharePath required(@Nullable String argument, LinkOption... options) throws IOException {
        if (argument == null) {
            throw new MissingPathException();
        }
        return resolve(argument, options);
    }

    /** Whether a path can only name a directory. */
    public static boolean namesDirectory(String argument) {
        return argument.endsWith("/") || argument.endsWith("/.");
    }

    /** Resolves a path in a directory. {@code ..} removes the last name, even of a link, and stays at the root. */
    public static SharePath resolve(SharePath from, @Nullable String argument) {
        if (argument == null || argument.isEmpty()) {
            return from;
        }
        SharePath path = argument.startsWith("/") ? SharePath.ROOT : from;
        for (String name : argument.split("/")) {
            if (name.equals("..")) {
                path = path.parent();
            } else if (!name.isEmpty() && !name.equals(".")) {
                path = path.resolve(name);
            }
        }
        return path;
    }

    /** Whether a path exists, links followed. */
    boolean exists(SharePath path) throws IOException {
        try {
            share.entry(path);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Opens a file for reading.
     *
     * @throws FileSystemException with a reason if the path is not a regular file
     */
    public OpenFile open(SharePath path) throws IOException {
        try {
            return share.open(path);
        } catch (NoSuchFileException e) {
            if (exists(path)) {
                throw new FileSystemException(path.toString(), null, "Not a regular file");
            }
            throw e;
        }
    }

    /** The path in the file system of the share, which checks the rights of the account. */
    public Path path(SharePath path) {
        return files.getPath(path.toString());
    }
}
