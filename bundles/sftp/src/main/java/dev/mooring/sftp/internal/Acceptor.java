package dev.mooring.sftp.internal;

import dev.mooring.protocol.ClientConnection;
import dev.mooring.share.ClientText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.nio2.Nio2Service;
import org.apache.sshd.common.io.nio2.Nio2Session;
import org.apache.sshd.common.session.Session;

/**
 * Makes a session of each connection that it is given, as many as there may be. Binding and listening is none of its
 * business: the sockets come and go without it.
 */
final class Acceptor extends Nio2Service implements IoAcceptor {

    private static final Logger LOG = System.getLogger(Listeners.class.getName());

    private final FactoryManager manager;

    Acceptor(FactoryManager manager, IoHandler handler, ExecutorService workers) {
        super(manager, handler, null, workers);
        this.manager = manager;
    }

    /** Serves a connection, which is the session's to close. */
    void serve(ClientConnection client, Poller poller) {
        Nio2Session session = null;
        try {
            PolledChannel connection = new PolledChannel(client, poller);
            setSocketOptions(connection);
            session = new Nio2Session(this, manager, getIoHandler(), connection, connection.getLocalAddress());
            session.setAttribute(ClientConnection.class, client);
            // Counted before its client hears of it, who may connect again at once.
            if (mapSession(session) == session) {
                getIoHandler().sessionCreated(session);
                session.startReading();
            } else {
                session.close(true);
            }
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "Gone before it was served", ClientText.trace(e));
            if (session != null) {
                session.close(true);
                unmapSession(session.getId());
            }
            client.close();
        }
    }

    /** The connection of a session. */
    static ClientConnection client(Session session) {
        return (ClientConnection) Objects.requireNonNull(session.getIoSession().getAttribute(ClientConnection.class));
    }

    @Override
    public void bind(Collection<? extends SocketAddress> addresses) throws IOException {
        // Connections come from the listeners.
    }

    @Override
    public void bind(SocketAddress address) throws IOException {
        // Connections come from the listeners.
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
