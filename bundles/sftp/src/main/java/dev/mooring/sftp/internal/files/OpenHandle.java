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
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;
import java.util.Objects;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpSubsystem;
import org.jspecify.annotations.Nullable;

/**
 * A file that a client has opened. Like a descriptor, a handle means the open file, also after a rename or removal.
 *
 * <p>The client writes to the file itself, or to an {@link Upload} that replaces the file when the handle is closed. Only one thread at a
 * time uses a handle: the one that runs the requests of the channel.
 */
final class OpenHandle extends FileHandle {

    private static final int BUFFER_SIZE = 1 << 16;
    private static final int APPEND = SftpConstants.SSH_FXF_APPEND_DATA | SftpConstants.SSH_FXF_APPEND_DATA_ATOMIC;

    private final ShareFileSystem files;

    /** Receives the writes, instead of the file that has the name. */
    private @Nullable Upload upload;

    /** Whether the first change decides between writing in place and an upload. */
    private boolean undecided;

    /** Whether the client may still expect the old file's content after {@link #written}. */
    private boolean keepsOldTail;

    /** The end of the content that the client has written. */
    private long written;

    /** Writes to the end of the file; made for the first write, if the client opened the file for appending. */
    private @Nullable SeekableByteChannel appender;

    private boolean exposed;
    private boolean failed;

    /** Stands for the open file. Made when it is first needed. */
    private @Nullable Path descriptorPath;

    /**
     * Makes the handle of the open file {@link SftpHandles#opening()}.
     *
     * @param flags the flags of the request; only {@code SSH_FXF_APPEND_DATA} has an effect
     * @param upload receives the writes, unless the client writes in place
     * @param undecided whether the client opened an existing file for writing, without truncating it: a first write at offset 0 begins an
     *     upload
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
            return super.getFile(); // called by the constructor of the superclass
        }
        Path known = descriptorPath;
        if (known == null) {
            known = files.opened(super.getFile(), channel);
            descriptorPath = known;
        }
        return known;
    }

    /** The path by which the client opened the file. */
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

    /** After a failed write an upload accepts no further ones: if later ones fitted, it would look complete. */
    private void requireIntact() throws FileSystemException {
        if (failed && upload != null) {
            throw new FileSystemException(
                    name().toString(), null, "it could not be written completely, so nothing of it is kept");
        }
    }

    /** Whether there is an upload that others do not see. */
    boolean isHidden() {
        return upload != null && !exposed;
    }

    /** Whether {@link #revertToInPlace} may follow, and would take longer than a step of a long request. */
    boolean mayCopyBack() {
        return keepsOldTail && written > LongRequest.STEP;
    }

    /** Whether a write at this offset makes {@link #revertToInPlace} necessary. */
    boolean leavesGap(long offset) {
        return keepsOldTail && offset > written;
    }

    /** Whether a write has failed, so that an upload is incomplete. */
    boolean hasFailed() {
        return failed;
    }

    /**
     * Writes all of the content. SSHD would ignore that a nearly full disk took only a part of it.
     *
     * @param offset where to write; ignored if the client opened the file for appending
     */
    void write(ByteBuffer content, long offset) throws IOException {
        requireWritable();
        requireIntact();
        chooseMode(offset == 0 && content.hasRemaining());
        if (leavesGap(offset)) {
            revertToInPlace();
        }
        try {
            if (isOpenAppend()) {
                append(content);
                return;
            }
            SeekableByteChannel channel = getFileChannel();
            long position = offset;
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

    /** The system, not this process, finds the end of the file, so that several clients can append to it ({@code O_APPEND} in open(2)). */
    private void append(ByteBuffer content) throws IOException {
        SeekableByteChannel channel = appender;
        if (channel == null) {
            channel = Files.newByteChannel(getFile(), StandardOpenOption.APPEND);
            appender = channel;
        }
        while (content.hasRemaining()) {
            channel.write(content);
        }
    }

    /** Truncates or extends the file, as ftruncate(2). */
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
            files.resize(getFileChannel(), size);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    /**
     * At the first change, chooses between writing in place and an upload.
     *
     * @param anew whether the client starts the file anew
     */
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
                // The directory accepts no new file, so the client writes in place.
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
     * Continues in place, because the client changes only a part of the file: copies the content written so far, and the attributes, to the old file, and
     * keeps the rest of that.
     */
    private void revertToInPlace() throws IOException {
        Upload head = Objects.requireNonNull(upload);
        try (head) {
            upload = null;
            keepsOldTail = false;
            descriptorPath = null;
            copy(head.channel(), super.getFileChannel(), written);
            copyAttributes(head.path(), getFile());
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    /** Copies the attributes that the client may have set meanwhile. The upload began with the permissions and the owner of the old file. */
    private static void copyAttributes(Path from, Path to) throws IOException {
        BasicFileAttributes set;
        if (from.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            PosixFileAttributes posix = Files.readAttributes(from, PosixFileAttributes.class);
            PosixFileAttributeView old = Files.getFileAttributeView(to, PosixFileAttributeView.class);
            PosixFileAttributes before = old.readAttributes();
            if (!posix.permissions().equals(before.permissions())) {
                old.setPermissions(posix.permissions());
            }
            if (!posix.group().equals(before.group())) {
                old.setGroup(posix.group());
            }
            if (!posix.owner().equals(before.owner())) {
                old.setOwner(posix.owner());
            }
            set = posix;
        } else {
            set = Files.readAttributes(from, BasicFileAttributes.class);
        }
        Files.getFileAttributeView(to, BasicFileAttributeView.class)
                .setTimes(set.lastModifiedTime(), set.lastAccessTime(), null);
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

    /** The size of the file for the client, which does not know about the upload. */
    long size() throws IOException {
        long size = getFileChannel().size();
        return keepsOldTail ? Math.max(size, super.getFileChannel().size()) : size;
    }

    /** Makes an incomplete upload visible to others, because the client renames, links or removes its name. */
    void expose() throws IOException {
        if (failed) {
            return; // a failed upload is discarded
        }
        if (keepsOldTail) {
            revertToInPlace();
        } else if (upload != null) {
            upload.expose();
            exposed = true;
        }
    }

    /** Replaces the file by the upload, if that is complete. */
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

    /** Closes the files, and discards an upload that was not committed. */
    @Override
    public void close() throws IOException {
        SeekableByteChannel original = super.getFileChannel();
        SeekableByteChannel appending = appender;
        try (original;
                appending) {
            if (upload != null) {
                upload.close();
            }
        } finally {
            super.close();
        }
    }
}
