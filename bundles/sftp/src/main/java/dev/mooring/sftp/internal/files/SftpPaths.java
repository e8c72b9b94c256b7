package dev.mooring.sftp.internal.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Map;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;

/** Resolves, renames, removes, links and makes names. {@link ClientPath} defines what a path means. */
abstract class SftpPaths extends SftpAttributes {

    SftpPaths(ChannelSession channel, SftpSubsystemConfigurator configurator) {
        super(channel, configurator);
    }

    @Override
    protected Path resolveFile(String text) throws IOException {
        return ClientPath.resolve(defaultDir, text);
    }

    /** A path for operations on its last name: a link there is not followed. A slash at the end requires a directory, not a link to one. */
    private Path named(String text) throws IOException {
        Path path = resolveFile(ClientPath.withoutSlash(text));
        if (ClientPath.endsInSlash(text)) {
            ClientPath.requireDirectory(path, NOFOLLOW_LINKS);
        }
        return path;
    }

    /**
     * As realpath(3), except that the last name need not exist. SSHD follows no links and trims the text. A slash at the end is
     * ignored: OpenSSH's scp sends one for a directory that it is about to make.
     */
    @Override
    protected void doRealPath(Buffer buffer, int id) throws IOException {
        if (getVersion() >= SftpConstants.SFTP_V6) {
            super.doRealPath(buffer, id);
            return;
        }
        String text = buffer.getString();
        Path real;
        try {
            real = real(resolveFile(ClientPath.withoutSlash(text)));
        } catch (IOException | RuntimeException e) {
            sendStatus(prepareReply(buffer), id, e, SftpConstants.SSH_FXP_REALPATH, text);
            return;
        }
        sendPath(buffer, id, real);
    }

    private Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            return absolute.toRealPath();
        } catch (NoSuchFileException e) {
            return absolute.equals(defaultDir)
                    ? absolute // the directory that clients start in; it may have been removed
                    : ClientPath.directory(absolute.getParent()).resolve(absolute.getFileName());
        }
    }

    final void sendPath(Buffer buffer, int id, Path path) throws IOException {
        sendLink(prepareReply(buffer), id, path, path.toString());
    }

    @Override
    protected void doRemoveFile(int id, String name) throws IOException {
        remove(id, name, false);
    }

    @Override
    protected void doRemoveDirectory(int id, String name) throws IOException {
        remove(id, name, true);
    }

    private void remove(int id, String name, boolean directory) throws IOException {
        Path path = named(name);
        try {
            boolean found = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS)
                    .isDirectory();
            if (directory && !found) {
                throw new NotDirectoryException(name);
            }
            if (found && !directory) {
                throw new FileSystemException(name, null, "Is a directory");
            }
        } catch (IOException e) {
            throw signalRemovalPreConditionFailure(id, name, path, e, directory);
        }
        doRemove(id, path, directory);
    }

    @Override
    protected void doRename(int id, String from, String to, Collection<CopyOption> options) throws IOException {
        Path source = named(from);
        if (ClientPath.endsInSlash(to)) {
            ClientPath.requireDirectory(source, NOFOLLOW_LINKS);
        }
        super.doRename(id, source.toString(), ClientPath.withoutSlash(to), options);
    }

    @Override
    protected void createLink(int id, String existing, String link, boolean symbolic) throws IOException {
        if (ClientPath.endsInSlash(link)) {
            throw new NoSuchFileException(link);
        }
        super.createLink(id, symbolic ? existing : named(existing).toString(), link, symbolic);
    }

    /** Uses the client's mode without the bits of the umask, as mkdir(2). SSHD would set the mode afterwards. */
    @Override
    protected void doMakeDirectory(int id, String name, Map<String, ?> attributes) throws IOException {
        Path directory = resolveFile(ClientPath.withoutSlash(name));
        SftpEventListener listener = getSftpEventListenerProxy();
        listener.creating(getServerSession(), directory, attributes);
        try {
            Files.createDirectory(directory, newMode(attributes));
        } catch (IOException | RuntimeException e) {
            listener.created(getServerSession(), directory, attributes, e);
            throw e;
        }
        listener.created(getServerSession(), directory, attributes, null);
    }
}
