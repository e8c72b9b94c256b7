package dev.mooring.sftp.internal.transport;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ClientConnection;
import dev.mooring.protocol.Rehearsal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.Closeable;
import org.apache.sshd.common.io.DefaultIoConnectFuture;
import org.apache.sshd.common.io.IoConnectFuture;
import org.apache.sshd.common.io.IoConnector;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.IoServiceEventListener;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.util.closeable.AbstractInnerCloseable;
import org.jspecify.annotations.Nullable;

/** Connects SSHD's client to the server of a rehearsal. SSHD's own connector has no unix sockets. */
public final class RehearsalConnector extends AbstractInnerCloseable implements IoConnector {

    private final Rehearsal rehearsal;
    private final Poller poller;

    /** Has the client's sessions. */
    private final Acceptor sessions;

    /**
     * Makes a connector.
     *
     * @param handler SSHD's client
     * @param poller reads and writes; the caller closes it
     */
    public RehearsalConnector(Rehearsal rehearsal, IoHandler handler, Poller poller) {
        this.rehearsal = rehearsal;
        this.poller = poller;
        sessions = new Acceptor(handler);
    }

    @Override
    public IoConnectFuture connect(
            SocketAddress target, @Nullable AttributeRepository context, @Nullable SocketAddress local) {
        DefaultIoConnectFuture future = new DefaultIoConnectFuture(target, null);
        try {
            SocketChannel channel = rehearsal.connect();
            channel.configureBlocking(false);
            IoSession session = sessions.serve(new Outgoing(channel, channel.getRemoteAddress()), poller);
            if (session == null) {
                throw new ClosedChannelException();
            }
            future.setSession(session);
        } catch (IOException e) {
            future.setException(e);
        }
        return future;
    }

    @Override
    public Map<Long, IoSession> getManagedSessions() {
        return sessions.getManagedSessions();
    }

    @Override
    protected Closeable getInnerCloseable() {
        return sessions;
    }

    @Override
    public @Nullable IoServiceEventListener getIoServiceEventListener() {
        return sessions.getIoServiceEventListener();
    }

    @Override
    public void setIoServiceEventListener(@Nullable IoServiceEventListener listener) {
        sessions.setIoServiceEventListener(listener);
    }

    /** The client's end of a connection. */
    private static final class Outgoing implements ClientConnection {
        private final SocketChannel channel;
        private final SocketAddress server;

        Outgoing(SocketChannel channel, SocketAddress server) {
            this.channel = channel;
            this.server = server;
        }

        @Override
        public NamedSocket socket() {
            throw new UnsupportedOperationException("It was not accepted from a socket");
        }

        @Override
        public SocketChannel channel() {
            return channel;
        }

        @Override
        public SocketAddress peer() {
            return server;
        }

        @Override
        public SocketAddress source() {
            return server;
        }

        @Override
        public @Nullable InetAddress address() {
            return null;
        }

        @Override
        public void established() {
            // The client's end does not count towards any limit.
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                System.getLogger(RehearsalConnector.class.getName())
                        .log(System.Logger.Level.DEBUG, "Closing failed, but the descriptor is free", e);
            }
        }
    }
}
