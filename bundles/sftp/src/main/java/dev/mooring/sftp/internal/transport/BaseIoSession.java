package dev.mooring.sftp.internal.transport;

import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.sshd.common.io.IoService;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.util.closeable.AbstractCloseable;
import org.jspecify.annotations.Nullable;

/** The addresses and attributes of a connection, as SSHD asks for them. Operations that only forwarding needs throw an exception. */
abstract class BaseIoSession extends AbstractCloseable implements IoSession {

    private static final AtomicLong IDS = new AtomicLong();

    final long id = IDS.incrementAndGet();
    final ClientConnection client;
    final SocketChannel channel;
    final Acceptor acceptor;
    private final SocketAddress local;
    private final SocketAddress remote;
    private final Map<Object, Object> attributes = Collections.synchronizedMap(new HashMap<>());

    BaseIoSession(ClientConnection client, Acceptor acceptor) throws IOException {
        this.client = client;
        this.acceptor = acceptor;
        channel = client.channel();
        local = channel.getLocalAddress();
        remote = client.source();
    }

    public ClientConnection client() {
        return client;
    }

    final void forgetAttributes() {
        attributes.clear();
    }

    @Override
    public long getId() {
        return id;
    }

    @Override
    public @Nullable Object getAttribute(Object name) {
        return attributes.get(name);
    }

    @Override
    public @Nullable Object setAttribute(Object name, Object value) {
        return attributes.put(name, value);
    }

    @Override
    public @Nullable Object setAttributeIfAbsent(Object name, Object value) {
        return attributes.putIfAbsent(name, value);
    }

    @Override
    public @Nullable Object removeAttribute(Object name) {
        return attributes.remove(name);
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return remote;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return local;
    }

    @Override
    public SocketAddress getAcceptanceAddress() {
        return local;
    }

    @Override
    public IoService getService() {
        return acceptor;
    }

    @Override
    public void suspendRead() {
        throw new UnsupportedOperationException("Only forwarding suspends reading");
    }

    @Override
    public void resumeRead() {
        throw new UnsupportedOperationException("Only forwarding suspends reading");
    }

    @Override
    public void shutdownOutputStream() {
        throw new UnsupportedOperationException("Only forwarding closes one direction");
    }

    @Override
    public String toString() {
        return "SocketSession[" + remote + "]";
    }
}
