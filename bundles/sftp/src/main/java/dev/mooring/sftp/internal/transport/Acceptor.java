package dev.mooring.sftp.internal.transport;

import dev.mooring.common.ClientText;
import dev.mooring.protocol.ClientConnection;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.common.Closeable;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.IoServiceEventListener;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.util.closeable.AbstractInnerCloseable;
import org.jspecify.annotations.Nullable;

/** Makes a session of each connection. It does not bind or accept: the server does, on sockets that come and go. */
public final class Acceptor extends AbstractInnerCloseable implements IoAcceptor {

    private static final Logger LOG = System.getLogger(Poller.class.getName());

    private final IoHandler handler;
    private final Map<Long, IoSession> sessions = new ConcurrentHashMap<>();

    private @Nullable IoServiceEventListener listener;

    Acceptor(IoHandler handler) {
        this.handler = handler;
    }

    IoHandler handler() {
        return handler;
    }

    /** Serves a connection. The session closes it. Returns {@code null} if the peer has closed it before. */
    public @Nullable IoSession serve(ClientConnection client, Poller poller) {
        SocketSession session = null;
        try {
            session = new SocketSession(client, this, poller);
            sessions.put(session.getId(), session);
            if (isOpen()) {
                handler.sessionCreated(session);
                session.start();
                return session;
            }
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "The client disconnected before the session began", ClientText.trace(e));
        }
        if (session != null) {
            session.close(true);
        }
        client.close();
        return null;
    }

    void remove(SocketSession session) {
        sessions.remove(session.getId());
    }

    @Override
    public Map<Long, IoSession> getManagedSessions() {
        return Map.copyOf(sessions);
    }

    @Override
    protected Closeable getInnerCloseable() {
        return builder().parallel(toString(), sessions.values()).build();
    }

    @Override
    public @Nullable IoServiceEventListener getIoServiceEventListener() {
        return listener;
    }

    @Override
    public void setIoServiceEventListener(@Nullable IoServiceEventListener listener) {
        this.listener = listener;
    }

    @Override
    public void bind(Collection<? extends SocketAddress> addresses) {
        // Connections come from the server's accept loop.
    }

    @Override
    public void bind(SocketAddress address) {
        // Connections come from the server's accept loop.
    }

    @Override
    public void unbind(Collection<? extends SocketAddress> addresses) {
        // Nothing is bound.
    }

    @Override
    public void unbind(SocketAddress address) {
        // Nothing is bound.
    }

    @Override
    public void unbind() {
        // Nothing is bound.
    }

    @Override
    public Set<SocketAddress> getBoundAddresses() {
        return Set.of();
    }
}
