package dev.mooring.sftp.internal;

import dev.mooring.share.Account;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.common.channel.BufferedIoOutputStream;
import org.apache.sshd.common.channel.LocalWindow;
import org.apache.sshd.common.io.IoOutputStream;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.threads.NoCloseExecutor;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpHelper;
import org.apache.sshd.sftp.common.extensions.openssh.AbstractOpenSSHExtensionParser.OpenSSHExtension;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpErrorStatusDataHandler;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpSubsystem;
import org.apache.sshd.sftp.server.SftpSubsystemEnvironment;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.apache.sshd.sftp.server.UnsupportedAttributePolicy;
import org.jspecify.annotations.Nullable;

/**
 * SFTP on one channel: SSHD's, without a thread of its own, and with what OpenSSH's clients also ask for.
 *
 * @see <a href="https://github.com/openssh/openssh-portable/blob/master/PROTOCOL">OpenSSH's extensions</a>
 */
final class SftpChannel extends SftpSubsystem {

    private static final String STATVFS = "statvfs@openssh.com";
    private static final String FSTATVFS = "fstatvfs@openssh.com";
    private static final String EXPAND_PATH = "expand-path@openssh.com";
    private static final String HOME_DIRECTORY = "home-directory";

    /** The limit of a name in a directory on Linux, limits.h. */
    private static final long LONGEST_NAME = 255;

    /** As strerror(3) has it, which the JDK hands on. */
    static final String FULL = "No space left on device";

    static final String OVER_QUOTA = "Disk quota exceeded";

    private static final long READ_ONLY = 1;
    private static final long NO_SETUID = 2;

    /** What is read or written in one request that is answered at once; a transfer of more is better off with two threads. */
    private static final int LITTLE = 16 * 1024;

    private final AtomicBoolean running = new AtomicBoolean();
    private final Factory factory;
    private @Nullable Replies replies;

    /** By their handles. */
    private final Map<String, Upload> uploads = new HashMap<>();

    /** The handles of files that cannot be written on. */
    private final Set<String> failed = new HashSet<>();

    /** What is being opened at this moment. */
    private @Nullable Upload opening;

    /** What a file has that is being opened at this moment, if it is new. */
    private FileAttribute<?>[] permissions = {};

    /** Makes them. */
    static final class Factory extends SftpSubsystemFactory {

        private final SessionLog log;
        private final SftpEventListener accounting;
        private final ExecutorService workers;
        private final Semaphore visitors;
        private final boolean uploadsInPlace;

        /**
         * Makes one.
         *
         * @param log of the server
         * @param accounting what is counted and logged
         * @param workers for requests that may take their time
         * @param visitors how many threads of the transport may go to files meanwhile
         * @param uploadsInPlace whether files are seen while they are written
         */
        Factory(
                SessionLog log,
                SftpEventListener accounting,
                ExecutorService workers,
                Semaphore visitors,
                boolean uploadsInPlace) {
            this.log = log;
            this.accounting = accounting;
            this.workers = workers;
            this.visitors = visitors;
            this.uploadsInPlace = uploadsInPlace;
            // A channel shuts down what it is given.
            setExecutorServiceProvider(() -> new NoCloseExecutor(workers));
            setUnsupportedAttributePolicy(UnsupportedAttributePolicy.ThrowException);
            setErrorStatusDataHandler(new Statuses());
            setFileSystemAccessor(new ShareAccess());
        }

        @Override
        public Command createSubsystem(ChannelSession channel) {
            SftpChannel subsystem = new SftpChannel(channel, this);
            subsystem.addSftpEventListener(accounting);
            return subsystem;
        }
    }

    /** What is said of a request that failed. Version 3 knows only the statuses up to 8. */
    private static final class Statuses implements SftpErrorStatusDataHandler {

        @Override
        public int resolveSubStatus(
                SftpSubsystemEnvironment channel, int id, Throwable failure, int command, Object... arguments) {
            int status = status(failure);
            if (status >= SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM && channel.getVersion() < SftpConstants.SFTP_V5) {
                return SftpConstants.SSH_FX_FAILURE;
            }
            if (channel.getVersion() > SftpConstants.SFTP_V3 || status <= SftpConstants.SSH_FX_OP_UNSUPPORTED) {
                return status;
            }
            return status == SftpConstants.SSH_FX_NOT_A_DIRECTORY
                    ? SftpConstants.SSH_FX_NO_SUCH_FILE
                    : SftpConstants.SSH_FX_FAILURE;
        }

        @Override
        public String resolveErrorMessage(
                SftpSubsystemEnvironment channel,
                int id,
                Throwable failure,
                int status,
                int command,
                Object... arguments) {
            String message = SftpHelper.resolveStatusMessage(status(failure));
            String reason = reason(failure);
            return reason == null ? message : message + ": " + reason;
        }

        private static int status(Throwable failure) {
            String reason = String.valueOf(reason(failure));
            return reason.equals(FULL)
                    ? SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM
                    : reason.equals(OVER_QUOTA)
                            ? SftpConstants.SSH_FX_QUOTA_EXCEEDED
                            : SftpHelper.resolveSubstatus(failure);
        }

        /** Channels of files say no more than what errno says. */
        static @Nullable String reason(Throwable failure) {
            return failure instanceof FileSystemException e
                    ? e.getReason()
                    : failure.getClass() == IOException.class ? failure.getMessage() : null;
        }
    }

    /** What is on its way to the client. */
    private static final class Replies extends BufferedIoOutputStream {

        Replies(long channel, IoOutputStream out, ChannelSession session) {
            super("sftp-out@" + channel, channel, out, session);
        }

        boolean areSent() {
            return pendingBytesCount.get() == 0;
        }
    }

    private SftpChannel(ChannelSession channel, Factory factory) {
        super(channel, factory);
        this.factory = factory;
    }

    @Override
    public void setIoOutputStream(IoOutputStream stream) {
        ChannelSession channel = getServerChannelSession();
        replies = new Replies(channel.getChannelId(), stream, channel);
        out = replies;
    }

    @Override
    public void setFileSystem(FileSystem files) {
        super.setFileSystem(files);
        Account account = getServerSession().getAttribute(Session.ACCOUNT);
        if (account != null) {
            defaultDir = files.getPath(account.home().toString());
        }
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
        env = environment;
    }

    @Override
    public int data(ChannelSession channel, byte[] bytes, int start, int length) throws IOException {
        int taken = super.data(channel, bytes, start, length);
        if (!answerAtOnce()) {
            proceed();
        }
        return taken;
    }

    /**
     * Answers a request on the thread that received it, for whoever waits for each answer before the next request: to wake
     * another thread takes longer than most requests do. Sending must not wait here, so nothing is on its way; looking for a
     * file may, where the disk is slow, so that some threads of the transport are kept from it.
     */
    private boolean answerAtOnce() throws IOException {
        if (requests.size() != 1 || !factory.visitors.tryAcquire()) {
            return false;
        }
        try {
            if (!running.compareAndSet(false, true)) {
                return false;
            }
            Buffer request = requests.peek();
            boolean able = request != null && isLittle(request) && replies != null && replies.areSent();
            if (able) {
                run();
            } else {
                running.set(false);
            }
            return able;
        } finally {
            factory.visitors.release();
        }
    }

    private boolean isLittle(Buffer request) {
        if (request == CLOSE || request.available() > LITTLE) {
            return false;
        }
        int start = request.rpos();
        try {
            request.getInt();
            int type = request.getUByte();
            request.getInt();
            if (type != SftpConstants.SSH_FXP_READ) {
                return type != SftpConstants.SSH_FXP_EXTENDED;
            }
            Handle handle = handles.get(request.getString(StandardCharsets.ISO_8859_1));
            long offset = request.getLong();
            return handle instanceof FileHandle file && file.getFileChannel().size() - offset <= LITTLE;
        } catch (IOException | RuntimeException e) {
            return false;
        } finally {
            request.rpos(start);
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        proceed();
    }

    private void proceed() {
        if (!requests.isEmpty() && running.compareAndSet(false, true)) {
            try {
                factory.workers.execute(this);
            } catch (RejectedExecutionException e) {
                run(); // the server stops
            }
        }
    }

    /** Answers what has been asked, and gives the thread back. */
    @Override
    public void run() {
        try {
            LocalWindow window = getServerChannelSession().getLocalWindow();
            for (Buffer request = requests.poll(); request != null; request = requests.poll()) {
                if (request == CLOSE) {
                    end(0);
                    return;
                }
                int length = request.available();
                process(request);
                window.release(length);
            }
        } catch (IOException | RuntimeException e) {
            end(1);
            return;
        }
        running.set(false);
        proceed();
    }

    private void end(int status) {
        uploads.values().forEach(this::discard);
        uploads.clear();
        closeAllHandles();
        callback.onExit(status, status != 0);
    }

    private void discard(Upload upload) {
        try {
            upload.close();
        } catch (IOException e) {
            factory.log.leftBehind(getServerSession(), upload.path(), e);
        }
    }

    /** Of the attributes only the permissions count, as with OpenSSH. */
    @Override
    protected String doOpen(int id, String name, int flags, int access, Map<String, Object> attributes)
            throws IOException {
        permissions = permissions(attributes);
        Set<StandardOpenOption> options = FileHandle.getOpenOptions(flags, access);
        if (factory.uploadsInPlace || !Incoming.is(options)) {
            return super.doOpen(id, name, flags, access, Map.of());
        }
        Path file = resolveFile(name).normalize();
        expose(file);
        String handle = generateFileHandle(file);
        Upload upload = Incoming.begin(file, options, permissions);
        try {
            opening = upload;
            int plain = SftpConstants.SSH_FXF_OPEN_EXISTING;
            handles.put(handle, new FileHandle(this, upload.path(), handle, plain, access, Map.of()));
        } catch (IOException | RuntimeException e) {
            upload.close();
            throw e;
        } finally {
            opening = null;
        }
        uploads.put(handle, upload);
        return handle;
    }

    @SuppressWarnings("unchecked")
    private FileAttribute<?>[] permissions(Map<String, Object> attributes) {
        return attributes.get("permissions") instanceof Set<?> asked
                        && fileSystem.supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute((Set<PosixFilePermission>) asked)}
                : new FileAttribute<?>[0];
    }

    /** Opens a file for a handle. */
    SeekableByteChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
        return opening == null ? Files.newByteChannel(file, options, permissions) : opening.channel();
    }

    /** Has others see a file that is on its way, if it is. */
    void expose(Path file) throws IOException {
        Path plain = file.toAbsolutePath().normalize();
        for (Upload upload : uploads.values()) {
            if (plain.equals(upload.path())) {
                upload.expose();
            }
        }
    }

    /** Whoever writes a file sees what has been written so far. */
    @Override
    protected Path resolveFile(String name) throws IOException {
        Path file = super.resolveFile(name);
        if (!uploads.isEmpty()) {
            Path plain = file.normalize();
            for (Upload upload : uploads.values()) {
                if (plain.equals(upload.path())) {
                    return upload.path();
                }
            }
        }
        return file;
    }

    @Override
    protected void doClose(int id, String handle) throws IOException {
        Upload upload = uploads.remove(handle);
        boolean whole = !failed.remove(handle);
        try {
            if (upload != null && !whole) {
                upload.close();
                throw new FileSystemException(
                        upload.path().toString(), null, "it could not be written whole, so nothing of it is kept");
            }
            if (upload != null) {
                upload.commit();
            }
        } finally {
            super.doClose(id, handle);
        }
    }

    /** SSHD takes it for written if some of it is, as on a disk that is nearly full. */
    @Override
    protected void doWrite(int id, String handle, long offset, int length, byte[] data, int start, int remaining)
            throws IOException {
        FileHandle file = validateHandle(handle, handles.get(handle), FileHandle.class);
        if (length < 0 || length > remaining || length > SshEngine.MOST_DATA) {
            throw new FileSystemException(file.toString(), null, "A piece of " + length + " bytes is too large");
        }
        SeekableByteChannel channel = file.getFileChannel();
        ByteBuffer content = ByteBuffer.wrap(data, start, length);
        try {
            long position = file.isOpenAppend() ? channel.size() : offset;
            while (content.hasRemaining()) {
                position += channel instanceof FileChannel direct
                        ? direct.write(content, position)
                        : channel.position(position).write(content);
            }
            Accounting.moved(file, "WRITE", length);
        } catch (IOException e) {
            if (failed.add(handle)) {
                factory.log.cannotWrite(getServerSession(), file.getFile(), Statuses.reason(e));
            }
            throw e;
        }
    }

    @Override
    protected int doRead(
            int id, String handle, long offset, int length, byte[] data, int start, AtomicReference<Boolean> end)
            throws IOException {
        FileHandle file = validateHandle(handle, handles.get(handle), FileHandle.class);
        if (length <= 0 || offset < 0 || !(file.getFileChannel() instanceof FileChannel channel)) {
            return super.doRead(id, handle, offset, length, data, start, end);
        }
        int read = channel.read(ByteBuffer.wrap(data, start, length), offset);
        Accounting.moved(file, "READ", read);
        end.set(read < length);
        return read;
    }

    /** SSHD looks for the directory, then for the file, and then at it. */
    @Override
    protected NavigableMap<String, Object> resolveFileAttributes(
            Path file, int flags, boolean neverFollow, LinkOption... options) throws IOException {
        return getAttributes(file, flags, options);
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
            try (SeekableByteChannel channel = Files.newByteChannel(file, how)) {
                resize(channel, size.longValue());
            }
        }
        super.setFileAttributes(file, others, options);
    }

    private static void resize(SeekableByteChannel channel, long size) throws IOException {
        if (size <= channel.size()) {
            channel.truncate(size);
        } else {
            channel.position(size - 1).write(ByteBuffer.allocate(1));
        }
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
                case EXPAND_PATH -> sendLink(buffer, id, defaultDir, expand(buffer.getString()));
                case HOME_DIRECTORY -> sendLink(buffer, id, defaultDir, defaultDir.toString());
                default -> super.executeExtendedCommand(buffer, id, extension);
            }
        } catch (IOException | RuntimeException e) {
            sendStatus(prepareReply(buffer), id, e, SftpConstants.SSH_FXP_EXTENDED, extension);
        }
    }

    /** Every account has its home, and sees nobody else's. */
    private String expand(String path) {
        String plain = path.equals("~") ? "" : path.startsWith("~/") ? path.substring(2) : path;
        return defaultDir.resolve(plain).normalize().toString();
    }

    private void sendFileStore(Buffer buffer, int id, Path file) throws IOException {
        FileStore store = Files.getFileStore(file);
        long block = blockSize(store);
        Buffer reply = prepareReply(buffer);
        reply.putByte((byte) SftpConstants.SSH_FXP_EXTENDED_REPLY);
        reply.putInt(id);
        reply.putLong(block);
        reply.putLong(block);
        reply.putLong(store.getTotalSpace() / block);
        reply.putLong(store.getUnallocatedSpace() / block);
        reply.putLong(store.getUsableSpace() / block);
        // The JDK does not tell how many files there are, or could be.
        reply.putLong(0);
        reply.putLong(0);
        reply.putLong(0);
        reply.putLong(0);
        reply.putLong(file.getFileSystem().isReadOnly() || store.isReadOnly() ? READ_ONLY | NO_SETUID : NO_SETUID);
        reply.putLong(LONGEST_NAME);
        send(reply);
    }

    private static long blockSize(FileStore store) {
        try {
            return Math.max(1, store.getBlockSize());
        } catch (IOException | UnsupportedOperationException e) {
            return 1;
        }
    }
}
