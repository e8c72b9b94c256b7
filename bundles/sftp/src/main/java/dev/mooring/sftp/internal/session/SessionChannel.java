package dev.mooring.sftp.internal.session;

import java.io.IOException;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.RequestHandler;
import org.apache.sshd.common.channel.exception.SshChannelOpenException;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.helpers.AbstractConnectionService;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.channel.ChannelSessionFactory;

/**
 * A session channel (RFC 4254 section 6) that stores no data or environment before a request for a subsystem or command: there is no shell
 * that would use them.
 */
public final class SessionChannel extends ChannelSession {

    /** Makes the channels. */
    public static final class Factory extends ChannelSessionFactory {
        @Override
        public Channel createChannel(Session session) {
            return new SessionChannel();
        }
    }

    private SessionChannel() {}

    /** As OpenSSH's server without {@code AcceptEnv}. */
    @Override
    protected RequestHandler.Result handleEnv(Buffer buffer, boolean wantReply) {
        return RequestHandler.Result.ReplyFailure;
    }

    /** As OpenSSH's server with {@code PermitTTY no}. */
    @Override
    protected RequestHandler.Result handlePtyReq(Buffer buffer, boolean wantReply) {
        return RequestHandler.Result.ReplyFailure;
    }

    /** SSHD would keep the data until something reads it. */
    @Override
    protected void doWriteData(byte[] data, int start, long length) throws IOException {
        if (receiver == null && !isClosing()) {
            throw new IOException("A channel received data before a request for a subsystem or command");
        }
        super.doWriteData(data, start, length);
    }
}
