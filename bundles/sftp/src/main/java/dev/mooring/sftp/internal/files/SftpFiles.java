package dev.mooring.sftp.internal.files;

import dev.mooring.sftp.internal.session.Accounting;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.sftp.internal.transport.PendingBytes;
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

/** What SFTP requests do to files: an upload is seen by others when it is complete, and a handle is the open file. */
public abstract class SftpFiles extends SftpHandles {

    /** What OpenSSH's server says it takes; a client that asks for its limits transfers in pieces of this size. */
    public static final int MAX_DATA = 255 * 1024;

    /** What a piece of a file is cut to when too much waits for clients. */
    private static final int READ_IF_SCARCE = 16 * 1024;

    SftpFiles(ChannelSession channel, SftpSubsystemConfigurator configurator, SessionLog log, boolean uploadsInPlace) {
        super(channel, configurator, log, uploadsInPlace);
    }

    @Override
    protected void doWrite(int id, String handle, long offset, int length, byte[] data, int start, int remaining)
            throws IOException {
        OpenHandle file = file(handle);
        if (length < 0 || length > remaining || length > MAX_DATA) {
            throw new FileSystemException(file.toString(), null, "A piece of " + length + " bytes is too large");
        }
        if (offset < 0) {
            throw new FileSystemException(file.toString(), null, "There is nothing before the beginning");
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

    /** Changes a file. The operator learns of the first change that fails. */
    private void attempt(OpenHandle file, Change change) throws IOException {
        boolean before = file.hasFailed();
        try {
            change.make();
        } catch (IOException e) {
            if (!before && file.hasFailed()) {
                log.cannotWrite(getServerSession(), file.name(), ErrorStatus.reason(e), ErrorStatus.remedy(e));
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

    /** Of a file only, as with OpenSSH: a directory is open to be listed, and known by its name. */
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

    /** SSHD makes a buffer of the size that is asked for, which for OpenSSH's clients is the largest, for the smallest file. */
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
            // One more than there is, so that the end is seen.
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

    /** The size first, because it sets the time; SSHD only makes files smaller. */
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
                    OpenHandle.resize(channel, size.longValue());
                }
            }
        }
        super.setFileAttributes(file, others, options);
    }
}
