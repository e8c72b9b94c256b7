package dev.mooring.sftp.internal.command;

import dev.mooring.common.ClientText;
import dev.mooring.sftp.internal.files.ClientPath;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.sftp.internal.transport.SocketSession;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.scp.common.ScpFileOpener;
import org.apache.sshd.scp.common.ScpHelper;
import org.apache.sshd.scp.common.ScpTransferEventListener;
import org.apache.sshd.scp.common.helpers.ScpAckInfo;
import org.apache.sshd.scp.common.helpers.ScpReceiveDirCommandDetails;
import org.apache.sshd.scp.common.helpers.ScpTimestampCommandDetails;
import org.apache.sshd.scp.server.ScpCommand;
import org.apache.sshd.server.channel.ChannelSession;
import org.jspecify.annotations.Nullable;

/** SSHD's scp, which in addition reports every error to the client and gives directories the mode that OpenSSH would give them. */
public final class Scp extends ScpCommand {

    private static final Logger LOG = System.getLogger(SessionLog.class.getName());

    Scp(
            ChannelSession channel,
            String command,
            CloseableExecutorService executor,
            int buffer,
            ScpFileOpener files,
            ScpTransferEventListener accounting) {
        super(channel, command, executor, buffer, buffer, files, accounting);
    }

    /** SSHD sends as much as the window of the client allows, even if the client does not read. */
    @Override
    public void setOutputStream(OutputStream out) {
        super.setOutputStream(new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int start, int length) throws IOException {
                SocketSession.of(getServerSession()).awaitSendSpace();
                out.write(bytes, start, length);
            }
        });
    }

    @Override
    public void run() {
        int status = ScpAckInfo.OK;
        String reason = "";
        try {
            Helper helper =
                    new Helper(getServerSession(), getInputStream(), getOutputStream(), fileSystem, opener, listener);
            if (optT) {
                helper.receive(getCommand(), target(helper), optR, optD, optP, receiveBufferSize);
            } else {
                helper.send(List.of(path), optR, optP, sendBufferSize);
            }
        } catch (IOException | RuntimeException e) {
            status = ScpAckInfo.ERROR;
            reason = reason(e);
            if (getServerChannelSession().isClosing()) {
                LOG.log(Level.DEBUG, "The client has disconnected during an scp command", ClientText.trace(e));
            } else if (e instanceof RuntimeException
                    && !(e instanceof InvalidPathException || e instanceof NumberFormatException)) {
                LOG.log(Level.WARNING, "An scp command failed with an internal error", e);
            }
            sendError("scp: " + reason);
        } finally {
            getExitCallback().onExit(status, reason);
        }
    }

    /** The destination. A directory that does not exist yet may have a slash at its end. */
    private Path target(ScpHelper helper) throws IOException {
        try {
            return helper.resolveLocalPath(path);
        } catch (NoSuchFileException e) {
            if (optR) {
                return helper.resolveLocalPath(ClientPath.withoutSlash(path));
            }
            throw e;
        }
    }

    private static String reason(Exception failure) {
        if (failure instanceof NoSuchFileException e) {
            return e.getFile() + ": No such file or directory";
        }
        if (failure instanceof NotDirectoryException e) {
            return e.getFile() + ": Not a directory";
        }
        if (failure instanceof NumberFormatException e) {
            return "the client has sent a header with a wrong number: " + e.getMessage();
        }
        return failure instanceof FileSystemException e && e.getReason() != null
                ? e.getFile() + ": " + e.getReason()
                : String.valueOf(failure.getMessage());
    }

    private void sendError(String message) {
        try {
            ScpAckInfo.sendAck(getOutputStream(), StandardCharsets.UTF_8, ScpAckInfo.ERROR, message.replace('\n', ' '));
        } catch (IOException disconnected) {
            LOG.log(Level.DEBUG, "The client has disconnected before it could receive: {0}", message);
        }
    }

    /**
     * Sets the mode and times of a directory after its content has arrived: creating files needs the mode and changes the times. Does not
     * follow a link to a directory that contains the link.
     */
    private static final class Helper extends ScpHelper {

        /** The file keys of the directory that is being sent and of those that contain it. Only the thread of the command uses this. */
        private final Set<Object> sending = new HashSet<>();

        Helper(
                Session session,
                InputStream in,
                OutputStream out,
                FileSystem files,
                ScpFileOpener opener,
                ScpTransferEventListener listener) {
            super(session, in, out, files, opener, listener);
        }

        @Override
        public void sendDir(Path directory, boolean preserve, int buffer) throws IOException {
            Object fileKey =
                    Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
            Object key = fileKey == null ? directory.toRealPath() : fileKey;
            if (!sending.add(key)) {
                sendWarning("scp: " + directory + ": a link to a directory that contains it is not followed");
                return;
            }
            try {
                super.sendDir(directory, preserve, buffer);
            } finally {
                sending.remove(key);
            }
        }

        /** A message ends at the first line break; the client would take the rest, of a name for example, as a command. */
        @Override
        protected void sendResponseMessage(int level, @Nullable String message) throws IOException {
            super.sendResponseMessage(level, message == null ? null : message.replace('\n', ' '));
        }

        @Override
        public void receiveDir(
                String header, Path local, @Nullable ScpTimestampCommandDetails time, boolean preserve, int buffer)
                throws IOException {
            ScpReceiveDirCommandDetails details = new ScpReceiveDirCommandDetails(header);
            Path directory = Files.isDirectory(local) ? local.resolve(details.getName()) : local;
            boolean fresh = !Files.exists(directory);
            super.receiveDir(header, local, time, preserve, buffer);
            Set<PosixFilePermission> asked = details.getPermissions();
            if (preserve) {
                Files.setPosixFilePermissions(directory, asked);
            } else if (fresh && !asked.containsAll(ScpFiles.OWNER_ALL)) {
                Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(directory));
                mode.retainAll(asked); // the umask has removed other bits
                Files.setPosixFilePermissions(directory, mode);
            }
            if (preserve && time != null) {
                Files.getFileAttributeView(directory, BasicFileAttributeView.class)
                        .setTimes(
                                FileTime.from(time.getLastModifiedTime(), TimeUnit.MILLISECONDS),
                                FileTime.from(time.getLastAccessTime(), TimeUnit.MILLISECONDS),
                                null);
            }
        }
    }

    /** The mode of a new file or directory. The umask applies, as with mkdir(2) and open(2). */
    static FileAttribute<?>[] mode(Path file, Set<PosixFilePermission> permissions) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }
}
