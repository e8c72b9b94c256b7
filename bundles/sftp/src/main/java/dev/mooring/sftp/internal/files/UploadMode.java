package dev.mooring.sftp.internal.files;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
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

/** How a file that a client opens is written: docs/explanation/uploads.md has the table, by client. */
enum UploadMode {
    /** From its beginning; others see it when it is complete. */
    WHOLE,
    /** In place: what is written is seen at once. */
    IN_PLACE,
    /** Whole if the file is not there, or the first thing written is its beginning, as by OpenSSH's scp; else in place. */
    UNDECIDED;

    /** By the options that a file is opened with. */
    static UploadMode of(Set<? extends OpenOption> options) {
        if (!options.contains(WRITE) || options.contains(APPEND)) {
            return IN_PLACE;
        }
        if (options.contains(TRUNCATE_EXISTING) || options.contains(CREATE_NEW)) {
            return WHOLE;
        }
        return options.contains(CREATE) && !options.contains(READ) ? UNDECIDED : IN_PLACE;
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
