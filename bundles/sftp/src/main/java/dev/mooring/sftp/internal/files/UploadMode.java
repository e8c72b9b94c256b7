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

/** How the server writes a file that a client opens. docs/explanation/uploads.md has the modes of the clients. */
enum UploadMode {
    /** From the beginning, and visible to others when complete. */
    WHOLE,
    /** In place: others see each write at once. */
    IN_PLACE,
    /** Whole if the file does not exist or the first write is at its beginning, as by OpenSSH's scp; otherwise in place. */
    UNDECIDED;

    /** The mode for the options that the client opens the file with. */
    static UploadMode of(Set<? extends OpenOption> options) {
        if (!options.contains(WRITE) || options.contains(APPEND)) {
            return IN_PLACE;
        }
        if (options.contains(TRUNCATE_EXISTING) || options.contains(CREATE_NEW)) {
            return WHOLE;
        }
        return options.contains(CREATE) && !options.contains(READ) ? UNDECIDED : IN_PLACE;
    }

    /** Begins an upload. The attributes are for a new file. */
    static Upload begin(Path file, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        ShareFileSystem files = (ShareFileSystem) file.getFileSystem();
        if (options.contains(CREATE_NEW)) {
            return files.uploadNew(file, attributes);
        }
        if (!options.contains(CREATE)) {
            Files.readAttributes(file, BasicFileAttributes.class); // fails if it does not exist
        }
        return files.upload(file, attributes);
    }
}
