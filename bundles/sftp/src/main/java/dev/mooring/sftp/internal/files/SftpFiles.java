package dev.mooring.sftp.internal.files;

import dev.mooring.sftp.internal.session.Accounting;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.sftp.internal.transport.PendingBytes;
import dev.mooring.share.ShareFileSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;

/** Reads, writes and resizes files, by handle or by name. */
public abstract class SftpFiles extends SftpHandles {

    /** The limit of OpenSSH's server. A client that asks for the limits of the server transfers data in pieces of this size. */
    public static final int MAX_DATA = 255 * 1024;

    /** The limit of a read while memory is scarce. */
    private static final int READ_IF_SCARCE = 16 * 1024;

    SftpFiles(ChannelSession channel, SftpSubsystemConfigurator configurator, SessionLog log, boolean uploadsInPlace) {
        super(channel, configurator, log, uploadsInPlace);
    }

    @Override
    protected void doWrite(int id, String handle, long offset, int length, byte[] data, int start, int remaining)
            throws IOException {
        OpenHandle file = file(handle);
        if (length < 0 || length > remaining || length > MAX_DATA) {
            throw new FileSystemException(file.toString(), null, "A write of " + length + " bytes is too large");
        }
        if (offset < 0) {
            throw new FileSystemException(file.toString(), null, "The offset is negative");
        }
        write(file, ByteBuffer.wrap(data, start, length), offset);
        Accounting.transferred(file, "WRITE", length);
    }

    final void write(OpenHandle file, ByteBuffer content, long offset) throws IOException {
        attempt(file, () -> file.write(content, offset));
    }

    @FunctionalInterface
    private interface Change {
        void make() throws IOException;
    }

    /** Changes a file. Logs the first change of a handle that fails. */
    private void attempt(OpenHandle file, Change change) throws IOException {
        boolean before = file.hasFailed();
        try {
            change.make();
        } catch (IOException e) {
            if (!before && file.hasFailed()) {
                sessionLog.cannotWrite(getServerSession(), file.name(), ErrorStatus.reason(e), ErrorStatus.remedy(e));
            }
            throw e;
        } finally {
            uploads.update(file);
        }
    }

    @Override
    protected Map<String, Object> doFStat(int id, String handle, int flags) throws IOException {
        Map<String, Object> attributes = super.doFStat(id, handle, flags);
        if (handles.get(handle) instanceof OpenHandle file) {
            attributes.put("size", file.size());
        }
        return attributes;
    }

    /** Only for files, as in OpenSSH: clients change a directory by its name. */
    @Override
    protected void doFSetStat(int id, String handle, Map<String, ?> attributes) throws IOException {
        OpenHandle file = file(handle);
        Map<String, Object> others = new TreeMap<>(attributes);
        if (others.remove("size") instanceof Number size) {
            attempt(file, () -> file.resize(size.longValue()));
        }
        if (!others.isEmpty()) {
            doSetAttributes(SftpConstants.SSH_FXP_FSETSTAT, "", file.getFile(), others, true);
        }
    }

    static void requireReadable(OpenHandle file) throws AccessDeniedException {
        if (!file.isReadable()) {
            throw new AccessDeniedException(file.toString(), null, "not opened for reading");
        }
    }

    @Override
    protected int doRead(
            int id, String handle, long offset, int length, byte[] data, int start, AtomicReference<Boolean> end)
            throws IOException {
        OpenHandle file = file(handle);
        requireReadable(file);
        if (length <= 0 || offset < 0 || !(file.getFileChannel() instanceof FileChannel channel)) {
            return super.doRead(id, handle, offset, length, data, start, end);
        }
        int read = channel.read(ByteBuffer.wrap(data, start, length), offset);
        Accounting.transferred(file, "READ", read);
        end.set(read < length);
        return read;
    }

    /** SSHD allocates a buffer of the requested size. OpenSSH's clients always request the maximum, even of the smallest file. */
    @Override
    protected void doRead(Buffer buffer, int id) throws IOException {
        int start = buffer.rpos();
        Handle handle = handles.get(buffer.getString(StandardCharsets.ISO_8859_1));
        long offset = buffer.getLong();
        int position = buffer.rpos();
        int length = buffer.getInt();
        if (handle instanceof FileHandle file
                && offset >= 0
                && file.getFileChannel().isOpen()) {
            // One more than is left, so that the read finds the end of the file.
            long left = Math.max(0, file.getFileChannel().size() - offset) + 1;
            if (PendingBytes.isMemoryScarce()) {
                left = Math.min(left, READ_IF_SCARCE);
            }
            if (left < length) {
                int end = buffer.wpos();
                buffer.wpos(position);
                buffer.putInt((int) left);
                buffer.wpos(end);
            }
        }
        buffer.rpos(start);
        super.doRead(buffer, id);
    }

    /** Sets the size first, because that changes the time. SSHD can only make files smaller. */
    @Override
    protected void setFileAttributes(Path file, Map<String, ?> attributes, LinkOption... options) throws IOException {
        Map<String, Object> others = new TreeMap<>(attributes);
        if (others.remove("size") instanceof Number size) {
            Set<OpenOption> how = new HashSet<>(List.of(options));
            how.add(StandardOpenOption.WRITE);
            OpenHandle upload = uploads.of(file);
            if (upload != null) {
                attempt(upload, () -> upload.resize(size.longValue()));
            } else {
                try (SeekableByteChannel channel = Files.newByteChannel(file, how)) {
                    ((ShareFileSystem) file.getFileSystem()).resize(channel, size.longValue());
                }
            }
        }
        super.setFileAttributes(file, others, options);
    }
}
