package dev.mooring.ftp.internal.commands;

import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.ftp.internal.session.FtpSession;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code SITE} command. It supports {@code CHMOD} and {@code HELP}. */
final class SiteCommands {

    private static final Pattern CHMOD =
            Pattern.compile("CHMOD\\s+([0-7]{3,4}) (.+)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    static final Reply HELP = new Reply(214, List.of("SITE commands:", " CHMOD MODE PATH", "End."));
    private static final int SETUID_AND_SETGID = 06000;
    private static final String DONE = "SITE CHMOD command successful.";

    void site(FtpSession client, @Nullable String argument) throws IOException {
        Matcher chmod = CHMOD.matcher(argument == null ? "" : argument);
        if (chmod.matches()) {
            chmod(client, chmod.group(1), client.login().resolve(chmod.group(2)));
        } else if (argument != null && argument.toUpperCase(Locale.ROOT).startsWith("HELP")) {
            client.reply(HELP);
        } else if (argument != null && argument.toUpperCase(Locale.ROOT).startsWith("CHMOD")) {
            client.reply(501, "SITE CHMOD needs a mode of three or four octal digits and a path, like 644 name.");
        } else {
            client.reply(504, "Only SITE CHMOD is supported.");
        }
    }

    /** Sets a mode. Three digits keep setuid, setgid and sticky of a directory; four digits are the whole mode. */
    private static void chmod(FtpSession client, String digits, SharePath path) throws IOException {
        Path file = client.login().path(path);
        int mode = Integer.parseInt(digits, 8);
        Set<String> views = client.login().files().supportedFileAttributeViews();
        if (digits.length() == 3 && views.contains("posix")) {
            Files.setPosixFilePermissions(file, permissions(mode));
            client.reply(200, DONE);
        } else if (views.contains("unix")) {
            setMode(client, path, file, mode);
        } else {
            client.reply(504, "The file system of this share does not support this mode.");
        }
    }

    private static void setMode(FtpSession client, SharePath path, Path file, int mode) throws IOException {
        int before = mode(file);
        try {
            Files.setAttribute(file, "unix:mode", mode);
        } catch (AccessDeniedException e) {
            if (!"Operation not permitted".equals(e.getReason()) || (mode & SETUID_AND_SETGID) == 0) {
                throw e;
            }
            // The cause may be RestrictSUIDSGID= in the systemd unit.
            client.reply(550, path + ": The server does not own the file, or may not set setuid and setgid.");
            return;
        }
        int after = mode(file);
        if (after == mode) {
            client.reply(200, DONE);
        } else {
            // Linux drops setgid without an error if the server is not in the group of the file.
            Files.setAttribute(file, "unix:mode", before);
            client.reply(550, String.format(Locale.ROOT, "%s: The system allows only mode %04o.", path, after));
        }
    }

    private static int mode(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:mode") & 07777;
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & 0400 >> permission.ordinal()) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }
}
