package dev.mooring.sftp.internal;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Collection;
import java.util.Set;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;

/** What SSHD does to files. What is on its way gets its name before something is done to that. */
final class ShareAccess implements SftpFileSystemAccessor {

    @Override
    public SeekableByteChannel openFile(
            SftpSubsystemProxy channel,
            FileHandle handle,
            Path file,
            String name,
            Set<? extends OpenOption> options,
            FileAttribute<?>... attributes)
            throws IOException {
        return ((SftpChannel) channel).open(file, options);
    }

    @Override
    public void removeFile(SftpSubsystemProxy channel, Path file, boolean directory) throws IOException {
        ((SftpChannel) channel).expose(file);
        SftpFileSystemAccessor.super.removeFile(channel, file, directory);
    }

    @Override
    public void renameFile(SftpSubsystemProxy channel, Path from, Path to, Collection<CopyOption> options)
            throws IOException {
        ((SftpChannel) channel).expose(from);
        ((SftpChannel) channel).expose(to);
        Files.move(from, to, options.toArray(CopyOption[]::new));
    }

    @Override
    public void createLink(SftpSubsystemProxy channel, Path link, Path existing, boolean symbolic) throws IOException {
        ((SftpChannel) channel).expose(existing);
        SftpFileSystemAccessor.super.createLink(channel, link, existing, symbolic);
    }
}
