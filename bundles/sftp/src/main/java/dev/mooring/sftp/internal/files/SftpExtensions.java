package dev.mooring.sftp.internal.files;

import dev.mooring.sftp.internal.session.SessionLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.extensions.openssh.AbstractOpenSSHExtensionParser.OpenSSHExtension;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;

/**
 * Extensions, of OpenSSH and others, that SSHD lacks or implements differently.
 *
 * @see <a href="https://github.com/openssh/openssh-portable/blob/master/PROTOCOL">OpenSSH's extensions</a>
 */
public abstract class SftpExtensions extends SftpLongRequests {

    private static final String STATVFS = "statvfs@openssh.com";
    private static final String FSTATVFS = "fstatvfs@openssh.com";
    private static final String EXPAND_PATH = "expand-path@openssh.com";
    private static final String HOME_DIRECTORY = "home-directory";

    /** The limit on Linux, see limits.h. */
    private static final long MAX_NAME_LENGTH = 255;

    private static final long READ_ONLY = 1;

    protected SftpExtensions(
            ChannelSession channel, SftpSubsystemConfigurator configurator, SessionLog log, boolean uploadsInPlace) {
        super(channel, configurator, log, uploadsInPlace);
    }

    @Override
    protected List<OpenSSHExtension> resolveOpenSSHExtensions(ServerSession session) {
        List<OpenSSHExtension> extensions = new ArrayList<>(super.resolveOpenSSHExtensions(session));
        extensions.add(new OpenSSHExtension(STATVFS, "2"));
        extensions.add(new OpenSSHExtension(FSTATVFS, "2"));
        extensions.add(new OpenSSHExtension(EXPAND_PATH, "1"));
        extensions.add(new OpenSSHExtension(SftpConstants.EXT_COPY_DATA, "1"));
        extensions.add(new OpenSSHExtension(HOME_DIRECTORY, "1"));
        return extensions;
    }

    @Override
    protected void executeExtendedCommand(Buffer buffer, int id, String extension) throws IOException {
        try {
            switch (extension) {
                case STATVFS -> sendFileStore(buffer, id, resolveFile(buffer.getString()));
                case FSTATVFS -> {
                    String handle = buffer.getString(StandardCharsets.ISO_8859_1);
                    sendFileStore(
                            buffer,
                            id,
                            validateHandle(handle, handles.get(handle), Handle.class)
                                    .getFile());
                }
                case EXPAND_PATH -> sendPath(buffer, id, expand(buffer.getString()));
                case HOME_DIRECTORY -> sendPath(buffer, id, expand("~" + buffer.getString()));
                default -> super.executeExtendedCommand(buffer, id, extension);
            }
        } catch (IOException | RuntimeException e) {
            sendFailure(buffer, id, extension, e);
        }
    }

    private Path expand(String path) throws NoSuchFileException {
        String user = getServerSession().getUsername();
        return fileSystem
                .getPath(ClientPath.expand(defaultDir.toString(), user, path))
                .normalize();
    }

    /**
     * The JDK reports neither inodes nor the identity of the file system. They are 0, as on file systems without a fixed number of inodes.
     */
    private void sendFileStore(Buffer buffer, int id, Path file) throws IOException {
        FileStore store = Files.getFileStore(file);
        long block = store.getBlockSize();
        Buffer reply = prepareReply(buffer);
        reply.putByte((byte) SftpConstants.SSH_FXP_EXTENDED_REPLY);
        reply.putInt(id);
        reply.putLong(block);
        reply.putLong(block);
        reply.putLong(store.getTotalSpace() / block);
        reply.putLong(store.getUnallocatedSpace() / block);
        reply.putLong(store.getUsableSpace() / block);
        reply.putLong(0);
        reply.putLong(0);
        reply.putLong(0);
        reply.putLong(0);
        reply.putLong(store.isReadOnly() ? READ_ONLY : 0);
        reply.putLong(MAX_NAME_LENGTH);
        send(reply);
    }
}
