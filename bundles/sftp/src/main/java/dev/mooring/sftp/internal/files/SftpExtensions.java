package dev.mooring.sftp.internal.files;

import dev.mooring.sftp.internal.session.Accounting;
import dev.mooring.sftp.internal.session.SessionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.digest.Digest;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.extensions.openssh.AbstractOpenSSHExtensionParser.OpenSSHExtension;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;
import org.jspecify.annotations.Nullable;

/**
 * Extensions, of OpenSSH and others, that SSHD lacks or implements differently.
 *
 * @see <a href="https://github.com/openssh/openssh-portable/blob/master/PROTOCOL">OpenSSH's extensions</a>
 */
public abstract class SftpExtensions extends SftpFiles {

    private static final String STATVFS = "statvfs@openssh.com";
    private static final String FSTATVFS = "fstatvfs@openssh.com";
    private static final String EXPAND_PATH = "expand-path@openssh.com";
    private static final String HOME_DIRECTORY = "home-directory";

    /** The limit on Linux, see limits.h. */
    private static final long MAX_NAME_LENGTH = 255;

    private static final long READ_ONLY = 1;

    private static final int MAX_BLOCK = 1024 * 1024;
    private static final int MAX_BLOCKS = 1000;

    private static final int COPY_BUFFER_SIZE = 64 * 1024;

    protected SftpExtensions(
            ChannelSession channel, SftpSubsystemConfigurator configurator, SessionLog log, boolean uploadsInPlace) {
        super(channel, configurator, log, uploadsInPlace);
    }

    /** SSHD decodes handles as text, and copies from the file that has the name now. */
    @Override
    protected void doCopyData(Buffer buffer, int id) throws IOException {
        String source = buffer.getString(StandardCharsets.ISO_8859_1);
        long from = buffer.getLong();
        long length = buffer.getLong();
        String target = buffer.getString(StandardCharsets.ISO_8859_1);
        long to = buffer.getLong();
        copy(file(source), from, length, file(target), to);
        sendStatus(prepareReply(buffer), id, SftpConstants.SSH_FX_OK, "");
    }

    private void copy(OpenHandle source, long from, long length, OpenHandle target, long to) throws IOException {
        requireReadable(source);
        if (isSameFile(source, target) || from < 0 || length < 0 || to < 0) {
            throw new FileSystemException(
                    source.toString(), null, "it cannot be copied onto itself, and offsets must not be negative");
        }
        ByteBuffer piece = ByteBuffer.allocate(COPY_BUFFER_SIZE);
        // Without a length the end is that of now: another client may append to the file all the time.
        long end = length == 0 ? source.size() - from : length;
        for (long copied = 0; copied < end && !closed.get(); ) {
            piece.clear().limit((int) Math.min(COPY_BUFFER_SIZE, end - copied));
            SeekableByteChannel channel = source.getFileChannel();
            int read = channel instanceof FileChannel direct
                    ? direct.read(piece, from + copied)
                    : channel.position(from + copied).read(piece);
            if (read < 0) {
                return;
            }
            write(target, piece.flip(), to + copied);
            Accounting.transferred(target, "WRITE", read);
            copied += read;
        }
    }

    /** Whether two handles are of one file, so that a copy would read what it has written. */
    private static boolean isSameFile(OpenHandle one, OpenHandle other) throws IOException {
        Object key = key(one);
        return one == other || key != null && key.equals(key(other));
    }

    private static @Nullable Object key(OpenHandle handle) throws IOException {
        return Files.readAttributes(handle.getFile(), BasicFileAttributes.class).fileKey();
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
            sendStatus(prepareReply(buffer), id, e, SftpConstants.SSH_FXP_EXTENDED, extension);
        }
    }

    /** Limits the hashes to those that fit into a reply, and the size of a block to available memory. */
    @Override
    protected void doCheckFileHash(
            int id,
            Path file,
            NamedFactory<? extends Digest> algorithm,
            long start,
            long length,
            int block,
            Buffer reply)
            throws Exception {
        long rest = Math.max(0, Files.size(file) - start);
        long hashed = length == 0 ? rest : Math.min(length, rest);
        if (block > MAX_BLOCK || block > 0 && hashed / block >= MAX_BLOCKS) {
            throw new IOException("A request can hash " + MAX_BLOCKS + " blocks of up to " + MAX_BLOCK
                    + " bytes; ask for larger blocks, or for a shorter part of the file");
        }
        super.doCheckFileHash(id, file, algorithm, start, length, block, reply);
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
