package dev.mooring.ftp.internal;

import dev.mooring.share.Account;
import dev.mooring.share.Share;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A logged-in account, its share, and the session's working directory. Only the owner of the session uses it. */
final class Login {

    private final Account account;
    private final Share share;
    private final ShareFileSystem files;
    private SharePath directory;

    /**
     * Logs an account in.
     *
     * @throws IOException if its files cannot be served
     */
    Login(Account account, Share share) throws IOException {
        this.account = account;
        this.share = share;
        files = share.fileSystem(SharePath.ROOT, account.readOnly());
        directory = account.home();
    }

    Account account() {
        return account;
    }

    Share share() {
        return share;
    }

    ShareFileSystem files() {
        return files;
    }

    boolean mayWrite() {
        return !account.readOnly() && !share.readOnly();
    }

    SharePath directory() {
        return directory;
    }

    void enter(SharePath other) {
        directory = other;
    }

    /** What the client means by a path. */
    SharePath resolve(@Nullable String argument) {
        return resolve(directory, argument);
    }

    /** What a path means in a directory. */
    static SharePath resolve(SharePath from, @Nullable String argument) {
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

    /** Whether there is something that a path leads to. */
    boolean isThere(SharePath path) throws IOException {
        try {
            share.entry(path);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    Path path(SharePath path) {
        return files.getPath(path.toString());
    }
}
