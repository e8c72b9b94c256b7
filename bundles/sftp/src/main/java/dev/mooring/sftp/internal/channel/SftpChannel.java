package dev.mooring.sftp.internal.channel;

import dev.mooring.accounts.Account;
import dev.mooring.sftp.internal.files.SftpExtensions;
import dev.mooring.sftp.internal.session.SessionChannel;
import dev.mooring.sftp.internal.session.SshSession;
import dev.mooring.sftp.internal.transport.SocketSession;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.sshd.common.io.IoOutputStream;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.threads.ThreadUtils;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.Handle;
import org.jspecify.annotations.Nullable;

/**
 * An SFTP channel. SSHD's has a thread of its own; this one uses the threads of the server only while there are requests. It runs them in
 * their order, as fast as the client reads the replies. {@link SftpExtensions} and its superclasses carry them out.
 */
public final class SftpChannel extends SftpResponder {

    /** The most that a request answered on the receiving thread reads or writes. Larger transfers are faster with two threads. */
    private static final int SMALL_TRANSFER = 16 * 1024;

    /** The requests that a thread answers on one channel before others get their turn. */
    private static final int MAX_REQUESTS_PER_TURN = 64;

    /** Whether a thread answers requests: any thread, but only one at a time. */
    private final AtomicBoolean running = new AtomicBoolean();

    private final SftpChannelFactory factory;
    private @Nullable ReplyStream replies;

    private final RequestReader reader;

    /** The size of the last request. Only the thread that has set {@link #running} uses this. */
    private int requestLength;

    SftpChannel(ChannelSession channel, SftpChannelFactory factory) {
        super(channel, factory);
        this.factory = factory;
        reader = new RequestReader(SocketSession.of(getServerSession()), requests, CLOSE, this::reportUnreadable);
    }

    @Override
    public void setIoOutputStream(IoOutputStream stream) {
        ChannelSession channel = getServerChannelSession();
        replies = new ReplyStream(channel.getChannelId(), stream, this::answerPending);
        out = replies;
    }

    @Override
    public void setFileSystem(FileSystem files) {
        super.setFileSystem(files);
        Account account = getServerSession().getAttribute(SshSession.ACCOUNT);
        if (account != null) {
            defaultDir = files.getPath(account.home().toString());
        }
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
        env = environment;
        SessionChannel.begun(channel);
    }

    @Override
    public int data(ChannelSession channel, byte[] bytes, int start, int length) throws IOException {
        if (!reader.add(bytes, start, length)) {
            return length;
        }
        if (!answerInline()) {
            answerPending();
        }
        return 0; // completed requests give window space back
    }

    private boolean hasRequest() {
        if (requests.isEmpty()) {
            reader.parse();
        }
        return !requests.isEmpty();
    }

    /** Whether the client must read replies first. */
    private boolean mustReadFirst() {
        return replies != null && replies.isFull() && requests.peek() != CLOSE;
    }

    private void completed(int length) throws IOException {
        reader.completed(length);
        getServerChannelSession().getLocalWindow().release(length);
    }

    /**
     * Answers a request on the thread that received it, for a client that waits for each answer before its next request. Waking another
     * thread takes longer than most requests. That thread must not wait for the client, so this happens only when no reply is waiting. It
     * may wait for a slow disk, so a permit keeps some threads of the transport free.
     */
    private boolean answerInline() throws IOException {
        if (requests.size() != 1 || !factory.inlinePermits.tryAcquire()) {
            return false;
        }
        try {
            if (!running.compareAndSet(false, true)) {
                return false;
            }
            Buffer request = requests.peek();
            boolean inline = request != null
                    && isSmall(request)
                    && !mayCopyBack(request)
                    && replies != null
                    && replies.isAllSent();
            if (inline) {
                run();
            } else {
                running.set(false);
            }
            return inline;
        } finally {
            factory.inlinePermits.release();
        }
    }

    private boolean isSmall(Buffer request) {
        return request.available() <= SMALL_TRANSFER && ask(request, this::isSmall);
    }

    private boolean isSmall(int type, Buffer rest) throws IOException {
        if (type != SftpConstants.SSH_FXP_READ) {
            return type != SftpConstants.SSH_FXP_EXTENDED;
        }
        Handle handle = handles.get(rest.getString(StandardCharsets.ISO_8859_1));
        long offset = rest.getLong();
        return handle instanceof FileHandle file && file.getFileChannel().size() - offset <= SMALL_TRANSFER;
    }

    @Override
    public void close() throws IOException {
        super.close();
        if (running.compareAndSet(false, true)) {
            // No request runs. Only the thread that the next line starts closes the handles.
            SessionChannel.ended(getServerChannelSession());
            runOnWorker();
        }
    }

    @Override
    public void destroy(ChannelSession channel) {
        super.destroy(channel);
        if (replies != null) {
            replies.discard();
        }
    }

    private void answerPending() {
        if (hasRequest() && !mustReadFirst() && running.compareAndSet(false, true)) {
            runOnWorker();
        }
    }

    private void runOnWorker() {
        try {
            (takesLong() ? factory.longWorkers : factory.workers).execute(this);
        } catch (RejectedExecutionException e) {
            run(); // the server is stopping and has closed the channel, which ends a long request
        }
    }

    /** Whether the next step or request takes long. */
    private boolean takesLong() {
        if (isUnfinished()) {
            return true;
        }
        Buffer request = hasRequest() ? requests.peek() : null;
        return request != null && mayCopyBack(request);
    }

    /** Answers all requests that may run now, and returns the thread. */
    @Override
    public void run() {
        try {
            // During a key exchange SSHD queues the replies instead of blocking this thread.
            ThreadUtils.runAsInternal(() -> {
                answerAll();
                return null;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e); // answerAll() throws none
        }
    }

    private void answerAll() {
        try {
            boolean tookLong = takesLong();
            boolean resumed = false;
            for (int count = 0; ; count++) {
                boolean unfinished = isUnfinished();
                if (!unfinished && (mustReadFirst() || !hasRequest())) {
                    break;
                }
                if (resumed || takesLong() != tookLong || count == MAX_REQUESTS_PER_TURN) {
                    runOnWorker();
                    return;
                }
                resumed = unfinished;
                if (unfinished) {
                    continueRequest();
                } else {
                    Buffer request = requests.poll();
                    if (request == null) {
                        break; // the channel is being closed
                    }
                    if (request == CLOSE) {
                        endChannel(reader.isUnreadable() ? 1 : 0);
                        return;
                    }
                    requestLength = request.available();
                    answer(request);
                }
                if (!isUnfinished()) {
                    completed(requestLength);
                }
            }
        } catch (IOException e) {
            endChannel(1); // the client has disconnected
            return;
        } catch (Throwable e) {
            // Errors too: nothing else would end the channel, and the client would wait.
            LOG.log(
                    Level.ERROR,
                    factory.name + ": closed the SFTP channel of " + account() + " after an internal error",
                    e);
            endChannel(1);
            return;
        }
        running.set(false);
        answerPending();
    }

    /** Closes the handles and the channel. SSHD would close a failed channel without telling the client, which would then wait. */
    private void endChannel(int status) {
        try {
            closeAll();
        } finally {
            reader.end();
            SessionChannel.ended(getServerChannelSession());
            ReplyStream last = replies;
            if (status == 0 || last == null) {
                callback.onExit(status);
            } else {
                // Sends the waiting replies first.
                last.close(false).addListener(sent -> callback.onExit(status));
            }
        }
    }
}
