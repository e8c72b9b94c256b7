package dev.mooring.share.internal.filesystem;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.mooring.share.internal.directory.Directory;
import dev.mooring.share.internal.lookup.NameLocks;
import dev.mooring.share.internal.lookup.Place;
import dev.mooring.share.internal.lookup.Tree;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Set;

/** Opens regular files, and checks whether they can be opened. */
final class FileOpener {

    private static final Set<OpenOption> OPTIONS = Set.of(StandardOpenOption.values());

    private FileOpener() {}

    static SeekableByteChannel open(TreePath file, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        TreeFileSystem fileSystem = file.getFileSystem();
        Set<OpenOption> wanted = new HashSet<>(options);
        boolean follow = !wanted.remove(NOFOLLOW_LINKS);
        if (!OPTIONS.containsAll(wanted) || wanted.contains(DELETE_ON_CLOSE)) {
            throw new UnsupportedOperationException("A file of a share cannot be opened with " + options);
        }
        wanted.add(NOFOLLOW_LINKS);
        boolean write = wanted.contains(WRITE) || wanted.contains(APPEND);
        boolean createNew = wanted.remove(CREATE_NEW) && write;
        boolean create = wanted.remove(CREATE) && write || createNew;
        if (write) {
            fileSystem.checkWritable(file);
        }
        for (int attempt = 1; create; attempt++) {
            fileSystem.checkNotHidden(file);
            try {
                return fileSystem.visit(file, false, place -> {
                    Set<OpenOption> fresh = new HashSet<>(wanted);
                    fresh.add(CREATE_NEW);
                    synchronized (NameLocks.of(place.name())) {
                        return place.parent().create(place.name(), fresh, attributes);
                    }
                });
            } catch (FileAlreadyExistsException e) {
                if (createNew) {
                    throw e;
                }
            }
            try {
                return openExisting(file, follow, wanted);
            } catch (NoSuchFileException e) {
                if (attempt == Tree.ATTEMPTS) {
                    throw e;
                }
            }
        }
        return openExisting(file, follow, wanted);
    }

    private static SeekableByteChannel openExisting(TreePath file, boolean follow, Set<OpenOption> options)
            throws IOException {
        return file.getFileSystem().visit(file, follow, place -> {
            requireFile(place);
            return place.parent().open(place.name(), options);
        });
    }

    static void requireFile(Place place) throws IOException {
        BasicFileAttributes attributes = place.readAttributes();
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(
                    place.path().toString(), null, attributes.isDirectory() ? "Is a directory" : "Not a regular file");
        }
    }

    static void checkAccess(TreePath file, Set<AccessMode> modes) throws IOException {
        if (modes.contains(AccessMode.WRITE)) {
            file.getFileSystem().checkWritable(file);
        }
        file.getFileSystem().visit(file, true, place -> {
            BasicFileAttributes attributes = place.readAttributes();
            if (attributes.isDirectory() && !modes.isEmpty()) {
                try (Directory directory = place.parent().enter(place.name())) {
                    Path path = directory.accessPath(directory.name("."));
                    path.getFileSystem().provider().checkAccess(path, modes.toArray(AccessMode[]::new));
                }
            } else if (attributes.isRegularFile()) {
                tryToOpen(place, modes);
            }
            return place;
        });
    }

    private static void tryToOpen(Place place, Set<AccessMode> modes) throws IOException {
        if (modes.contains(AccessMode.READ)) {
            place.parent().read(place.name()).close();
        }
        if (modes.contains(AccessMode.WRITE)) {
            place.parent().open(place.name(), Set.of(WRITE, NOFOLLOW_LINKS)).close();
        }
        if (modes.contains(AccessMode.EXECUTE)) {
            Set<PosixFilePermission> permissions = TreeFileSystem.posix(place.parent(), place.name())
                    .readAttributes()
                    .permissions();
            if (permissions.stream().noneMatch(each -> each.name().endsWith("_EXECUTE"))) {
                throw new AccessDeniedException(place.path().toString(), null, "not executable");
            }
        }
    }
}
