package dev.mooring.ftp.internal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file or directory as listings tell of it, links followed. */
record Listed(String name, BasicFileAttributes attributes) {

    static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .withResolverStyle(ResolverStyle.STRICT);
    private static final DateTimeFormatter RECENT =
            DateTimeFormatter.ofPattern("MMM dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter OLD =
            DateTimeFormatter.ofPattern("MMM dd  uuuu", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int HALF_A_YEAR = 182;

    /** Looks at a path. */
    static Listed of(String name, Path path) throws IOException {
        return new Listed(
                name,
                path.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? Files.readAttributes(path, PosixFileAttributes.class)
                        : Files.readAttributes(path, BasicFileAttributes.class));
    }

    /**
     * Looks at a file of a directory; {@code null} if it cannot be told of: it has vanished, leads nowhere or out of the share, or its file
     * system fails. The others of the directory are told of all the same.
     */
    static @Nullable Listed in(Path file) throws IOException {
        try {
            return of(String.valueOf(file.getFileName()), file);
        } catch (FileSystemException e) {
            return null;
        }
    }

    private @Nullable String mode() {
        return attributes instanceof PosixFileAttributes posix
                ? PosixFilePermissions.toString(posix.permissions())
                : null;
    }

    private Instant modified() {
        return attributes.lastModifiedTime().toInstant();
    }

    /** As {@code ls -l} prints it, which clients have come to read; times are UTC. */
    String line(Instant now, boolean writable) {
        String mode = mode();
        if (mode == null) {
            mode = (writable ? "rw" : "r-") + (attributes.isDirectory() ? "xr-xr-x" : "-r--r--");
        }
        Instant modified = modified();
        boolean recent =
                modified.isAfter(now.minus(HALF_A_YEAR, ChronoUnit.DAYS)) && !modified.isAfter(now.plusSeconds(3600));
        return (attributes.isDirectory() ? 'd' : '-') + mode
                + " 1 ftp ftp "
                + String.format(Locale.ROOT, "%12d", attributes.isDirectory() ? 0 : attributes.size())
                + ' ' + (recent ? RECENT : OLD).format(modified)
                + ' ' + printable(name);
    }

    /** As MLST and MLSD tell it, RFC 3659 section 7. */
    String facts(Set<Fact> wanted, boolean writable, @Nullable String type) {
        StringBuilder line = new StringBuilder();
        for (Fact fact : wanted) {
            String value = value(fact, writable, type);
            if (value != null) {
                line.append(fact).append('=').append(value).append(';');
            }
        }
        return line.append(' ').append(printable(name)).toString();
    }

    private @Nullable String value(Fact fact, boolean writable, @Nullable String type) {
        boolean directory = attributes.isDirectory();
        return switch (fact) {
            case TYPE ->
                type != null ? type : directory ? "dir" : attributes.isRegularFile() ? "file" : "OS.unix=other";
            case SIZE -> directory ? null : Long.toString(attributes.size());
            case MODIFY -> TIME.format(modified());
            case PERM -> directory ? (writable ? "elcdfmp" : "el") : writable ? "adfrw" : "r";
            case UNIQUE -> unique();
            case MODE -> octal();
        };
    }

    private @Nullable String unique() {
        Object key = attributes.fileKey();
        return key == null
                ? null
                : key.toString().replaceAll("[^0-9A-Za-z]+", "g").replaceAll("^g|g$", "");
    }

    private @Nullable String octal() {
        if (!(attributes instanceof PosixFileAttributes posix)) {
            return null;
        }
        int bits = posix.permissions().stream()
                .mapToInt(permission -> 0400 >> permission.ordinal())
                .sum();
        return String.format(Locale.ROOT, "%04o", bits);
    }

    /** A name that would end the line is told with question marks. */
    static String printable(String name) {
        return name.replace('\r', '?').replace('\n', '?');
    }
}
