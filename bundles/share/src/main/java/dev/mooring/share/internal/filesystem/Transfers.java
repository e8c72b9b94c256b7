package dev.mooring.share.internal.filesystem;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.READ;

import dev.mooring.share.Upload;
import dev.mooring.share.internal.lookup.NameLocks;
import dev.mooring.share.internal.lookup.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;

/** Moves and copies files within a share or between shares. */
final class Transfers {

    private static final int BUFFER = 1 << 16;

    private Transfers() {}

    static void move(TreePath source, TreePath target, Set<CopyOption> options) throws IOException {
        source.getFileSystem().checkChangeable(source);
        target.getFileSystem().checkCreatable(target);
        boolean replace = options.contains(REPLACE_EXISTING) || options.contains(ATOMIC_MOVE);
        try {
            rename(source, target, replace);
        } catch (AtomicMoveNotSupportedException e) {
            if (options.contains(ATOMIC_MOVE)
                    || !source.getFileSystem().basic(source, false).isRegularFile()) {
                throw e;
            }
            Set<CopyOption> all = new HashSet<>(options);
            all.add(COPY_ATTRIBUTES);
            all.add(NOFOLLOW_LINKS);
            copy(source, target, all);
            source.getFileSystem().delete(source);
        }
    }

    private static void rename(TreePath source, TreePath target, boolean replace) throws IOException {
        TreeFileSystem fileSystem = source.getFileSystem();
        try (Place from = fileSystem.locate(source, false);
                Place to = target.getFileSystem().locate(target, false)) {
            fileSystem.attempt(source, from::readAttributes);
            boolean taken;
            try {
                synchronized (NameLocks.of(to.name())) {
                    taken = !replace && to.exists() && !source.equals(target);
                    if (!taken) {
                        from.parent().move(from.name(), to.parent(), to.name());
                    }
                }
            } catch (FileSystemException e) {
                boolean full = String.valueOf(e.getReason()).equals("Directory not empty");
                TreePath reported = e instanceof NoSuchFileException ? source : target;
                taken = reported.getFileSystem().attempt(reported, () -> {
                    throw full ? new DirectoryNotEmptyException(target.toString()) : e;
                });
            }
            if (taken) {
                throw new FileAlreadyExistsException(target.toString());
            }
        }
    }

    static void copy(TreePath source, TreePath target, Set<CopyOption> options) throws IOException {
        TreeFileSystem from = source.getFileSystem();
        TreeFileSystem to = target.getFileSystem();
        to.checkCreatable(target);
        boolean follow = !options.contains(NOFOLLOW_LINKS);
        BasicFileAttributes attributes = from.basic(source, follow);
        if (exists(target)) {
            if (to.provider().isSameFile(source, target)) {
                return;
            }
            if (!options.contains(REPLACE_EXISTING)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            if (!attributes.isRegularFile() || !to.basic(target, false).isRegularFile()) {
                to.delete(target);
            }
        }
        if (attributes.isSymbolicLink()) {
            Links.createSymbolic(target, to.getPath(Links.readSymbolic(source).toString()));
            return;
        }
        FileAttribute<?>[] permissions = permissions(source, follow);
        if (attributes.isDirectory()) {
            to.createDirectory(target, permissions);
        } else {
            copyContent(source, target, permissions);
        }
        if (options.contains(COPY_ATTRIBUTES)) {
            copyAttributes(source, target, follow, attributes);
        }
    }

    private static boolean exists(TreePath target) throws IOException {
        try {
            target.getFileSystem().basic(target, false);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean isPosix(TreePath path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static FileAttribute<?>[] permissions(TreePath source, boolean follow) throws IOException {
        if (!isPosix(source)) {
            return new FileAttribute<?>[0];
        }
        PosixFileAttributes attributes = source.getFileSystem().posix(source, follow);
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(attributes.permissions())};
    }

    private static void copyContent(TreePath source, TreePath target, FileAttribute<?>... permissions)
            throws IOException {
        try (SeekableByteChannel in = FileOpener.open(source, Set.of(READ));
                Upload upload = target.getFileSystem().upload(target, permissions)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
            while (in.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    upload.channel().write(buffer);
                }
            }
            upload.commit();
        }
    }

    private static void copyAttributes(TreePath source, TreePath target, boolean follow, BasicFileAttributes attributes)
            throws IOException {
        TreeView view = new TreeView("posix", target, false);
        if (isPosix(source) && isPosix(target)) {
            PosixFileAttributes posix = source.getFileSystem().posix(source, follow);
            try {
                view.setGroup(posix.group());
                view.setOwner(posix.owner());
            } catch (FileSystemException e) {
                // Only root may change the owner.
            }
            view.setPermissions(posix.permissions());
        }
        view.setTimes(attributes.lastModifiedTime(), attributes.lastAccessTime(), attributes.creationTime());
    }
}
