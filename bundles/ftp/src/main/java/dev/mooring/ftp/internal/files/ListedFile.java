package dev.mooring.ftp.internal.files;

import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.control.Reply;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A listed file or directory. Links are followed, but a link to a directory is listed as a link: a client that removes a tree would otherwise enter it, and
 * remove what it finds there.
 *
 * @param mode the permissions with setuid, setgid and sticky; {@code null} if the file system has none
 * @param link the target of a link to a directory; {@code null} for everything else
 */
public record ListedFile(
        String name,
        BasicFileAttributes attributes,
        @Nullable Integer mode,
        @Nullable String link) {

    private static final Logger LOG = System.getLogger(ListedFile.class.getName());

    /** The format of times in MDTM, MFMT and facts (RFC 3659 section 2.3): UTC, in seconds. */
    public static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .withResolverStyle(ResolverStyle.STRICT);

    private static final DateTimeFormatter RECENT =
            DateTimeFormatter.ofPattern("MMM dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter OLD =
            DateTimeFormatter.ofPattern("MMM dd  uuuu", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Set<String> OF_THE_SERVER =
            Set.of("Too many open files", "Too many open files in system", "Cannot allocate memory");
    private static final int EXECUTABLE = 0111;
    private static final int HALF_A_YEAR = 182;

    /** Reads the attributes of a path. */
    public static ListedFile of(String name, Path path) throws IOException {
        Set<String> views = path.getFileSystem().supportedFileAttributeViews();
        if (!views.contains("posix")) {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new ListedFile(name, attributes, null, link(path, attributes));
        }
        PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
        int mode = 0;
        for (PosixFilePermission each : attributes.permissions()) {
            mode |= 0400 >> each.ordinal();
        }
        // A second system call for each file would make a long listing take half as long again. So it is made only
        // where the special bits have a meaning: for directories and executable files.
        if (views.contains("unix") && (attributes.isDirectory() || (mode & EXECUTABLE) != 0)) {
            try {
                mode = (Integer) Files.getAttribute(path, "unix:mode") & 07777;
            } catch (IOException e) {
                LOG.log(Level.TRACE, "The listing has no special bits", ClientText.trace(e));
            }
        }
        return new ListedFile(name, attributes, mode, link(path, attributes));
    }

    private static @Nullable String link(Path path, BasicFileAttributes attributes) throws IOException {
        return attributes.isDirectory() && Files.isSymbolicLink(path)
                ? path.toRealPath().toString()
                : null;
    }

    /** The directory itself under another name. */
    public ListedFile as(String other) {
        return new ListedFile(other, attributes, mode, null);
    }

    public boolean isDirectory() {
        return attributes.isDirectory();
    }

    private Instant modified() {
        return attributes.lastModifiedTime().toInstant();
    }

    /**
     * Reads the attributes of a file in a directory; {@code null} if it cannot be listed, because it has vanished, is a link that leads nowhere or
     * out of the share, or its file system fails. The listing then has only the other files.
     *
     * @throws IOException if the server lacks resources; an incomplete listing would make a mirroring client delete files
     */
    public static @Nullable ListedFile in(Path file) throws IOException {
        try {
            return of(String.valueOf(file.getFileName()), file);
        } catch (FileSystemException e) {
            if (OF_THE_SERVER.contains(String.valueOf(e.getReason()))) {
                throw e;
            }
            return null;
        }
    }

    /** The permissions in the format of {@code ls -l}. */
    private String permissions(boolean writable) {
        int bits = mode != null ? mode : isDirectory() ? (writable ? 0755 : 0555) : writable ? 0644 : 0444;
        char[] text = "rwxrwxrwx".toCharArray();
        for (int i = 0; i < text.length; i++) {
            if ((bits & 0400 >> i) == 0) {
                text[i] = '-';
            }
        }
        // The special bits replace the three x: s or t, in upper case without x.
        for (int i = 0; i < 3; i++) {
            if ((bits & 04000 >> i) != 0) {
                int place = 3 * i + 2;
                char special = i < 2 ? 's' : 't';
                text[place] = text[place] == 'x' ? special : Character.toUpperCase(special);
            }
        }
        return new String(text);
    }

    /** The line in the format of {@code ls -l}, which clients parse. Times are UTC. */
    public String line(Instant now, boolean writable) {
        Instant modified = modified();
        boolean recent =
                modified.isAfter(now.minus(HALF_A_YEAR, ChronoUnit.DAYS)) && !modified.isAfter(now.plusSeconds(3600));
        char type = link != null ? 'l' : isDirectory() ? 'd' : '-';
        return type + permissions(writable)
                + " 1 ftp ftp "
                + String.format(Locale.ROOT, "%12d", isDirectory() ? 0 : attributes.size())
                + ' ' + (recent ? RECENT : OLD).format(modified)
                + ' ' + Reply.oneLine(link == null ? name : name + " -> " + link);
    }

    /** The line for MLST and MLSD (RFC 3659 section 7). */
    public String facts(Set<Fact> wanted, boolean writable, @Nullable String type) {
        StringBuilder line = new StringBuilder();
        for (Fact fact : wanted) {
            String value = value(fact, writable, type);
            if (value != null) {
                line.append(fact).append('=').append(value).append(';');
            }
        }
        return line.append(' ').append(Reply.oneLine(name)).toString();
    }

    private @Nullable String value(Fact fact, boolean writable, @Nullable String type) {
        return switch (fact) {
            case TYPE -> type != null ? type : type();
            case SIZE -> isDirectory() ? null : Long.toString(attributes.size());
            case MODIFY -> TIME.format(modified());
            case PERM -> permissionFact(writable);
            case UNIQUE -> unique();
            case MODE -> mode == null ? null : String.format(Locale.ROOT, "%04o", mode);
        };
    }

    private String type() {
        if (link != null) {
            // As other servers write it, and clients read it. A semicolon would end the fact.
            return "OS.unix=slink:" + Reply.oneLine(link).replace(';', '?');
        }
        return isDirectory() ? "dir" : attributes.isRegularFile() ? "file" : "OS.unix=other";
    }

    private String permissionFact(boolean writable) {
        if (link != null) {
            return writable ? "delf" : "el";
        }
        return isDirectory() ? (writable ? "elcdfmp" : "el") : writable ? "adfrw" : "r";
    }

    private @Nullable String unique() {
        Object key = attributes.fileKey();
        return key == null
                ? null
                : key.toString().replaceAll("[^0-9A-Za-z]+", "g").replaceAll("^g|g$", "");
    }
}
