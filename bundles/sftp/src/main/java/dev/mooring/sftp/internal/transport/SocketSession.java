package dev.mooring.sftp.internal.transport;

import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.sshd.common.future.CloseFuture;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.Readable;
import org.apache.sshd.common.util.buffer.Buffer;

/**
 * A TCP or unix connection, for SSHD. SSHD's own sessions need an {@code AsynchronousSocketChannel}. The JDK has none for unix sockets, and
 * its channel group opens a socket, which {@code RestrictAddressFamilies=} may forbid.
 */
public final class SocketSession extends BaseIoSession implements Poller.Connection {

    private static final Logger LOG = System.getLogger(Poller.class.getName());

    private static final int BUFFER_SIZE = 32 * 1024;

    /** The buffers that a thread reads from one connection before others get their turn. */
    private static final int MAX_BUFFERS_PER_TURN = 16;

    private final Poller poller;
    private final SelectionKey key;

    /** Guarded by {@link #reading}: only the thread that has set it uses this buffer. */
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);

    private final PendingBytes pending = new PendingBytes();
    private final WriteQueue writes;

    /** Guards the following fields and the interests of the key. */
    private final Object lock = new Object();

    /** Whether a thread reads, or handles the data that it has read. */
    private boolean reading = true;

    /** Whether reading has stopped because too much data waits. Written under the lock. */
    private volatile boolean backlogged;

    SocketSession(ClientConnection client, Acceptor acceptor, Poller poller) throws IOException {
        super(client, acceptor);
        this.poller = poller;
        if (client.peer() instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        writes = new WriteQueue(this, pending);
        key = poller.register(channel, this);
    }

    /** The connection of a session. */
    public static SocketSession of(Session session) {
        return (SocketSession) session.getIoSession();
    }

    /** Starts reading, with the data that has already arrived. */
    void start() {
        read();
    }

    @Override
    public void ready(SelectionKey ready, Consumer<Runnable> work) {
        int operations = ready.readyOps();
        boolean readable = (operations & SelectionKey.OP_READ) != 0;
        boolean writable = (operations & SelectionKey.OP_WRITE) != 0;
        synchronized (lock) {
            if (readable && (reading || !mayRead())) {
                ready.interestOpsAnd(~SelectionKey.OP_READ);
                readable = false;
            }
            reading |= readable;
            if (writable) {
                ready.interestOpsAnd(~SelectionKey.OP_WRITE);
            }
        }
        if (writable) {
            work.accept(writes::write);
        }
        if (readable) {
            // Read here: otherwise the connection would still be ready for the next leader.
            try {
                int count = channel.read(buffer);
                work.accept(() -> received(count));
            } catch (IOException e) {
                work.accept(() -> failed(e));
            }
        }
    }

    private void read() {
        try {
            received(channel.read(buffer));
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Handles the bytes read, and reads until there are none. */
    private void received(int first) {
        try {
            int count = first;
            for (int i = 1; count >= 0; i++) {
                if (count > 0) {
                    acceptor.handler().messageReceived(this, Readable.readable(buffer.flip()));
                    buffer.clear();
                }
                if (isClosed() || stopReading(count == 0)) {
                    return;
                }
                if (i == MAX_BUFFERS_PER_TURN) {
                    poller.execute(this::read);
                    return;
                }
                count = channel.read(buffer);
            }
            close(true);
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** Stops reading if no data has arrived or too much data waits. */
    private boolean stopReading(boolean empty) {
        synchronized (lock) {
            boolean may = mayRead();
            if (empty || !may) {
                reading = false;
            }
            if (empty && may) {
                awaitInput();
            }
            return !reading;
        }
    }

    /** Whether more may be read. If not, {@link #resume} continues later. */
    private boolean mayRead() {
        backlogged = true; // set first, so that a concurrent resume() is not missed
        backlogged = !pending.allowsReading();
        return !backlogged;
    }

    private void awaitInput() {
        try {
            if ((key.interestOps() & SelectionKey.OP_READ) == 0) {
                poller.addInterest(key, SelectionKey.OP_READ);
            }
        } catch (CancelledKeyException e) {
            LOG.log(Level.TRACE, "The connection was closed meanwhile", e);
        }
    }

    /** Continues reading if it had stopped because too much waited, and less waits now. */
    void resume() {
        if (backlogged) {
            synchronized (lock) {
                if (backlogged && pending.allowsReading()) {
                    backlogged = false;
                    if (!reading) {
                        awaitInput();
                    }
                }
            }
        }
    }

    /** Whether the session neither reads nor writes, and so would not notice that its client has disconnected. */
    public boolean needsProbe() {
        return backlogged && pending.isAllSent();
    }

    /** Counts bytes of requests that have arrived and are not completed. A negative number counts off completed ones. */
    public void addPendingRequests(long bytes) {
        pending.addRequested(bytes);
        resume();
    }

    /** Waits until most of the data written so far has been sent. Only for threads that serve no other client. */
    public void awaitSendSpace() throws IOException {
        pending.awaitSendSpace(channel);
    }

    @Override
    public IoWriteFuture writeBuffer(Buffer packet) {
        return writes.add(packet);
    }

    /** Continues writing when the socket has space. */
    void awaitWritable() {
        poller.addInterest(key, SelectionKey.OP_WRITE);
    }

    /** Runs a task on a thread that holds no lock of SSHD. */
    void runLater(Runnable task) {
        try {
            poller.execute(task);
        } catch (RejectedExecutionException e) {
            ForkJoinPool.commonPool().execute(task);
        }
    }

    void failed(Throwable reason) {
        if (closeFuture.isClosed()) {
            return;
        }
        if (isOpen() && channel.isOpen()) {
            try {
                acceptor.handler().exceptionCaught(this, reason);
            } catch (Exception e) {
                LOG.log(Level.DEBUG, "SSHD could not handle the failure; the session is closed", e);
            }
        }
        close(true);
    }

    @Override
    protected CloseFuture doCloseGracefully() {
        return builder()
                .when(id, writes.writes())
                .run(id, () -> {
                    try {
                        channel.shutdownOutput();
                    } catch (IOException e) {
                        LOG.log(Level.DEBUG, "The connection is closed already", e);
                    }
                })
                .build()
                .close(false);
    }

    @Override
    protected void doCloseImmediately() {
        client.close();
        poller.deregisterClosed();
        pending.wakeSenders();
        writes.discard();
        acceptor.remove(this);
        super.doCloseImmediately();
        try {
            acceptor.handler().sessionClosed(this);
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "SSHD could not close the session; it had not begun", e);
        }
        forgetAttributes();
    }
}
