package dev.mooring.sftp.internal;

import dev.mooring.sftp.SftpSettings;
import dev.mooring.share.ClientLog;
import dev.mooring.share.ClientText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.nio2.Nio2Service;
import org.apache.sshd.common.io.nio2.Nio2Session;
import org.apache.sshd.common.session.helpers.AbstractSession;

/**
 * Makes a session of each connection that it is given, as many as there may be. Binding and listening is none of its
 * business: the sockets come and go without it.
 */
final class Acceptor extends Nio2Service implements IoAcceptor {

    private static final Logger LOG = System.getLogger(Listeners.class.getName());

    private final ClientLog turnedAway = new ClientLog(LOG);
    private final FactoryManager manager;
    private final String name;
    private final SftpSettings settings;

    Acceptor(
            String name,
            FactoryManager manager,
            IoHandler handler,
            AsynchronousChannelGroup group,
            ExecutorService workers,
            SftpSettings settings) {
        super(manager, handler, group, workers);
        this.name = name;
        this.manager = manager;
        this.settings = settings;
    }

    /** Serves a connection, or turns it away. */
    void serve(AsynchronousSocketChannel connection) {
        Nio2Session session = null;
        try {
            if (!hasRoom()) {
                // Lines before the identification are for people: RFC 4253 section 4.2.
                connection.write(ByteBuffer.wrap("Too many connections\r\n".getBytes(StandardCharsets.US_ASCII)));
                connection.close();
                return;
            }
            setSocketOptions(connection);
            session = new Nio2Session(this, manager, getIoHandler(), connection, connection.getLocalAddress());
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
            try {
                connection.close();
            } catch (IOException gone) {
                LOG.log(Level.DEBUG, "Closed all the same", gone);
            }
        }
    }

    private boolean hasRoom() {
        int all = sessions.size();
        int unauthenticated = all < settings.maxUnauthenticated() ? 0 : unauthenticated();
        boolean room = all < settings.maxSessions() && unauthenticated < settings.maxUnauthenticated();
        if (!room) {
            turnedAway.log(
                    Level.WARNING,
                    null,
                    () -> name + ": connections are turned away, because there are " + all + " of "
                            + settings.maxSessions() + ", " + unauthenticated + " of " + settings.maxUnauthenticated()
                            + " without a login; raise max.sessions or max.unauthenticated if they are wanted");
        }
        return room;
    }

    private int unauthenticated() {
        return (int) sessions.values().stream()
                .map(io -> AbstractSession.getSession(io, true))
                .filter(session -> session == null || !session.isAuthenticated())
                .count();
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
