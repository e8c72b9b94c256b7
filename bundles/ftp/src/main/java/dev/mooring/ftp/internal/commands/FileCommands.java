package dev.mooring.ftp.internal.commands;

import dev.mooring.ftp.internal.files.ListedFile;
import dev.mooring.ftp.internal.files.Login;
import dev.mooring.ftp.internal.session.FtpSession;
import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Commands on files and directories that do not transfer content. */
final class FileCommands {

    private static final Pattern TIME_AND_PATH = Pattern.compile("(\\d{14})(?:\\.\\d+)? (.+)", Pattern.DOTALL);

    void pwd(FtpSession client, @Nullable String none) {
        client.reply(257, quoted(client.login().directory()) + " is the current directory.");
    }

    /** Quotes a path as in RFC 959 appendix II. */
    private static String quoted(SharePath path) {
        return '"' + path.toString().replace("\"", "\"\"") + '"';
    }

    void cwd(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().resolve(argument == null ? "/" : argument);
        if (!client.login().share().entry(path).isDirectory()) {
            throw new NotDirectoryException(path.toString());
        }
        client.login().changeDirectory(path);
        client.reply(250, "The current directory is now " + path + ".");
    }

    void mkd(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().required(argument);
        Files.createDirectory(client.login().path(path));
        client.reply(257, quoted(path) + " created.");
    }

    private static void remove(FtpSession client, @Nullable String argument, boolean directory) throws IOException {
        SharePath path = client.login().required(argument, LinkOption.NOFOLLOW_LINKS);
        Path file = client.login().path(path);
        boolean isDirectory = isDirectory(file);
        if (directory && !isDirectory) {
            throw new NotDirectoryException(path.toString());
        }
        if (!directory && isDirectory) {
            client.reply(550, path + ": Is a directory; remove it with RMD.");
        } else if (path.isRoot()) {
            client.reply(550, "/: The root cannot be removed.");
        } else if (path.equals(client.login().directory())) {
            client.reply(550, path + ": Is your working directory; leave it with CDUP first.");
        } else {
            Files.delete(file);
            client.reply(250, path + " deleted.");
        }
    }

    /** Whether a file is a directory itself, not a link to one. */
    private static boolean isDirectory(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isDirectory();
    }

    void rmd(FtpSession client, @Nullable String argument) throws IOException {
        remove(client, argument, true);
    }

    void dele(FtpSession client, @Nullable String argument) throws IOException {
        remove(client, argument, false);
    }

    void rnfr(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().required(argument, LinkOption.NOFOLLOW_LINKS);
        isDirectory(client.login().path(path)); // throws if the file does not exist
        client.state().renameFrom = path;
        client.reply(350, "File exists; ready for the destination name.");
    }

    void rnto(FtpSession client, @Nullable String argument) throws IOException {
        SharePath from = client.state().renameFrom;
        if (from == null) {
            client.reply(503, "Send RNFR first.");
            return;
        }
        SharePath to = client.login().required(argument, LinkOption.NOFOLLOW_LINKS);
        Path source = client.login().path(from);
        Path target = client.login().path(to);
        if (Login.namesDirectory(String.valueOf(argument)) && !isDirectory(source)) {
            throw new NotDirectoryException(to.toString());
        }
        if (Files.isDirectory(target) && !from.equals(to)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        Files.move(source, target, StandardCopyOption.REPLACE_EXISTING);
        client.reply(250, "Renamed " + from + " to " + to + ".");
    }

    void size(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().required(argument);
        Entry entry = client.login().share().entry(path);
        switch (entry.kind()) {
            case FILE -> client.reply(213, Long.toString(entry.size()));
            case DIRECTORY -> client.reply(550, path + ": Is a directory.");
            case OTHER -> client.reply(550, path + ": Not a regular file.");
        }
    }

    void mdtm(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().required(argument);
        client.reply(
                213,
                ListedFile.TIME.format(
                        client.login().share().entry(path).modified().toInstant()));
    }

    void mfmt(FtpSession client, @Nullable String argument) throws IOException {
        Matcher parts = TIME_AND_PATH.matcher(argument == null ? "" : argument);
        if (!parts.matches()) {
            client.reply(501, "MFMT needs a time and a path, like 20260131235959 name.");
            return;
        }
        SharePath path = client.login().resolve(parts.group(2));
        Instant time;
        try {
            time = Instant.from(ListedFile.TIME.parse(parts.group(1)));
        } catch (DateTimeException e) {
            client.reply(501, parts.group(1) + " is not a valid time.");
            return;
        }
        Files.setLastModifiedTime(client.login().path(path), FileTime.from(time));
        client.reply(213, "Modify=" + parts.group(1) + "; " + path);
    }

    void mlst(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().resolve(argument);
        ListedFile listed = ListedFile.of(path.toString(), client.login().path(path));
        client.reply(
                250,
                List.of(
                        "Listing " + path,
                        ' ' + listed.facts(client.state().facts, client.login().mayWrite(), null),
                        "End."));
    }
}
