package dev.mooring.sftp.internal.files;

import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpSubsystem;
import org.jspecify.annotations.Nullable;

/**
 * A file that a client has opened. Whatever is asked of the handle is asked of the open file, as of a descriptor: it may have
 * another name by now, or none.
 *
 * <p>What is written goes to the file itself, or to an {@link Upload} that takes its place when the handle is closed. Used by
 * one thread at a time, the one that answers the requests of the channel.
 */
final class OpenHandle extends FileHandle {

    private static final int BUFFER_SIZE = 1 << 16;
    private static final int APPEND = SftpConstants.SSH_FXF_APPEND_DATA | SftpConstants.SSH_FXF_APPEND_DATA_ATOMIC;

    private final ShareFileSystem files;

    /** The upload that is written to instead of the file that has the name. */
    private @Nullable Upload upload;

    /** Whether the first change decides between work in place and an upload. */
    private boolean undecided;

    /** Whether the client may still count on what the old file has from {@link #written} on. */
    private boolean keepsOldTail;

    /** Where the content that the client has written ends. */
    private long written;

    private boolean exposed;
    private boolean failed;

    /** Stands for the open file; made when it is first needed. */
    private @Nullable Path descriptorPath;

    /**
     * Makes one of a channel that is open, which {@link SftpFiles#opening()} gives.
     *
     * @param flags {@code SSH_FXF_APPEND_DATA} counts
     * @param upload what is written to, if it is an upload
     * @param undecided whether the file is there, and was opened to write, without saying that it is written anew: it is if
     *     the client begins at the beginning
     */
    OpenHandle(
            SftpSubsystem channel,
            Path file,
            String handle,
            int flags,
            int access,
            @Nullable Upload upload,
            boolean undecided)
            throws IOException {
        super(channel, file, handle, flags & APPEND | SftpConstants.SSH_FXF_OPEN_EXISTING, access, Map.of());
        this.files = (ShareFileSystem) file.getFileSystem();
        this.upload = upload;
        this.undecided = undecided;
    }

    @Override
    public SeekableByteChannel getFileChannel() {
        return upload == null ? super.getFileChannel() : upload.channel();
    }

    /** A path that stands for the open file. */
    @Override
    public Path getFile() {
        SeekableByteChannel channel = getFileChannel();
        if (channel == null || files == null) {
            return super.getFile(); // while it is being opened
        }
        Path known = descriptorPath;
        if (known == null) {
            known = files.opened(super.getFile(), channel);
            descriptorPath = known;
        }
        return known;
    }

    /** The path that it was opened by. */
    Path name() {
        return super.getFile();
    }

    boolean isReadable() {
        return (getAccessMask() & SftpConstants.ACE4_READ_DATA) != 0;
    }

    private void requireWritable() throws AccessDeniedException {
        if ((getAccessMask() & SftpConstants.ACE4_WRITE_DATA) == 0) {
            throw new AccessDeniedException(name().toString(), null, "not opened for writing");
        }
    }

    /** An upload that lacks something takes no more: what fits again later must not make it look complete. */
    private void requireIntact() throws FileSystemException {
        if (failed && upload != null) {
            throw new FileSystemException(
                    name().toString(), null, "it could not be written whole, so nothing of it is kept");
        }
    }

    /** Whether there is an upload that does not have its name yet. */
    boolean isHidden() {
        return upload != null && !exposed;
    }

    /** Whether something could not be written, so that an upload is not whole. */
    boolean hasFailed() {
        return failed;
    }

    /**
     * Writes all of it: SSHD takes it for written if some of it is, as on a disk that is nearly full.
     *
     * @param offset where, or where the file ends if it was opened to append
     */
    void write(ByteBuffer content, long offset) throws IOException {
        requireWritable();
        requireIntact();
        chooseMode(offset == 0 && content.hasRemaining());
        if (keepsOldTail && offset > written) {
            revertToInPlace();
        }
        SeekableByteChannel channel = getFileChannel();
        try {
            long position = isOpenAppend() ? channel.size() : offset;
            while (content.hasRemaining()) {
                position += channel instanceof FileChannel direct
                        ? direct.write(content, position)
                        : channel.position(position).write(content);
            }
            written = Math.max(written, position);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    /** Cuts the file, or makes it longer, as ftruncate(2). */
    void resize(long size) throws IOException {
        requireWritable();
        if (size < 0) {
            throw new FileSystemException(name().toString(), null, "cannot have a size of " + size);
        }
        requireIntact();
        chooseMode(size == 0);
        if (keepsOldTail && size > written) {
            revertToInPlace();
        }
        keepsOldTail = false;
        try {
            resize(getFileChannel(), size);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    /** Cuts a file, or makes it longer; SSHD only does the first. */
    static void resize(SeekableByteChannel channel, long size) throws IOException {
        if (size <= channel.size()) {
            channel.truncate(size);
        } else {
            channel.position(size - 1).write(ByteBuffer.allocate(1));
        }
    }

    /** Decides how the file is written, at the first change. */
    private void chooseMode(boolean anew) throws IOException {
        if (!undecided) {
            return;
        }
        undecided = false;
        if (anew && isStillAtName()) {
            try {
                upload = files.upload(name());
                keepsOldTail = true;
                descriptorPath = null;
            } catch (AccessDeniedException e) {
                // Its directory takes no other file: the file is written in place.
            }
        }
    }

    private boolean isStillAtName() throws IOException {
        try {
            Object key =
                    Files.readAttributes(getFile(), BasicFileAttributes.class).fileKey();
            return key != null
                    && key.equals(Files.readAttributes(name(), BasicFileAttributes.class)
                            .fileKey());
        } catch (FileSystemException e) {
            return false;
        }
    }

    /**
     * Goes back to work in place: what the client has written so far is written to the old file, whose rest stays. It wants
     * to change a part of the file.
     */
    private void revertToInPlace() throws IOException {
        Upload head = Objects.requireNonNull(upload);
        try (head) {
            upload = null;
            keepsOldTail = false;
            descriptorPath = null;
            copy(head.channel(), super.getFileChannel(), written);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    private static void copy(SeekableByteChannel from, SeekableByteChannel to, long length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        from.position(0);
        to.position(0);
        while (from.position() < length && from.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                to.write(buffer);
            }
        }
    }

    /** How long the file is for the client, which does not know of the upload. */
    long size() throws IOException {
        long size = getFileChannel().size();
        return keepsOldTail ? Math.max(size, super.getFileChannel().size()) : size;
    }

    /** Has others see an upload as it is, because the client does something to its name. */
    void expose() throws IOException {
        if (failed) {
            return; // nothing of it is kept
        }
        if (keepsOldTail) {
            revertToInPlace();
        } else if (upload != null) {
            upload.expose();
            exposed = true;
        }
    }

    /** Puts an upload in its place if it is whole. */
    void commit() throws IOException {
        if (keepsOldTail && !failed && written < super.getFileChannel().size()) {
            revertToInPlace();
        }
        if (upload == null) {
            return;
        }
        if (failed) {
            upload.close();
        }
        requireIntact();
        upload.commit();
    }

    /** Closes what is open; an upload that was not committed is discarded. */
    @Override
    public void close() throws IOException {
        SeekableByteChannel original = super.getFileChannel();
        try (original) {
            if (upload != null) {
                upload.close();
            }
        } finally {
            super.close();
        }
    }
}
