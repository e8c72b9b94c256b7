package dev.mooring.sftp.internal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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

/**
 * Paths as POSIX has them (path_resolution(7)), and what is done to names. The file system of a share takes {@code ..} off by
 * its text and knows no slash at the end: here what is in front of {@code ..} or of the last slash has to be a directory, and
 * {@code ..} in a linked one is the parent of the directory that the link leads to.
 */
abstract class SftpNames extends SftpAttributes {

    SftpNames(ChannelSession channel, SftpSubsystemConfigurator configurator) {
        super(channel, configurator);
    }

    @Override
    protected Path resolveFile(String text) throws IOException {
        if (!text.contains("..") && !endsInSlash(text)) {
            return super.resolveFile(text);
        }
        Path path = text.startsWith("/") ? fileSystem.getPath("/") : defaultDir;
        for (String name : text.split("/")) {
            if (name.equals("..")) {
                Path parent = directory(path).getParent();
                path = parent == null ? fileSystem.getPath("/") : parent;
            } else if (!name.isEmpty() && !name.equals(".")) {
                path = path.resolve(fileSystem.getPath(name));
            }
        }
        return endsInSlash(text) ? directory(path) : path;
    }

    private static boolean endsInSlash(String text) {
        return text.endsWith("/") && text.length() > 1 || text.endsWith("/.");
    }

    private static String withoutSlash(String text) {
        int end = text.length();
        while (end > 1 && text.charAt(end - 1) == '/') {
            end--;
        }
        return text.substring(0, end);
    }

    /** Where a directory really is. */
    private static Path directory(Path path) throws IOException {
        Path real = path.toRealPath();
        requireDirectory(real);
        return real;
    }

    private static void requireDirectory(Path path, LinkOption... options) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class, options).isDirectory()) {
            throw new NotDirectoryException(path.toString());
        }
    }

    /** A path whose last name is meant itself, a link being a link, which is no directory. */
    private Path named(String text) throws IOException {
        Path path = resolveFile(withoutSlash(text));
        if (endsInSlash(text)) {
            requireDirectory(path, NOFOLLOW_LINKS);
        }
        return path;
    }

    /** Without links, as realpath(3), but for the last name, which need not be there; SSHD follows none and trims the text. */
    @Override
    protected void doRealPath(Buffer buffer, int id) throws IOException {
        if (getVersion() >= SftpConstants.SFTP_V6) {
            super.doRealPath(buffer, id);
            return;
        }
        String text = buffer.getString();
        Path real;
        try {
            real = real(resolveFile(text));
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
                    ? absolute // where a client begins, which may have been removed
                    : directory(absolute.getParent()).resolve(absolute.getFileName());
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
        if (endsInSlash(to)) {
            requireDirectory(source, NOFOLLOW_LINKS);
        }
        super.doRename(id, source.toString(), withoutSlash(to), options);
    }

    @Override
    protected void createLink(int id, String existing, String link, boolean symbolic) throws IOException {
        if (endsInSlash(link)) {
            throw new NoSuchFileException(link);
        }
        super.createLink(id, symbolic ? existing : named(existing).toString(), link, symbolic);
    }

    /** The client's mode less the umask, as mkdir(2) does it; SSHD sets the mode afterwards. */
    @Override
    protected void doMakeDirectory(int id, String name, Map<String, ?> attributes) throws IOException {
        Path directory = resolveFile(withoutSlash(name));
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
