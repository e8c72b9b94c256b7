package dev.mooring.sftp.internal.files;

import dev.mooring.sftp.internal.session.Accounting;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.sftp.internal.transport.PendingBytes;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;
import org.jspecify.annotations.Nullable;

/** What SFTP requests do to files: an upload is seen by others when it is complete, and a handle is the open file. */
public abstract class SftpFiles extends SftpPaths {

    /** What OpenSSH's server says it takes; a client that asks for its limits transfers in pieces of this size. */
    public static final int MAX_DATA = 255 * 1024;

    /** What a piece of a file is cut to when too much waits for clients. */
    private static final int READ_IF_SCARCE = 16 * 1024;

    private final SessionLog log;
    private final boolean uploadsInPlace;

    // What follows belongs to the thread that carries out the requests of the channel.

    private final HiddenUploads uploads = new HiddenUploads();

    /** What a handle is being made for. */
    private @Nullable SeekableByteChannel opening;

    /** How many handles this channel has taken. */
    private int reservedHandles;

    SftpFiles(ChannelSession channel, SftpSubsystemConfigurator configurator, SessionLog log, boolean uploadsInPlace) {
        super(channel, configurator);
        this.log = log;
        this.uploadsInPlace = uploadsInPlace;
    }

    /** Closes what is open. */
    protected final void closeAll() {
        try {
            uploads.discard((upload, failure) -> log.partialUploadRemains(getServerSession(), upload.name(), failure));
            closeAllHandles();
        } finally {
            release(reservedHandles);
        }
    }

    /** Gives back the handles that have been closed. */
    protected final void releaseClosed() {
        release(reservedHandles - handles.size());
    }

    /** Takes one of the handles that there may be, to be released when it is closed. */
    private void reserve(String name) throws FileSystemException {
        String reason = HandleLimit.take(getServerSession(), handles.size());
        if (reason != null) {
            log.tooManyFiles(getServerSession(), reason, HandleLimit.MAX_TOTAL);
            throw new FileSystemException(name, null, reason);
        }
        reservedHandles++;
    }

    private void release(int count) {
        HandleLimit.release(getServerSession(), count);
        reservedHandles -= count;
    }

    /** Of the attributes only the mode counts, as with OpenSSH. */
    @Override
    protected String doOpen(int id, String name, int flags, int access, Map<String, Object> attributes)
            throws IOException {
        Path file = resolveFile(name).normalize();
        try {
            reserve(name);
            return open(file, flags, access, newMode(attributes));
        } catch (IOException e) {
            throw signalOpenFailure(id, name, file, false, e);
        }
    }

    private String open(Path file, int flags, int access, FileAttribute<?>... attributes) throws IOException {
        Set<OpenOption> options = new HashSet<>(FileHandle.getOpenOptions(flags, access));
        boolean write = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        options.add(write ? StandardOpenOption.WRITE : StandardOpenOption.READ);
        UploadMode mode = uploadsInPlace ? UploadMode.IN_PLACE : UploadMode.of(options);
        options.remove(StandardOpenOption.APPEND); // what is appended goes to the end by its position
        if (mode == UploadMode.UNDECIDED) {
            try {
                SeekableByteChannel old = Files.newByteChannel(file, StandardOpenOption.WRITE);
                return handle(file, flags, access, old, null, true);
            } catch (NoSuchFileException e) {
                mode = UploadMode.WHOLE;
            }
        }
        if (!write) {
            return handle(file, flags, access, ShareAccessor.openToRead(file, options, attributes), null, false);
        }
        if (mode == UploadMode.IN_PLACE) {
            return handle(file, flags, access, Files.newByteChannel(file, options, attributes), null, false);
        }
        expose(file);
        Upload upload = UploadMode.begin(file, options, attributes);
        return handle(file, flags, access, upload.channel(), upload, false);
    }

    private String handle(
            Path file, int flags, int access, SeekableByteChannel channel, @Nullable Upload upload, boolean undecided)
            throws IOException {
        try {
            String handle = generateFileHandle(file);
            opening = channel;
            OpenHandle made = new OpenHandle(this, file, handle, flags, access, upload, undecided);
            handles.put(handle, made);
            uploads.update(made);
            return handle;
        } catch (IOException | RuntimeException e) {
            try (channel) {
                if (upload != null) {
                    upload.close();
                }
            }
            throw e;
        } finally {
            opening = null;
        }
    }

    @Override
    protected String doOpenDir(int id, String name, Path directory, LinkOption... options) throws IOException {
        reserve(name);
        return super.doOpenDir(id, name, directory, options);
    }

    /** What a handle is being made for. */
    SeekableByteChannel opening() {
        return Objects.requireNonNull(opening);
    }

    /** Has others see a file that is on its way, if it is. */
    void expose(Path file) throws IOException {
        uploads.expose(file);
    }

    /** Whoever writes a file sees what has been written so far. */
    @Override
    protected Path resolveFile(String name) throws IOException {
        Path file = super.resolveFile(name);
        OpenHandle upload = uploads.of(file);
        if (upload == null) {
            return file;
        }
        return upload.getFile();
    }

    /** SSHD says of a handle that is not open that there is no such file. */
    @Override
    protected <H extends Handle> H validateHandle(String name, @Nullable Handle handle, Class<H> type)
            throws IOException {
        if (handle == null) {
            throw new FileSystemException(null, null, "There is no such handle");
        }
        return super.validateHandle(name, handle, type);
    }

    final OpenHandle file(String handle) throws IOException {
        return validateHandle(handle, handles.get(handle), OpenHandle.class);
    }

    @Override
    protected void doClose(int id, String handle) throws IOException {
        try {
            if (handles.get(handle) instanceof OpenHandle file) {
                uploads.remove(file);
                file.commit();
            }
        } finally {
            super.doClose(id, handle);
        }
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
