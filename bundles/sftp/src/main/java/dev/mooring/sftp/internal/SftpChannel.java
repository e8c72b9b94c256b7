package dev.mooring.sftp.internal;

import dev.mooring.share.Account;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.channel.BufferedIoOutputStream;
import org.apache.sshd.common.channel.IoWriteFutureImpl;
import org.apache.sshd.common.digest.Digest;
import org.apache.sshd.common.io.IoOutputStream;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.BufferException;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.common.util.threads.NoCloseExecutor;
import org.apache.sshd.common.util.threads.ThreadUtils;
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

    private static final Logger LOG = System.getLogger(SessionLog.class.getName());

    /** A type and an identifier, or a version. */
    private static final int SMALLEST_REQUEST = 5;

    /** As for OpenSSH's server. */
    private static final int LARGEST_REQUEST = 256 * 1024;

    /** Requests that are kept each by itself; the rest waits as the bytes that came, which takes less. */
    private static final int MOST_PARSED = 256;

    /** After so many others get their turn. */
    private static final int MOST_AT_ONCE = 64;

    /** Bytes of replies that wait for the client, above which none of its requests is carried out. */
    private static final int MOST_UNREAD = 256 * 1024;

    /** What a piece of a file is cut to when too much waits for clients. */
    private static final int SCARCE_PIECE = 16 * 1024;

    private static final int LARGEST_BLOCK = 1024 * 1024;
    private static final int MOST_BLOCKS = 1000;

    private static final int COPIED_AT_ONCE = 64 * 1024;

    private static final List<String> TIMES = List.of("lastModifiedTime", "lastAccessTime", "creationTime");

    /** The last second that version 3 can say. */
    private static final long LATEST = 0xFFFFFFFFL;

    /** Whether a thread answers requests: one at a time, whichever that is. */
    private final AtomicBoolean running = new AtomicBoolean();

    private final Factory factory;
    private @Nullable Replies replies;

    /** What has come and is not among the requests yet. Its monitor guards it and the two below. */
    private final ByteArrayBuffer received = new ByteArrayBuffer(1024);

    /** The bytes that have come and are not carried out. */
    private long waiting;

    private boolean ended;

    /** Whether something came that is no request, so that the next one cannot be found. Written under the monitor. */
    private volatile boolean unreadable;

    // What follows belongs to the thread that has set running.

    /** The uploads whose names others do not see yet. */
    private final List<OpenHandle> hidden = new ArrayList<>();

    /** What a handle is being made for. */
    private @Nullable SeekableByteChannel opening;

    /** How many handles this channel has taken. */
    private int held;

    private boolean answered;
    private boolean complained;

    /** Makes them. */
    static final class Factory extends SftpSubsystemFactory {

        private final String name;
        private final SessionLog log;
        private final SftpEventListener accounting;
        private final Workers workers;
        private final Semaphore visitors;
        private final boolean uploadsInPlace;

        /**
         * Makes one.
         *
         * @param name of the server
         * @param log of the server
         * @param accounting what is counted and logged
         * @param threads for requests that may take their time
         * @param visitors how many threads of the transport may go to files meanwhile
         * @param uploadsInPlace whether files are seen while they are written
         */
        Factory(
                String name,
                SessionLog log,
                SftpEventListener accounting,
                ExecutorService threads,
                Semaphore visitors,
                boolean uploadsInPlace) {
            this.name = name;
            this.log = log;
            this.accounting = accounting;
            this.workers = new Workers(threads);
            this.visitors = visitors;
            this.uploadsInPlace = uploadsInPlace;
            // A channel shuts down what it is given.
            setExecutorServiceProvider(() -> new NoCloseExecutor(threads));
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
                    : failure.getClass() == IOException.class || failure instanceof Request.NotUtf8
                            ? failure.getMessage()
                            : null;
        }
    }

    /** Why something failed, as errno has it. */
    static @Nullable String reason(IOException failure) {
        return Statuses.reason(failure);
    }

    /** What is on its way to the client. Nobody waits for it: it is looked at before the next request is carried out. */
    private final class Replies extends BufferedIoOutputStream {

        private final AtomicLong unread = new AtomicLong();

        Replies(long channel, IoOutputStream out) {
            super("sftp-out@" + channel, channel, out, Integer.MAX_VALUE, Duration.ZERO);
        }

        boolean areSent() {
            return unread.get() == 0;
        }

        boolean areTooMany() {
            return unread.get() >= (SocketSession.isScarce() ? 1 : MOST_UNREAD);
        }

        private void count(long bytes) {
            unread.addAndGet(bytes);
            SocketSession.waiting(bytes);
        }

        @Override
        public IoWriteFuture writeBuffer(Buffer reply) throws IOException {
            int size = reply.available() + SocketSession.OVERHEAD;
            count(size);
            try {
                return super.writeBuffer(reply);
            } catch (IOException | RuntimeException e) {
                count(-size);
                throw e;
            }
        }

        @Override
        protected void finishWrite(IoWriteFutureImpl reply, int size) {
            count(-size - SocketSession.OVERHEAD);
            super.finishWrite(reply, size);
            // Halfway, so that a thread is not woken for each reply.
            if (unread.get() <= (SocketSession.isScarce() ? 0 : MOST_UNREAD / 2)) {
                proceed();
            }
        }

        /** Counts what nobody will read any more. */
        void forget() {
            SocketSession.waiting(-unread.getAndSet(0));
        }
    }

    private SftpChannel(ChannelSession channel, Factory factory) {
        super(channel, factory);
        this.factory = factory;
    }

    @Override
    public void setIoOutputStream(IoOutputStream stream) {
        ChannelSession channel = getServerChannelSession();
        replies = new Replies(channel.getChannelId(), stream);
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
        synchronized (received) {
            if (ended) {
                return length;
            }
            received.compact();
            received.putRawBytes(bytes, start, length);
            waiting += length;
            SocketSession.of(getServerSession()).requested(length);
            parse();
        }
        if (!answerAtOnce()) {
            proceed();
        }
        return 0; // room is given back when requests are answered
    }

    private void parse() {
        while (!unreadable && requests.size() < MOST_PARSED && received.available() >= Integer.BYTES) {
            int begin = received.rpos();
            long size = received.getUInt();
            received.rpos(begin);
            if (size < SMALLEST_REQUEST || size > LARGEST_REQUEST) {
                unreadable = true;
                LOG.log(
                        Level.WARNING,
                        "{0}: {1} has sent a packet of {2} bytes over SFTP, which is no request; its channel is closed",
                        factory.name,
                        account(),
                        Long.toString(size));
                requests.add(CLOSE);
            } else if (received.available() < Integer.BYTES + size) {
                return;
            } else {
                byte[] request = new byte[Integer.BYTES + (int) size];
                received.getRawBytes(request);
                requests.add(new Request(request));
            }
        }
    }

    /** The next request, or {@code null} if there is none, or none may be carried out now. */
    private @Nullable Buffer next() {
        if (isHeldUp()) {
            return null;
        }
        return isAsked() ? requests.poll() : null;
    }

    private boolean isAsked() {
        if (requests.isEmpty()) {
            synchronized (received) {
                parse();
            }
        }
        return !requests.isEmpty();
    }

    /** Whether the client has to read replies first. */
    private boolean isHeldUp() {
        return replies != null && replies.areTooMany() && requests.peek() != CLOSE;
    }

    private void carriedOut(int length) throws IOException {
        synchronized (received) {
            waiting -= length;
        }
        SocketSession.of(getServerSession()).requested(-length);
        getServerChannelSession().getLocalWindow().release(length);
    }

    private String account() {
        Account account = getServerSession().getAttribute(Session.ACCOUNT);
        return account == null ? "a client" : account.name();
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
        if (isAsked() && !isHeldUp() && running.compareAndSet(false, true)) {
            goOn();
        }
    }

    private void goOn() {
        try {
            factory.workers.execute(this);
        } catch (RejectedExecutionException e) {
            run(); // the server stops
        }
    }

    /** Answers what has been asked, and gives the thread back. */
    @Override
    public void run() {
        try {
            // What is sent while keys are exchanged waits; this thread does not.
            ThreadUtils.runAsInternal(() -> {
                answerAll();
                return null;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e); // it throws none
        }
    }

    private void answerAll() {
        try {
            int count = 0;
            for (Buffer request = next(); request != null; request = next()) {
                if (request == CLOSE) {
                    end(unreadable ? 1 : 0);
                    return;
                }
                int length = request.available();
                answer(request);
                carriedOut(length);
                if (++count == MOST_AT_ONCE) {
                    goOn();
                    return;
                }
            }
        } catch (IOException e) {
            end(1); // the client is gone
            return;
        } catch (Throwable e) {
            // An error, too: nobody else would end the channel, and the client would wait.
            LOG.log(Level.ERROR, factory.name + ": the SFTP channel of " + account() + " is closed", e);
            end(1);
            return;
        }
        running.set(false);
        proceed();
    }

    /**
     * Answers one request. Whatever goes wrong, the client gets an answer or the channel ends.
     *
     * @throws IOException if no answer can be sent
     */
    private void answer(Buffer request) throws IOException {
        int type = request.rawByte(request.rpos() + Integer.BYTES) & 0xFF;
        int id = (int) request.rawUInt(request.rpos() + Integer.BYTES + 1);
        answered = false;
        try {
            if (getVersion() == 0 && type != SftpConstants.SSH_FXP_INIT) {
                throw new IllegalStateException("before SSH_FXP_INIT");
            }
            process(request);
            if (!answered) {
                throw new IllegalStateException("there is no answer to it");
            }
        } catch (IOException | RuntimeException e) {
            if (answered) {
                throw e;
            }
            boolean malformed = e instanceof BufferException && !(e instanceof Request.NotUtf8);
            if (!(e instanceof Request.NotUtf8)) {
                complain(type, e);
            }
            String reason = Statuses.reason(e);
            sendStatus(
                    prepareReply(request),
                    id,
                    malformed ? SftpConstants.SSH_FX_BAD_MESSAGE : SftpConstants.SSH_FX_FAILURE,
                    reason == null ? "The request cannot be carried out" : reason);
        }
        release(held - handles.size());
    }

    /** Says once for each channel that a request could not even be refused in the usual way. */
    private void complain(int type, Exception failure) {
        LOG.log(
                complained ? Level.DEBUG : Level.WARNING,
                "{0}: {1} sent an SFTP request {2} that cannot be carried out: {3}",
                factory.name,
                account(),
                SftpConstants.getCommandMessageName(type),
                failure.getClass().getSimpleName());
        LOG.log(Level.TRACE, "Trace", failure);
        complained = true;
    }

    @Override
    protected void send(Buffer reply) throws IOException {
        answered = true;
        super.send(reply);
    }

    /**
     * Closes what is open, and the channel. The client is told of that in any case: SSHD closes a channel without a word if it
     * is to close at once, and the client would wait.
     */
    private void end(int status) {
        try {
            for (OpenHandle each : List.copyOf(hidden)) {
                discard(each);
            }
            hidden.clear();
            closeAllHandles();
        } finally {
            release(held);
            synchronized (received) {
                ended = true;
                SocketSession.of(getServerSession()).requested(-waiting);
                waiting = 0;
            }
            Replies last = replies;
            if (status == 0 || last == null) {
                callback.onExit(status);
            } else {
                // What was answered before is sent before.
                last.close(false).addListener(sent -> callback.onExit(status));
            }
        }
    }

    private void discard(OpenHandle upload) {
        try {
            upload.close();
        } catch (IOException e) {
            factory.log.leftBehind(getServerSession(), upload.name(), e);
        }
    }

    /** Takes one of the handles that there may be, to be released when it is closed. */
    private void reserve(String name) throws FileSystemException {
        String reason = OpenFiles.take(getServerSession(), handles.size());
        if (reason != null) {
            factory.log.noMoreFiles(getServerSession(), reason);
            throw new FileSystemException(name, null, reason);
        }
        held++;
    }

    private void release(int count) {
        OpenFiles.release(getServerSession(), count);
        held -= count;
    }

    /** Of the attributes only the permissions count, as with OpenSSH. */
    @Override
    protected String doOpen(int id, String name, int flags, int access, Map<String, Object> attributes)
            throws IOException {
        Path file = resolveFile(name).normalize();
        try {
            reserve(name);
            return open(file, flags, access, permissions(attributes));
        } catch (IOException e) {
            throw signalOpenFailure(id, name, file, false, e);
        }
    }

    private String open(Path file, int flags, int access, FileAttribute<?>... permissions) throws IOException {
        Set<OpenOption> options = new HashSet<>(FileHandle.getOpenOptions(flags, access));
        boolean write = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        options.add(write ? StandardOpenOption.WRITE : StandardOpenOption.READ);
        Incoming incoming = factory.uploadsInPlace ? Incoming.IN_PLACE : Incoming.of(options);
        options.remove(StandardOpenOption.APPEND); // what is appended goes to the end by its position
        if (incoming == Incoming.UNDECIDED) {
            try {
                SeekableByteChannel old = Files.newByteChannel(file, StandardOpenOption.WRITE);
                return handle(file, flags, access, old, null, true);
            } catch (NoSuchFileException e) {
                incoming = Incoming.WHOLE;
            }
        }
        if (incoming == Incoming.IN_PLACE) {
            return handle(file, flags, access, Files.newByteChannel(file, options, permissions), null, false);
        }
        expose(file);
        Upload upload = Incoming.begin(file, options, permissions);
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
            if (upload != null) {
                hidden.add(made);
            }
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

    @SuppressWarnings("unchecked")
    private FileAttribute<?>[] permissions(Map<String, ?> attributes) {
        return attributes.get("permissions") instanceof Set<?> asked
                        && fileSystem.supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute((Set<PosixFilePermission>) asked)}
                : new FileAttribute<?>[0];
    }

    /** What a handle is being made for. */
    SeekableByteChannel opening() {
        return Objects.requireNonNull(opening);
    }

    /** Has others see a file that is on its way, if it is. */
    void expose(Path file) throws IOException {
        OpenHandle upload = hidden(file);
        if (upload != null) {
            upload.expose();
            hidden.remove(upload);
        }
    }

    /** The upload that a path of this channel means, whatever others see there. */
    private @Nullable OpenHandle hidden(Path file) {
        if (!hidden.isEmpty()) {
            Path plain = file.toAbsolutePath().normalize();
            for (OpenHandle each : hidden) {
                if (plain.equals(each.name())) {
                    return each;
                }
            }
        }
        return null;
    }

    /** Whoever writes a file sees what has been written so far. */
    @Override
    protected Path resolveFile(String name) throws IOException {
        Path file = super.resolveFile(name);
        OpenHandle upload = hidden(file);
        if (upload == null) {
            return file;
        }
        return upload.getFile();
    }

    private OpenHandle file(String handle) throws IOException {
        return validateHandle(handle, handles.get(handle), OpenHandle.class);
    }

    @Override
    protected void doClose(int id, String handle) throws IOException {
        try {
            if (handles.get(handle) instanceof OpenHandle file) {
                hidden.remove(file);
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
        if (length < 0 || length > remaining || length > SshEngine.MOST_DATA) {
            throw new FileSystemException(file.toString(), null, "A piece of " + length + " bytes is too large");
        }
        if (offset < 0) {
            throw new FileSystemException(file.toString(), null, "There is nothing before the beginning");
        }
        write(file, ByteBuffer.wrap(data, start, length), offset);
        Accounting.moved(file, "WRITE", length);
    }

    private void write(OpenHandle file, ByteBuffer content, long offset) throws IOException {
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
                factory.log.cannotWrite(getServerSession(), file.name(), Statuses.reason(e));
            }
            throw e;
        } finally {
            hidden.remove(file);
            if (file.isHidden()) {
                hidden.add(file);
            }
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

    /** SSHD takes handles for text, and copies from what has the name of the file by now. */
    @Override
    protected void doCopyData(Buffer buffer, int id) throws IOException {
        String source = buffer.getString(StandardCharsets.ISO_8859_1);
        long from = buffer.getLong();
        long length = buffer.getLong();
        String target = buffer.getString(StandardCharsets.ISO_8859_1);
        long to = buffer.getLong();
        copy(file(source), from, length == 0 ? Long.MAX_VALUE : length, file(target), to);
        sendStatus(prepareReply(buffer), id, SftpConstants.SSH_FX_OK, "");
    }

    private void copy(OpenHandle source, long from, long length, OpenHandle target, long to) throws IOException {
        requireReadable(source);
        if (source == target || from < 0 || length < 0 || to < 0) {
            throw new FileSystemException(
                    source.toString(), null, "cannot be copied onto itself, or from before its start");
        }
        ByteBuffer piece = ByteBuffer.allocate(COPIED_AT_ONCE);
        for (long copied = 0; copied < length; ) {
            piece.clear().limit((int) Math.min(COPIED_AT_ONCE, length - copied));
            SeekableByteChannel channel = source.getFileChannel();
            int read = channel instanceof FileChannel direct
                    ? direct.read(piece, from + copied)
                    : channel.position(from + copied).read(piece);
            if (read < 0) {
                return;
            }
            write(target, piece.flip(), to + copied);
            Accounting.moved(target, "WRITE", read);
            copied += read;
        }
    }

    private static void requireReadable(OpenHandle file) throws AccessDeniedException {
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
            if (SocketSession.isScarce()) {
                left = Math.min(left, SCARCE_PIECE);
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
            OpenHandle upload = hidden(file);
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

    /** The client's mode less the umask, as mkdir(2) does it; SSHD sets the mode afterwards. */
    @Override
    protected void doMakeDirectory(int id, String name, Map<String, ?> attributes) throws IOException {
        Path directory = resolveFile(name);
        SftpEventListener listener = getSftpEventListenerProxy();
        listener.creating(getServerSession(), directory, attributes);
        try {
            Files.createDirectory(directory, permissions(attributes));
        } catch (IOException | RuntimeException e) {
            listener.created(getServerSession(), directory, attributes, e);
            throw e;
        }
        listener.created(getServerSession(), directory, attributes, null);
    }

    /**
     * Version 3 has 32 bits for a time, without a sign (draft-ietf-secsh-filexfer-02, section 5): until 2106. What is before
     * 1970 or after that becomes the nearest time there is, so that old stays old for a client that compares. SSHD writes
     * only what also has a sign.
     */
    @Override
    protected void writeAttrs(Buffer buffer, Map<String, ?> attributes) {
        if (getVersion() != SftpConstants.SFTP_V3) {
            super.writeAttrs(buffer, attributes);
            return;
        }
        Map<String, Object> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(attributes);
        for (String each : TIMES) {
            if (all.get(each) instanceof FileTime time) {
                long seconds = Math.min(Math.max(0, time.to(TimeUnit.SECONDS)), LATEST);
                all.put(each, FileTime.from((int) seconds, TimeUnit.SECONDS));
            }
        }
        super.writeAttrs(buffer, all);
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

    /** Of parts of a file so many as fit into a reply, and each of a size that there is memory for. */
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
        if (block > LARGEST_BLOCK || block > 0 && hashed / block >= MOST_BLOCKS) {
            throw new IOException("Up to " + MOST_BLOCKS + " blocks of up to " + LARGEST_BLOCK
                    + " bytes are hashed at once; ask for larger blocks, or for a shorter part of the file");
        }
        super.doCheckFileHash(id, file, algorithm, start, length, block, reply);
    }

    private void sendPath(Buffer buffer, int id, Path path) throws IOException {
        sendLink(prepareReply(buffer), id, path, path.toString());
    }

    private Path expand(String path) throws NoSuchFileException {
        String user = getServerSession().getUsername();
        return fileSystem
                .getPath(Commands.expand(defaultDir.toString(), user, path))
                .normalize();
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
