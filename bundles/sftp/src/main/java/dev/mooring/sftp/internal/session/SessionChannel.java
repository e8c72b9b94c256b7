package dev.mooring.sftp.internal.session;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
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

    /** Makes the channels of a server. */
    public static final class Factory extends ChannelSessionFactory {

        private final int maxChannels;

        /**
         * Makes a factory.
         *
         * @param maxChannels the maximum number of channels of a connection
         */
        public Factory(int maxChannels) {
            this.maxChannels = maxChannels;
        }

        @Override
        public Channel createChannel(Session session) {
            return new SessionChannel(maxChannels);
        }
    }

    /** The SFTP channels of a connection that have not ended. Any thread uses the set, which is a concurrent one. */
    private static final AttributeKey<Set<Channel>> WORKING = new AttributeKey<>();

    private final int maxChannels;

    private SessionChannel(int maxChannels) {
        this.maxChannels = maxChannels;
    }

    private static Set<Channel> working(Session session) {
        return session.computeAttributeIfAbsent(WORKING, key -> ConcurrentHashMap.newKeySet());
    }

    /** From now on the channel counts until it has {@link #ended}, even if its client has closed it. */
    public static void begun(ChannelSession channel) {
        working(channel.getSession()).add(channel);
    }

    /** No request of the channel runs any more. */
    public static void ended(ChannelSession channel) {
        working(channel.getSession()).remove(channel);
    }

    /** Refuses a channel above the limit. SSHD has a limit too, but ends the connection, with the transfers of its other channels. */
    @Override
    public OpenFuture open(long recipient, long window, long packet, Buffer buffer) {
        // This channel is already one of them. A closed channel may still be one for a moment; it counts while a
        // request of it runs.
        Set<Channel> counted = new HashSet<>(working(getSession()));
        ((AbstractConnectionService) service)
                .getChannels().stream().filter(each -> !each.isClosing()).forEach(counted::add);
        if (counted.size() <= maxChannels) {
            return super.open(recipient, window, packet, buffer);
        }
        service.unregisterChannel(this);
        OpenFuture refused = new DefaultOpenFuture(this, this);
        refused.setException(new SshChannelOpenException(
                getChannelId(),
                SshConstants.SSH_OPEN_RESOURCE_SHORTAGE,
                "This connection has " + maxChannels + " channels, which is the limit; close one of them"));
        return refused;
    }

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
