package dev.mooring.sftp.internal.files;

import dev.mooring.sftp.internal.session.Accounting;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.Upload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.digest.DigestFactory;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;
import org.jspecify.annotations.Nullable;

/**
 * Hashes and copies files. SSHD does that in one go, which neither ends when the channel closes nor lets other channels use the thread
 * meanwhile. Here such a request only begins; {@link #continueRequest} carries it out.
 */
abstract class SftpLongRequests extends SftpFiles {

    private static final int MAX_BLOCK = 1024 * 1024;
    private static final int MAX_BLOCKS = 1000;

    /** The request that has begun and has no reply yet. Only the thread that runs the requests of the channel uses this. */
    private @Nullable LongRequest unfinished;

    SftpLongRequests(
            ChannelSession channel, SftpSubsystemConfigurator configurator, SessionLog log, boolean uploadsInPlace) {
        super(channel, configurator, log, uploadsInPlace);
    }

    /** Whether the last request has no reply yet, so that {@link #continueRequest} must follow. */
    protected final boolean isUnfinished() {
        return unfinished != null;
    }

    /**
     * Whether the next request may have to copy the beginning of an upload back to the old file, which takes as long as a long request.
     * The writes of an upload do not, unless they leave a gap.
     */
    protected final boolean mayCopyBack(Buffer request) {
        return uploads.mayCopyBack() && ask(request, this::mayCopyBack);
    }

    private boolean mayCopyBack(int type, Buffer rest) {
        return switch (type) {
            case SftpConstants.SSH_FXP_READ,
                    SftpConstants.SSH_FXP_STAT,
                    SftpConstants.SSH_FXP_LSTAT,
                    SftpConstants.SSH_FXP_FSTAT -> false;
            case SftpConstants.SSH_FXP_WRITE ->
                !(handles.get(rest.getString(StandardCharsets.ISO_8859_1)) instanceof OpenHandle file)
                        || file.leavesGap(rest.getLong());
            default -> true;
        };
    }

    /** A question about a request. */
    protected interface Question {

        /**
         * Answers it.
         *
         * @param type the type of the request
         * @param rest what follows its id
         */
        boolean answer(int type, Buffer rest) throws IOException;
    }

    /** Answers a question about a request, which remains unread. {@code false} for the end of the channel, and for a malformed request, which is answered with an error. */
    protected static boolean ask(Buffer request, Question question) {
        if (request == CLOSE) {
            return false;
        }
        int start = request.rpos();
        try {
            request.getInt();
            int type = request.getUByte();
            request.getInt();
            return question.answer(type, request);
        } catch (IOException | RuntimeException e) {
            return false;
        } finally {
            request.rpos(start);
        }
    }

    /**
     * Carries out the next step of the request, and sends the reply after the last one.
     *
     * @throws IOException if no reply can be sent; the channel must end
     */
    protected final void continueRequest() throws IOException {
        LongRequest request = Objects.requireNonNull(unfinished);
        boolean more = false;
        try {
            if (closed.get() || getServerChannelSession().isClosing()) {
                throw new EOFException("The channel was closed during " + request.extension);
            }
            try {
                more = !request.step();
                if (more) {
                    return;
                }
                request.complete();
            } catch (IOException | RuntimeException e) {
                sendFailure(new ByteArrayBuffer(), request.id, request.extension, e);
                return;
            }
            request.reply();
        } finally {
            if (!more) {
                unfinished = null;
                Accounting.working(getServerSession(), -1);
                request.close();
            }
        }
    }

    private void begin(LongRequest request) {
        unfinished = request;
        Accounting.working(getServerSession(), 1);
    }

    final void sendFailure(Buffer buffer, int id, String extension, Exception failure) throws IOException {
        sendStatus(prepareReply(buffer), id, failure, SftpConstants.SSH_FXP_EXTENDED, extension);
    }

    private void sendDone(int id) throws IOException {
        sendStatus(prepareReply(new ByteArrayBuffer()), id, SftpConstants.SSH_FX_OK, "");
    }

    private Buffer extendedReply(int id, String name) {
        Buffer reply = prepareReply(new ByteArrayBuffer());
        reply.putByte((byte) SftpConstants.SSH_FXP_EXTENDED_REPLY);
        reply.putInt(id);
        reply.putString(name);
        return reply;
    }

    /** The file of a request for a hash, which names it by a handle or a path. */
    private Path fileToHash(Buffer request, boolean byHandle) throws IOException {
        if (byHandle) {
            OpenHandle file = file(request.getString(StandardCharsets.ISO_8859_1));
            requireReadable(file);
            return file.getFile();
        }
        Path file = resolveFile(request.getString());
        if (Files.isDirectory(file)) {
            throw new NotDirectoryException(file.toString()); // the status of SSHD
        }
        return file;
    }

    /** Limits the hashes to those that fit into a reply, and the size of a block as the documentation says. */
    @Override
    protected void doCheckFileHash(Buffer request, int id, String extension) throws IOException {
        Path file = fileToHash(request, extension.equals(SftpConstants.EXT_CHECK_FILE_HANDLE));
        DigestFactory algorithm = algorithm(request.getString());
        long start = request.getLong();
        long length = request.getLong();
        long block = request.getUInt();
        long rest = Files.size(file) - start;
        long hashed = length == 0 ? rest : Math.min(length, rest);
        if (start < 0 || length < 0 || hashed <= 0 || block > 0 && block < SftpConstants.MIN_CHKFILE_BLOCKSIZE) {
            throw new IllegalArgumentException("There is nothing to hash at " + start + ", or blocks are too small");
        }
        if (block > MAX_BLOCK || block > 0 && hashed / block >= MAX_BLOCKS) {
            throw new IOException("A request can hash " + MAX_BLOCKS + " blocks of up to " + MAX_BLOCK
                    + " bytes; ask for larger blocks, or for a shorter part of the file");
        }
        Buffer reply = extendedReply(id, SftpConstants.EXT_CHECK_FILE);
        reply.putString(algorithm.getName());
        begin(new Hash(id, extension, file, start, hashed, block, digest(algorithm), reply));
    }

    private static DigestFactory algorithm(String names) {
        for (String name : names.split(",")) {
            DigestFactory algorithm = BuiltinDigests.fromFactoryName(name);
            if (algorithm != null && algorithm.isSupported()) {
                return algorithm;
            }
        }
        throw new IllegalArgumentException("None of the hash algorithms is supported");
    }

    private static MessageDigest digest(DigestFactory algorithm) throws IOException {
        try {
            return MessageDigest.getInstance(algorithm.getAlgorithm());
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** For a client that has a hash of the beginning, as long as the quick hash, the reply is empty if that differs. */
    @Override
    protected void doMD5Hash(Buffer request, int id, String extension) throws IOException {
        Path file = fileToHash(request, extension.equals(SftpConstants.EXT_MD5_HASH_HANDLE));
        long start = request.getLong();
        long length = request.getLong();
        byte[] quickHash = request.getBytes();
        long rest = Files.size(file) - start;
        long hashed = start == 0 && length == 0 ? rest : Math.min(length, rest);
        if (start < 0 || hashed <= 0) {
            throw new IllegalArgumentException("There is nothing to hash at " + start);
        }
        Buffer reply = extendedReply(id, extension);
        Hash hash = new Hash(id, extension, file, start, hashed, 0, digest(BuiltinDigests.md5), reply);
        boolean begins = false;
        try {
            begins = quickHash.length == 0 || Arrays.equals(quickHash, hash.quickHash(start, hashed));
        } finally {
            // Before the reply: a failure after it would be another reply.
            if (!begins) {
                hash.close();
            }
        }
        if (begins) {
            begin(hash);
        } else {
            reply.putBytes(new byte[0]);
            send(reply);
        }
    }

    /** SSHD decodes handles as text, and copies from the file that has the name now. */
    @Override
    protected void doCopyData(Buffer request, int id) throws IOException {
        OpenHandle source = file(request.getString(StandardCharsets.ISO_8859_1));
        long from = request.getLong();
        long length = request.getLong();
        OpenHandle target = file(request.getString(StandardCharsets.ISO_8859_1));
        long to = request.getLong();
        requireReadable(source);
        if (isSameFile(source, target) || from < 0 || length < 0 || to < 0) {
            throw new FileSystemException(
                    source.toString(), null, "it cannot be copied onto itself, and offsets must not be negative");
        }
        // Without a length the end is that of now: another client may append to the file all the time.
        long end = length == 0 ? Math.max(0, source.size() - from) : length;
        begin(new DataCopy(id, source, from, end, target, to));
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
    protected void doCopyFile(Buffer request, int id) throws IOException {
        Path from = resolveFile(request.getString());
        Path to = resolveFile(request.getString());
        boolean replace = request.getBoolean();
        Path source = ShareAccessor.exposed(this, from);
        Path target = ShareAccessor.exposed(this, to);
        boolean exists = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
        if (!Files.isRegularFile(source) || exists && Files.isSameFile(source, target)) {
            List<CopyOption> options = replace ? List.of(StandardCopyOption.REPLACE_EXISTING) : List.of();
            Files.copy(source, target, options.toArray(CopyOption[]::new)); // copies no content
            sendDone(id);
            return;
        }
        if (exists && !replace) {
            throw new FileAlreadyExistsException(target.toString());
        }
        if (exists && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(target); // as Files.copy
        }
        begin(copy(id, source, target, replace));
    }

    /** The copy gets the permissions of the file. Unless it may replace a file, it takes the name at once: another file may appear meanwhile. */
    private FileCopy copy(int id, Path source, Path target, boolean replace) throws IOException {
        FileAttribute<?>[] mode = source.getFileSystem()
                        .supportedFileAttributeViews()
                        .contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(source))}
                : new FileAttribute<?>[0];
        SeekableByteChannel in = Files.newByteChannel(source);
        try {
            ShareFileSystem files = (ShareFileSystem) target.getFileSystem();
            return new FileCopy(id, in, replace ? files.upload(target, mode) : files.uploadNew(target, mode));
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** Hashes a file, completely or in blocks. */
    private final class Hash extends LongRequest {

        private final MessageDigest digest;
        private final boolean inBlocks;
        private final long block;
        private final Buffer reply;

        /** The bytes until the end of the block. */
        private long blockLeft;

        /**
         * Begins a hash.
         *
         * @param block the size of a block; 0 for one hash
         * @param reply receives the hashes
         */
        Hash(
                int id,
                String extension,
                Path file,
                long start,
                long length,
                long block,
                MessageDigest digest,
                Buffer reply)
                throws IOException {
            super(id, extension, Files.newByteChannel(file), start, length);
            this.inBlocks = block > 0;
            this.block = inBlocks ? block : Long.MAX_VALUE;
            this.digest = digest;
            this.reply = reply;
            blockLeft = this.block;
        }

        /** The hash of the first bytes, or of the whole part of the file if that is shorter. */
        byte[] quickHash(long start, long length) throws IOException {
            ByteBuffer head = ByteBuffer.allocate((int) Math.min(length, SftpConstants.MD5_QUICK_HASH_SIZE));
            int count = 0;
            while (head.hasRemaining() && count >= 0) {
                count = read(source, head, start + head.position());
            }
            digest.update(head.flip());
            return digest.digest();
        }

        @Override
        void accept(ByteBuffer piece) {
            int end = piece.limit();
            while (piece.position() < end) {
                piece.limit((int) Math.min(end, piece.position() + blockLeft));
                blockLeft -= piece.remaining();
                digest.update(piece);
                if (blockLeft == 0) {
                    endBlock();
                }
            }
        }

        private void endBlock() {
            reply.putBytes(digest.digest());
            blockLeft = block;
        }

        @Override
        void complete() {
            if (!inBlocks || blockLeft < block) {
                endBlock();
            }
        }

        @Override
        void reply() throws IOException {
            send(reply);
        }
    }

    /** Copies from one handle to another. */
    private final class DataCopy extends LongRequest {

        private final OpenHandle target;
        private long to;

        DataCopy(int id, OpenHandle source, long from, long length, OpenHandle target, long to) {
            super(id, SftpConstants.EXT_COPY_DATA, source.getFileChannel(), from, length);
            this.target = target;
            this.to = to;
        }

        @Override
        void accept(ByteBuffer piece) throws IOException {
            int count = piece.remaining();
            write(target, piece, to);
            Accounting.transferred(target, "WRITE", count);
            to += count;
        }

        @Override
        void reply() throws IOException {
            sendDone(id);
        }

        @Override
        public void close() {
            // The handles stay open.
        }
    }

    /** Copies a file to a name. Others see the copy when it is complete. */
    private final class FileCopy extends LongRequest {

        private final Upload upload;

        FileCopy(int id, SeekableByteChannel source, Upload upload) throws IOException {
            super(id, SftpConstants.EXT_COPY_FILE, source, 0, Long.MAX_VALUE);
            this.upload = upload;
        }

        @Override
        void accept(ByteBuffer piece) throws IOException {
            while (piece.hasRemaining()) {
                upload.channel().write(piece);
            }
        }

        @Override
        void complete() throws IOException {
            upload.commit();
        }

        @Override
        void reply() throws IOException {
            sendDone(id);
        }

        @Override
        public void close() throws IOException {
            try (upload) {
                super.close();
            }
        }
    }
}
