package dev.mooring.sftp.internal.files;

import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;
import org.jspecify.annotations.Nullable;

/** Opens and closes the handles of a channel, and resolves a path to the upload that it means. */
abstract class SftpHandles extends SftpPaths {

    final SessionLog sessionLog;
    private final boolean uploadsInPlace;

    // Only the thread that runs the requests of the channel uses the following fields.

    final HiddenUploads uploads = new HiddenUploads();

    /** The open file of the handle that is being made. */
    private @Nullable SeekableByteChannel opening;

    /** The handles that this channel has reserved. */
    private int reservedHandles;

    SftpHandles(
            ChannelSession channel, SftpSubsystemConfigurator configurator, SessionLog log, boolean uploadsInPlace) {
        super(channel, configurator);
        this.sessionLog = log;
        this.uploadsInPlace = uploadsInPlace;
    }

    /** Discards the uploads and closes the handles. */
    protected final void closeAll() {
        try {
            uploads.discard(
                    (upload, failure) -> sessionLog.partialUploadRemains(getServerSession(), upload.name(), failure));
            closeAllHandles();
        } finally {
            release(reservedHandles);
        }
    }

    /** Releases the reservations of closed handles. */
    protected final void releaseClosed() {
        release(reservedHandles - handles.size());
    }

    /**
     * Reserves a handle.
     *
     * @throws FileSystemException if a limit is reached
     */
    private void reserve(String name) throws FileSystemException {
        String reason = HandleLimit.take(getServerSession(), handles.size());
        if (reason != null) {
            sessionLog.tooManyFiles(getServerSession(), reason, HandleLimit.MAX_TOTAL);
            throw new FileSystemException(name, null, reason);
        }
        reservedHandles++;
    }

    private void release(int count) {
        HandleLimit.release(getServerSession(), count);
        reservedHandles -= count;
    }

    /** Of the attributes it uses only the mode, as OpenSSH does. */
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
        options.remove(StandardOpenOption.APPEND); // OpenHandle.append opens the file again
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

    /** The open file of the handle that is being made. */
    SeekableByteChannel opening() {
        return Objects.requireNonNull(opening);
    }

    /** Makes an upload to this path visible to others. */
    void expose(Path file) throws IOException {
        uploads.expose(file);
    }

    /** For the client that uploads a file, the path stands for the upload. */
    @Override
    protected Path resolveFile(String name) throws IOException {
        Path file = super.resolveFile(name);
        OpenHandle upload = uploads.of(file);
        if (upload == null) {
            return file;
        }
        return upload.getFile();
    }

    /** Fails for an unknown handle; SSHD would report that the file does not exist. */
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
}
