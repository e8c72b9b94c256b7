package dev.mooring.share.internal.filesystem;

import dev.mooring.share.SharePath;
import dev.mooring.share.internal.directory.Directory;
import dev.mooring.share.internal.lookup.NameLocks;
import dev.mooring.share.internal.lookup.Place;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.List;

/** Creates and reads links. */
final class Links {

    private Links() {}

    static void createSymbolic(TreePath link, TreePath target, FileAttribute<?>... attributes) throws IOException {
        TreeFileSystem fileSystem = link.getFileSystem();
        fileSystem.checkCreatable(link);
        fileSystem.visit(link, false, place -> {
            Path kept = place.parent().fileSystem().getPath(target.toString());
            if (target.isAbsolute()) {
                kept = fileSystem
                        .rootPath()
                        .resolve(target.normalize().toString().substring(1));
            } else if (climbsOut(place.real().parent(), target)) {
                throw new AccessDeniedException(link.toString(), null, "the target is outside");
            }
            synchronized (NameLocks.of(place.name())) {
                return Files.createSymbolicLink(place.accessPath(), kept, attributes);
            }
        });
    }

    static TreePath readSymbolic(TreePath link) throws IOException {
        TreeFileSystem fileSystem = link.getFileSystem();
        return fileSystem.visit(link, false, place -> {
            Path kept = Files.readSymbolicLink(place.accessPath());
            if (!Directory.isDecodable(kept)) {
                throw new FileSystemException(link.toString(), null, "its target is not in the encoding of the server");
            }
            if (kept.isAbsolute()) {
                for (Path root :
                        List.of(fileSystem.rootPath(), fileSystem.rootPath().toRealPath())) {
                    if (kept.startsWith(root)) {
                        return fileSystem.getPath("/" + root.relativize(kept));
                    }
                }
            }
            TreePath target = fileSystem.getPath(kept.toString());
            if (kept.isAbsolute() || climbsOut(place.real().parent(), target)) {
                throw new AccessDeniedException(link.toString(), null, "it leads outside");
            }
            return target;
        });
    }

    /** Whether the text of a target leads above the root. The real target is checked when the link is followed. */
    private static boolean climbsOut(SharePath directory, TreePath target) {
        int depth = directory.names().size();
        for (Path name : target) {
            depth += name.toString().equals("..") ? -1 : name.toString().equals(".") ? 0 : 1;
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    static void createHard(TreePath link, TreePath existing) throws IOException {
        link.getFileSystem().checkCreatable(link);
        existing.getFileSystem().checkWritable(existing);
        existing.getFileSystem().visit(existing, false, from -> {
            FileOpener.requireFile(from);
            Path source = from.accessPath();
            try (Place to = link.getFileSystem().locate(link, false)) {
                synchronized (NameLocks.of(to.name())) {
                    return Files.createLink(to.accessPath(), source);
                }
            }
        });
    }
}
