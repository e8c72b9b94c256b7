package dev.mooring.sftp.internal;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Files that a client writes from their beginning: others see them when they are complete. */
final class Incoming {

    private Incoming() {}

    /** Whether a file that is opened like this is written from its beginning. To go on with one that is there is another thing. */
    static boolean is(Set<? extends OpenOption> options) {
        return options.contains(WRITE)
                && !options.contains(APPEND)
                && (options.contains(TRUNCATE_EXISTING) || options.contains(CREATE_NEW));
    }

    /** Begins one; the attributes are for a file that is new. */
    static Upload begin(Path file, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        ShareFileSystem files = (ShareFileSystem) file.getFileSystem();
        if (options.contains(CREATE_NEW)) {
            return files.uploadNew(file, attributes);
        }
        if (!options.contains(CREATE)) {
            Files.readAttributes(file, BasicFileAttributes.class); // which fails if it is not there
        }
        return files.upload(file, attributes);
    }
}
