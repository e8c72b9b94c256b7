package dev.mooring.share.internal.upload;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.mooring.share.Upload;
import dev.mooring.share.internal.directory.Handle;
import dev.mooring.share.internal.lookup.NameLocks;
import dev.mooring.share.internal.lookup.OpenedFile;
import dev.mooring.share.internal.lookup.Place;
import dev.mooring.share.internal.lookup.Tree;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An upload in a temporary file in the same directory, which stays open. */
public final class WholeUpload implements Upload {

    private static final Set<OpenOption> NEW_FILE = Set.of(CREATE_NEW, READ, WRITE, NOFOLLOW_LINKS);

    private final Tree tree;
    private final Place place;
    private final Function<OpenedFile, Path> paths;
    private final Path temporary;
    private final SeekableByteChannel channel;

    /** The empty file that reserves the name; {@code null} if there is none. */
    private final @Nullable BasicFileAttributes reservation;

    private boolean exposed;
    private boolean ended;

    /**
     * Takes ownership of the place, unless it fails.
     *
     * @param reserved whether the replaced file is an empty one that only reserves the name
     * @param paths makes the path that stands for an open file
     */
    public WholeUpload(
            Tree tree,
            Place place,
            boolean replaces,
            boolean reserved,
            Function<OpenedFile, Path> paths,
            FileAttribute<?>... attributes)
            throws IOException {
        this.tree = tree;
        this.place = place;
        this.paths = paths;
        this.reservation = reserved ? place.readAttributes() : null;
        String name = TemporaryFiles.name();
        try {
            temporary = place.parent().name(name);
            channel = place.parent().create(temporary, NEW_FILE, replaces ? ownerOnly() : attributes);
        } catch (IOException | RuntimeException e) {
            TemporaryFiles.release(name);
            throw e;
        }
        if (replaces) {
            try {
                copyAttributes();
            } catch (IOException | RuntimeException e) {
                discard();
                throw e;
            }
        }
    }

    /** The initial permissions of a replacement: only for the owner, because the replaced file may be secret. */
    private FileAttribute<?>[] ownerOnly() {
        boolean posix =
                place.parent().fileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    @Override
    public SeekableByteChannel channel() {
        return channel;
    }

    @Override
    public Path path() {
        OpenedFile opened = OpenedFile.of(place.path(), place.parent()::fileSystem, channel);
        return paths.apply(opened == null ? () -> place.lend(exposed ? place.name() : temporary) : opened);
    }

    @Override
    public void expose() throws IOException {
        if (!exposed && !ended) {
            tree.attempt(place.path(), () -> {
                synchronized (NameLocks.of(place.name())) {
                    checkReservation();
                    place.parent().move(temporary, place.parent(), place.name());
                }
                exposed = true;
                return place;
            });
        }
    }

    /** A file that has the reserved name by now belongs to another client. */
    private void checkReservation() throws IOException {
        if (reservation != null && !isReserved()) {
            throw new FileSystemException(
                    place.path().toString(), null, "another client has removed or replaced it meanwhile");
        }
    }

    /** Whether the name is still that of the empty file. A new file may have the inode of one that was removed, but not its time. */
    private boolean isReserved() throws IOException {
        if (reservation == null || !place.exists()) {
            return false;
        }
        BasicFileAttributes there = place.readAttributes();
        return there.size() == 0
                && Objects.equals(there.fileKey(), reservation.fileKey())
                && there.creationTime().equals(reservation.creationTime());
    }

    @Override
    public void commit() throws IOException {
        if (ended) {
            throw new IOException("The upload of " + place.path() + " has already ended");
        }
        try {
            if (!channel.isOpen()) {
                throw new ClosedChannelException();
            }
            // A network file system may report only now that its disk is full. The old file must still be there.
            channel.close();
            expose();
        } finally {
            close();
        }
    }

    private void release() throws IOException {
        if (isReserved()) {
            place.parent().deleteFile(place.name());
        }
    }

    /** Copies owner, group and permissions from the replaced file. */
    private void copyAttributes() throws IOException {
        if (!(channel instanceof FileChannel own) || place.parent().fileSystem() != FileSystems.getDefault()) {
            return;
        }
        Map<String, Object> old;
        try {
            if (!place.readAttributes().isRegularFile()) {
                return; // a directory makes the later move fail
            }
            old = Files.readAttributes(place.accessPath(), "unix:mode,uid,gid", NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
        // The kernel clears setuid and setgid when a file is written, so a replacement must not keep them either.
        int kept = reservation == null ? 0777 : 07777;
        try (Handle handle = Handle.of(own)) {
            for (String attribute : new String[] {"gid", "uid", "mode"}) {
                copyAttribute(attribute, old, kept, handle.path());
            }
        }
    }

    /** Copies an attribute, by the open file instead of its name, which others could give to another file. */
    private static void copyAttribute(String attribute, Map<String, Object> old, int kept, Path own)
            throws IOException {
        Object value = old.get(attribute);
        if (attribute.equals("mode")) {
            value = (Integer) value & kept;
        }
        if (value.equals(Files.getAttribute(own, "unix:" + attribute))) {
            return;
        }
        try {
            Files.setAttribute(own, "unix:" + attribute, value);
        } catch (FileSystemException e) {
            if (attribute.equals("mode")) {
                throw e;
            }
            // Only root may change the owner.
        }
    }

    @Override
    public void close() throws IOException {
        if (!channel.isOpen() && ended) {
            return;
        }
        try (place) {
            discard();
        }
    }

    private void discard() throws IOException {
        try (channel) {
            if (!ended && !exposed) {
                tree.attempt(place.path(), () -> {
                    place.parent().deleteFile(temporary);
                    release();
                    return place;
                });
            }
        } finally {
            ended = true;
            TemporaryFiles.release(temporary.toString());
        }
    }
}
