package dev.mooring.sftp.internal.files;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Collection;
import java.util.Set;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;
import org.jspecify.annotations.Nullable;

/** The file operations of SSHD. An upload becomes visible before an operation uses its name. */
public final class ShareAccessor implements SftpFileSystemAccessor {

    @Override
    public SeekableByteChannel openFile(
            SftpSubsystemProxy channel,
            @Nullable FileHandle handle,
            Path file,
            @Nullable String name,
            Set<? extends OpenOption> options,
            FileAttribute<?>... attributes)
            throws IOException {
        return handle == null ? Files.newByteChannel(file, options) : ((SftpFiles) channel).opening();
    }

    @Override
    public void removeFile(SftpSubsystemProxy channel, Path file, boolean directory) throws IOException {
        Files.delete(exposed(channel, file));
    }

    @Override
    public void renameFile(SftpSubsystemProxy channel, Path from, Path to, Collection<CopyOption> options)
            throws IOException {
        Path source = exposed(channel, from);
        Files.move(source, exposed(channel, to), options.toArray(CopyOption[]::new));
    }

    /** A path for operations on names. A path that stands for an open file does not support them. */
    static Path exposed(SftpSubsystemProxy channel, Path file) throws IOException {
        ((SftpFiles) channel).expose(file);
        return file.getFileSystem().getPath(file.toString());
    }

    @Override
    public void createLink(SftpSubsystemProxy channel, Path link, Path existing, boolean symbolic) throws IOException {
        ((SftpFiles) channel).expose(existing);
        SftpFileSystemAccessor.super.createLink(channel, link, existing, symbolic);
    }

    /** As open(2) with O_RDONLY, which also creates the file with O_CREAT. The JDK only creates files that it opens for writing. */
    static SeekableByteChannel openToRead(Path file, Set<OpenOption> options, FileAttribute<?>... mode)
            throws IOException {
        boolean createNew = options.contains(StandardOpenOption.CREATE_NEW);
        try {
            if (!createNew) {
                return Files.newByteChannel(file, StandardOpenOption.READ);
            }
        } catch (NoSuchFileException e) {
            if (!options.contains(StandardOpenOption.CREATE)) {
                throw e;
            }
        }
        try {
            return Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ),
                    mode);
        } catch (FileAlreadyExistsException e) {
            if (createNew) {
                throw e;
            }
            return Files.newByteChannel(file, StandardOpenOption.READ); // another client has created it meanwhile
        }
    }
}
