package dev.mooring.sftp.internal.channel;

import dev.mooring.accounts.Account;
import dev.mooring.sftp.internal.files.ErrorStatus;
import dev.mooring.sftp.internal.files.NotUtf8Exception;
import dev.mooring.sftp.internal.files.SftpExtensions;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.sftp.internal.session.SshSession;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.BufferException;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.common.SftpConstants;

/** Answers requests: each request gets exactly one reply, or the channel ends. */
abstract class SftpResponder extends SftpExtensions {

    static final Logger LOG = System.getLogger(SessionLog.class.getName());

    private final SftpChannelFactory factory;

    // Only the thread that runs the requests of the channel uses the following fields.

    private boolean answered;
    private boolean failureReported;

    SftpResponder(ChannelSession channel, SftpChannelFactory factory) {
        super(channel, factory, factory.log, factory.uploadsInPlace);
        this.factory = factory;
    }

    final void reportUnreadable(long size) {
        LOG.log(
                Level.WARNING,
                "{0}: {1} sent an SFTP packet of {2} bytes, which is no request; its channel is closed",
                factory.name,
                account(),
                Long.toString(size));
    }

    final String account() {
        Account account = getServerSession().getAttribute(SshSession.ACCOUNT);
        return account == null ? "a client" : account.name();
    }

    /**
     * Answers one request, or begins a long one ({@link #isUnfinished}).
     *
     * @throws IOException if no reply can be sent; the channel must end
     */
    final void answer(Buffer request) throws IOException {
        int type = request.rawByte(request.rpos() + Integer.BYTES) & 0xFF;
        int id = (int) request.rawUInt(request.rpos() + Integer.BYTES + 1);
        answered = false;
        try {
            if (getVersion() == 0 && type != SftpConstants.SSH_FXP_INIT) {
                throw new IllegalStateException("The request arrived before SSH_FXP_INIT");
            }
            process(request);
            if (!answered && !isUnfinished()) {
                throw new IllegalStateException("The request had no reply");
            }
        } catch (IOException | RuntimeException e) {
            if (answered) {
                throw e;
            }
            boolean malformed = e instanceof BufferException && !(e instanceof NotUtf8Exception);
            if (!(e instanceof NotUtf8Exception)) {
                reportFailure(type, e);
            }
            String reason = ErrorStatus.reason(e);
            sendStatus(
                    prepareReply(request),
                    id,
                    malformed ? SftpConstants.SSH_FX_BAD_MESSAGE : SftpConstants.SSH_FX_FAILURE,
                    reason == null ? "The request cannot be carried out" : reason);
        }
        releaseClosed();
    }

    /** Logs that a request failed in an unexpected way: the first time on a channel as a warning, then for debugging. */
    private void reportFailure(int type, Exception failure) {
        LOG.log(
                failureReported ? Level.DEBUG : Level.WARNING,
                "{0}: {1} sent an SFTP request {2} that cannot be carried out: {3}",
                factory.name,
                account(),
                SftpConstants.getCommandMessageName(type),
                failure.getClass().getSimpleName());
        LOG.log(Level.TRACE, "Stack trace", failure);
        failureReported = true;
    }

    @Override
    protected void send(Buffer reply) throws IOException {
        answered = true;
        super.send(reply);
    }
}
