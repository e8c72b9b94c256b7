package dev.mooring.sftp.internal.transport;

import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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
 * A connection for SSHD, TCP or unix. SSHD's own take an {@code AsynchronousSocketChannel}, of which the JDK has none for unix sockets, and
 * whose group opens a socket, which {@code RestrictAddressFamilies=} may forbid.
 */
public final class SocketSession extends BaseIoSession implements Poller.Connection {

    private static final Logger LOG = System.getLogger(Poller.class.getName());

    private static final int BUFFER_SIZE = 32 * 1024;

    /** After so many buffers others get their turn. */
    private static final int MAX_BUFFERS_PER_TURN = 16;

    private final Poller poller;
    private final SelectionKey key;

    /** Of the thread that has set {@link #reading}. */
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);

    private final PendingBytes pending = new PendingBytes();
    private final WriteQueue writes;

    /** Guards what follows, and the interests of the key. */
    private final Object lock = new Object();

    /** Whether a thread reads, or handles what it has read. */
    private boolean reading = true;

    /** Whether nothing is read because too much waits. Written under the lock. */
    private volatile boolean backlogged;

    SocketSession(ClientConnection client, Acceptor acceptor, Poller poller) throws IOException {
        super(client, acceptor);
        this.poller = poller;
        if (client.address() != null) {
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

    /** Reads what there is, and from then on what comes. */
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
            // Read here: else the next leader would find it ready still.
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

    /** Handles what was read, and reads on until there is nothing. */
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

    /** Stops reading if nothing has come or too much waits. */
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

    /** Whether more may be read; if not, {@link #resume} sees to it. */
    private boolean mayRead() {
        backlogged = true; // before what waits is looked at: it may get less now
        backlogged = !pending.allowsReading();
        return !backlogged;
    }

    private void awaitInput() {
        try {
            if ((key.interestOps() & SelectionKey.OP_READ) == 0) {
                poller.addInterest(key, SelectionKey.OP_READ);
            }
        } catch (CancelledKeyException e) {
            LOG.log(Level.TRACE, "Closed meanwhile", e);
        }
    }

    /** Reads again if it was for what waited that it did not. */
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

    /** Whether nothing is read and nothing written, so that this connection does not see its client go. */
    public boolean needsProbe() {
        return backlogged && pending.isAllSent();
    }

    /** Counts bytes of requests that have come and are not carried out, or, if negative, are no longer waiting. */
    public void addPendingRequests(long bytes) {
        pending.addRequested(bytes);
        resume();
    }

    /** Waits until what was written before has mostly been sent. For threads that no other client needs. */
    public void awaitSendSpace() throws IOException {
        pending.awaitSendSpace(channel);
    }

    @Override
    public IoWriteFuture writeBuffer(Buffer packet) {
        return writes.add(packet);
    }

    /** Has the rest written when there is room for it. */
    void awaitWritable() {
        poller.addInterest(key, SelectionKey.OP_WRITE);
    }

    /** Runs something where no lock of SSHD is held. */
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
                LOG.log(Level.DEBUG, "The session is closed without a word", e);
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
                        LOG.log(Level.DEBUG, "Closed already", e);
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
            LOG.log(Level.DEBUG, "It was no session yet", e);
        }
        forgetAttributes();
    }
}
