package dev.mooring.ftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.Traffic;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.apache.ftpserver.DataConnectionConfigurationFactory;
import org.apache.ftpserver.impl.FtpIoSession;
import org.apache.ftpserver.impl.FtpServerContext;
import org.apache.ftpserver.listener.nio.AbstractListener;
import org.apache.mina.core.service.IoHandler;
import org.apache.mina.core.service.IoProcessor;
import org.apache.mina.core.session.IdleStatus;
import org.apache.mina.filter.codec.ProtocolCodecFilter;
import org.apache.mina.transport.socket.nio.NioSession;
import org.apache.mina.transport.socket.nio.NioSocketAcceptor;
import org.jspecify.annotations.Nullable;

/** FtpServer's listener, on any number of sockets that were bound by others, and that come and go. */
final class ControlSockets extends AbstractListener {

    private final IoHandler handler;
    private final Traffic traffic;
    private final ExecutorService threads;
    private final ControlProcessor processor;
    private final Duration idleTimeout;
    private final Set<Acceptor> acceptors = new CopyOnWriteArraySet<>();
    private @Nullable FtpServerContext context;

    ControlSockets(IoHandler handler, ExecutorService threads, Duration idleTimeout, Traffic traffic) {
        super(
                "",
                0,
                false,
                null,
                new DataConnectionConfigurationFactory().createDataConnectionConfiguration(),
                (int) Math.min(idleTimeout.toSeconds(), Integer.MAX_VALUE),
                null);
        this.handler = handler;
        this.traffic = traffic;
        this.threads = threads;
        this.idleTimeout = idleTimeout;
        processor = new ControlProcessor(threads);
    }

    ControlProcessor processor() {
        return processor;
    }

    /** MINA's acceptor on a socket that is bound already. */
    private final class Acceptor extends NioSocketAcceptor implements Closeable {

        private final NamedSocket socket;
        private final ServerSocketChannel channel;

        Acceptor(NamedSocket socket, ServerSocketChannel channel, IoProcessor<NioSession> processor) {
            super(threads, processor);
            this.socket = socket;
            this.channel = channel;
            // Sessions are closed one by one; MINA would break them off.
            setCloseOnDeactivation(false);
            setHandler(handler);
            getFilterChain().addLast("codec", new ProtocolCodecFilter(new LineCodec()));
            getSessionConfig().setTcpNoDelay(true);
            getSessionConfig().setIdleTime(IdleStatus.BOTH_IDLE, getIdleTimeout());
        }

        @Override
        protected ServerSocketChannel open(SocketAddress address) throws Exception {
            channel.register(selector, java.nio.channels.SelectionKey.OP_ACCEPT);
            return channel;
        }

        @Override
        protected @Nullable NioSession accept(IoProcessor<NioSession> processor, ServerSocketChannel channel)
                throws Exception {
            NioSession session = super.accept(processor, channel);
            if (session != null) {
                traffic.connected();
            }
            return session;
        }

        /** The channel's own is not always that of the socket. */
        @Override
        protected SocketAddress localAddress(ServerSocketChannel channel) {
            return address();
        }

        private SocketAddress address() {
            SocketAddress address = socket.localAddress();
            return address == null ? new InetSocketAddress(0) : address;
        }

        @Override
        public void close() {
            acceptors.remove(this);
            unbind();
            // Closes the selector, and so the duplicate for good.
            dispose();
        }
    }

    /**
     * Accepts connections from a duplicate of a socket.
     *
     * @return stops accepting and closes the duplicate; connections go on
     */
    Closeable listen(NamedSocket socket, ServerSocketChannel duplicate) throws IOException {
        Acceptor acceptor = new Acceptor(socket, duplicate, processor);
        try {
            acceptor.bind(acceptor.address());
        } catch (IOException | RuntimeException e) {
            acceptor.dispose();
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }
        acceptors.add(acceptor);
        return acceptor;
    }

    @Override
    public void start(FtpServerContext server) {
        context = server;
    }

    @Override
    public void stop() {
        acceptors.forEach(Acceptor::close);
        context = null;
    }

    @Override
    public boolean isStopped() {
        return context == null;
    }

    @Override
    public void suspend() {
        throw new UnsupportedOperationException("Remove the sockets");
    }

    @Override
    public void resume() {
        throw new UnsupportedOperationException("Add the sockets");
    }

    @Override
    public boolean isSuspended() {
        return false;
    }

    @Override
    public Set<FtpIoSession> getActiveSessions() {
        return acceptors.stream()
                .flatMap(acceptor -> acceptor.getManagedSessions().values().stream())
                .map(session -> new FtpIoSession(session, context))
                .collect(Collectors.toSet());
    }
}
