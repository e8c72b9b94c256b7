package dev.mooring.sftp.internal;

import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.sshd.common.future.CloseFuture;
import org.apache.sshd.common.io.AbstractIoWriteFuture;
import org.apache.sshd.common.io.IoService;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.Readable;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.closeable.AbstractCloseable;
import org.jspecify.annotations.Nullable;

/**
 * A connection for SSHD, TCP or unix. SSHD's own take an {@code AsynchronousSocketChannel}, of which the JDK has none for unix sockets, and
 * whose group opens a socket, which {@code RestrictAddressFamilies=} may forbid.
 */
final class SocketSession extends AbstractCloseable implements IoSession, Poller.Connection {

    private static final Logger LOG = System.getLogger(SshEngine.class.getName());

    private static final int BUFFER = 32 * 1024;

    /** After so many buffers others get their turn. */
    private static final int MOST_BUFFERS = 16;

    /** What a waiting message takes besides its bytes, about. */
    static final int OVERHEAD = 512;

    /** Of a client that does not read what it is sent nothing more is read: each message of its could be answered. */
    private static final int MOST_UNSENT = 256 * 1024;

    /** As much as the window of one channel, so that one upload is never held up. */
    private static final int MOST_REQUESTED = 2 * 1024 * 1024;

    private static final int FEW_REQUESTED = 64 * 1024;
    private static final long MOST_WAITING = Runtime.getRuntime().maxMemory() / 8;

    /** The heap is the process's, and so is this. */
    private static final AtomicLong WAITING = new AtomicLong();

    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final ClientConnection client;
    private final SocketChannel channel;
    private final Acceptor acceptor;
    private final Poller poller;
    private final SelectionKey key;
    private final SocketAddress local;
    private final SocketAddress remote;
    private final Map<Object, Object> attributes = Collections.synchronizedMap(new HashMap<>());

    /** Of the thread that has set {@link #reading}. */
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    /** What is to be written, in this order. */
    private final Queue<Write> writes = new ConcurrentLinkedQueue<>();

    /** The bytes of {@link #writes}; its monitor is for those who wait for there to be fewer. */
    private final AtomicLong unsent = new AtomicLong();

    private final AtomicLong requested = new AtomicLong();

    /** Guards what follows, and the interests of the key. */
    private final Object lock = new Object();

    /** Whether a thread reads, or handles what it has read. */
    private boolean reading = true;

    /** Whether a thread writes, or waits for room to write. */
    private boolean writing;

    /** Whether nothing is read because too much waits. Written under the lock. */
    private volatile boolean paused;

    private static final class Write extends AbstractIoWriteFuture {

        private final ByteBuffer bytes;
        private final int size;

        Write(Object id, Buffer packet) {
            super(id, null);
            bytes = ByteBuffer.wrap(packet.array(), packet.rpos(), packet.available());
            size = packet.available() + OVERHEAD;
        }

        void written() {
            setValue(true);
        }

        void failed(Throwable reason) {
            setValue(reason);
        }
    }

    SocketSession(ClientConnection client, Acceptor acceptor, Poller poller) throws IOException {
        this.client = client;
        this.acceptor = acceptor;
        this.poller = poller;
        channel = client.channel();
        local = channel.getLocalAddress();
        remote = channel.getRemoteAddress();
        if (client.address() != null) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        key = poller.register(channel, this);
    }

    /** The connection of a session. */
    static SocketSession of(Session session) {
        return (SocketSession) session.getIoSession();
    }

    ClientConnection client() {
        return client;
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
            if (readable && (reading || !check())) {
                ready.interestOpsAnd(~SelectionKey.OP_READ);
                readable = false;
            }
            reading |= readable;
            if (writable) {
                ready.interestOpsAnd(~SelectionKey.OP_WRITE);
            }
        }
        if (writable) {
            work.accept(this::write);
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
                if (isClosed() || pause(count == 0)) {
                    return;
                }
                if (i == MOST_BUFFERS) {
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
    private boolean pause(boolean empty) {
        synchronized (lock) {
            boolean may = check();
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
    private boolean check() {
        paused = true; // before what waits is looked at: it may get less now
        paused = !mayRead();
        return !paused;
    }

    private void awaitInput() {
        try {
            if ((key.interestOps() & SelectionKey.OP_READ) == 0) {
                poller.await(key, SelectionKey.OP_READ);
            }
        } catch (CancelledKeyException e) {
            LOG.log(Level.TRACE, "Closed meanwhile", e);
        }
    }

    /** Whether little enough of this client's waits for more to be read. */
    private boolean mayRead() {
        return unsent.get() <= MOST_UNSENT && requested.get() <= (isScarce() ? FEW_REQUESTED : MOST_REQUESTED);
    }

    /** Reads again if it was for what waited that it did not. */
    private void resume() {
        if (paused) {
            synchronized (lock) {
                if (paused && mayRead()) {
                    paused = false;
                    if (!reading) {
                        awaitInput();
                    }
                }
            }
        }
    }

    /** Whether nothing is read and nothing written, so that this connection does not see its client go. */
    boolean isBlind() {
        return paused && unsent.get() == 0;
    }

    /** Whether what waits for all clients takes more of the heap than it should. */
    static boolean isScarce() {
        return WAITING.get() > MOST_WAITING;
    }

    /** Counts bytes that wait to be carried out or to be sent, over all clients. */
    static void waiting(long bytes) {
        WAITING.addAndGet(bytes);
    }

    /** Counts bytes of requests that have come and are not carried out, or, if negative, are no longer waiting. */
    void requested(long bytes) {
        waiting(bytes);
        requested.addAndGet(bytes);
        resume();
    }

    /** Waits until what was written before has mostly been sent. For threads that no other client needs. */
    void awaitRoom() throws IOException {
        try {
            synchronized (unsent) {
                while (unsent.get() > MOST_UNSENT && channel.isOpen()) {
                    unsent.wait();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The server stops");
        }
    }

    private void sent(Write write) {
        long before = unsent.getAndAdd(-write.size);
        if (before > MOST_UNSENT && before - write.size <= MOST_UNSENT) {
            synchronized (unsent) {
                unsent.notifyAll();
            }
        }
        resume();
    }

    @Override
    public void suspendRead() {
        throw new UnsupportedOperationException("Only what forwards connections stops reading");
    }

    @Override
    public void resumeRead() {
        throw new UnsupportedOperationException("Only what forwards connections stops reading");
    }

    @Override
    public IoWriteFuture writeBuffer(Buffer packet) {
        Write write = new Write(remote, packet);
        if (isClosing()) {
            ClosedChannelException closed = new ClosedChannelException();
            write.failed(closed);
            later(() -> failed(closed));
            return write;
        }
        unsent.addAndGet(write.size);
        writes.add(write);
        synchronized (lock) {
            if (writing && channel.isOpen()) {
                return write; // who writes finds it
            }
            writing = true;
        }
        write(write);
        return write;
    }

    /** Writes on a thread of the poller, which holds no lock of SSHD. */
    private void write() {
        write(null);
    }

    /**
     * Writes until there is nothing left, or no room. The caller has set {@link #writing}.
     *
     * @param own what a thread of SSHD has just given, {@code null} on a thread of the poller. SSHD holds a lock then that closing the session
     *     takes too, and whoever waits for an earlier packet may close it: so that is said by another thread.
     */
    private void write(@Nullable Write own) {
        while (true) {
            Write next = writes.peek();
            if (next == null) {
                synchronized (lock) {
                    if (writes.isEmpty()) {
                        writing = false;
                        return;
                    }
                }
                continue;
            }
            try {
                channel.write(next.bytes);
                if (next.bytes.hasRemaining()) {
                    synchronized (lock) {
                        poller.await(key, SelectionKey.OP_WRITE);
                    }
                    return;
                }
                // Before it is said: what closes the session then finds only what is not written.
                if (writes.remove(next)) {
                    sent(next);
                }
                if (own == null || own == next) {
                    next.written();
                } else {
                    later(next::written);
                }
            } catch (IOException | RuntimeException e) {
                writes.remove(next);
                later(() -> {
                    next.failed(e);
                    failed(e);
                });
            }
        }
    }

    /** Runs something where no lock of SSHD is held. */
    private void later(Runnable task) {
        try {
            poller.execute(task);
        } catch (RejectedExecutionException e) {
            ForkJoinPool.commonPool().execute(task);
        }
    }

    private void failed(Throwable reason) {
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
                .when(id, writes)
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
        poller.release();
        synchronized (unsent) {
            unsent.notifyAll();
        }
        for (Write each = writes.poll(); each != null; each = writes.poll()) {
            each.failed(new ClosedChannelException());
        }
        acceptor.closed(this);
        super.doCloseImmediately();
        try {
            acceptor.handler().sessionClosed(this);
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "It was no session yet", e);
        }
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
    public void shutdownOutputStream() {
        throw new UnsupportedOperationException("Only a forwarded connection is closed by halves");
    }

    @Override
    public String toString() {
        return "SocketSession[" + remote + "]";
    }
}
