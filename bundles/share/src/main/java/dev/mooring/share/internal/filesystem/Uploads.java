package dev.mooring.share.internal.filesystem;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.mooring.share.Upload;
import dev.mooring.share.internal.lookup.NameLocks;
import dev.mooring.share.internal.lookup.Place;
import dev.mooring.share.internal.lookup.Tree;
import dev.mooring.share.internal.upload.WholeUpload;
import java.io.IOException;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Starts uploads. */
final class Uploads {

    private Uploads() {}

    /** Starts writing a file, which replaces an existing one. */
    static Upload replace(Tree tree, TreePath file, FileAttribute<?>... attributes) throws IOException {
        TreeFileSystem fileSystem = file.getFileSystem();
        fileSystem.checkCreatable(file);
        Place place = fileSystem.locate(file, false);
        boolean there;
        try {
            there = fileSystem.attempt(file, place::exists);
            if (there && fileSystem.attempt(file, place::readAttributes).isSymbolicLink()) {
                Place link = place;
                place = fileSystem.locate(file, true);
                link.close();
            }
        } catch (IOException | RuntimeException e) {
            place.close();
            throw e;
        }
        return replace(tree, file, place, there, attributes);
    }

    /** Takes ownership of the place. */
    private static Upload replace(Tree tree, TreePath file, Place place, boolean there, FileAttribute<?>... attributes)
            throws IOException {
        try {
            return file.getFileSystem().attempt(file, () -> {
                if (there) {
                    FileOpener.requireFile(place);
                    place.parent()
                            .open(place.name(), Set.of(WRITE, NOFOLLOW_LINKS))
                            .close();
                }
                return new WholeUpload(tree, place, there, false, opened -> TreePath.of(file, opened), attributes);
            });
        } catch (IOException | RuntimeException e) {
            place.close();
            throw e;
        }
    }

    /** Starts writing a file that must not exist. */
    static Upload create(Tree tree, TreePath file, FileAttribute<?>... attributes) throws IOException {
        TreeFileSystem fileSystem = file.getFileSystem();
        fileSystem.checkCreatable(file);
        Place place = fileSystem.locate(file, false);
        try {
            return fileSystem.attempt(file, () -> {
                synchronized (NameLocks.of(place.name())) {
                    place.parent()
                            .create(place.name(), Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), attributes)
                            .close();
                }
                return new WholeUpload(tree, place, true, true, opened -> TreePath.of(file, opened), attributes);
            });
        } catch (IOException | RuntimeException e) {
            place.close();
            throw e;
        }
    }
}
