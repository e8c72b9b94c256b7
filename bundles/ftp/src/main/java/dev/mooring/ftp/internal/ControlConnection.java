package dev.mooring.ftp.internal;

import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A control connection: commands in, replies out, encrypted or not. The thread of the {@link ControlLoop} reads; the thread that gives a
 * reply writes it, as far as the client takes it.
 *
 * <p>Replies that the client does not read wait here. When there are {@linkplain UnreadReplies#areTooMany too many}, nothing is read from
 * it, and {@link #awaitRoom} holds up the commands that it has sent.
 */
final class ControlConnection {

    private static final Logger LOG = System.getLogger(ControlConnection.class.getName());

    /** So that a client that sends without end leaves the others their turn. */
    private static final int MOST_READS = 8;

    /** The session behind a connection. Its methods must not block. */
    interface Listener {

        /** A command has come. Called by the thread of the loop. */
        void received(Request request);

        /** Nothing has moved for as long as was {@linkplain #setIdle set}. Called by the thread of the loop. */
        void idle();

        /** The connection has ended. Called once, by any thread. */
        void closed();
    }

    private final ClientConnection client;
    private final ControlLoop loop;
    private final Listener listener;

    /** Touched by the thread of the loop alone. */
    private final LineDecoder lines = new LineDecoder();

    private volatile long idleNanos = Long.MAX_VALUE;
    private volatile long lastMoved = System.nanoTime();

    /** The replies that the client has not read yet. Guarded by this, as are the fields below. */
    private final UnreadReplies unread = new UnreadReplies();

    private @Nullable ControlTls tls;
    private @Nullable SelectionKey key;
    private int interest;

    /** Whether tasks of TLS are being run. */
    private boolean busy;

    private boolean finishing;
    private boolean closed;

    ControlConnection(ClientConnection client, ControlLoop loop, Listener listener) {
        this.client = client;
        this.loop = loop;
        this.listener = listener;
    }

    /** The peer's address: FTP is served over TCP alone. */
    InetAddress address() {
        return Objects.requireNonNull(client.address());
    }

    SocketChannel channel() {
        return client.channel();
    }

    /** Starts to read. */
    synchronized void open() throws IOException {
        interest = interest();
        key = loop.register(channel(), interest, this);
    }

    /** Says that the client has logged in. */
    void established() {
        client.established();
    }

    void setIdle(Duration limit) {
        idleNanos = limit.toNanos();
    }

    boolean isIdleFor(Duration time) {
        return System.nanoTime() - lastMoved > time.toNanos();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    // Out

    /** Sends text, of which the client reads what it wants to. Does not wait. */
    void send(String text) {
        boolean gone = false;
        synchronized (this) {
            if (closed || finishing) {
                return;
            }
            try {
                write(text);
                flush();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The client has gone", e);
                gone = true;
            }
        }
        if (gone) {
            close();
        }
    }

    private void write(String text) throws SSLException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        if (tls == null) {
            unread.add(bytes);
        } else {
            tls.encrypt(bytes);
        }
    }

    private void flush() throws IOException {
        if (unread.writeTo(channel())) {
            lastMoved = System.nanoTime();
        }
        if (!unread.areTooMany()) {
            notifyAll();
        }
        setInterest();
    }

    /** Waits until the client has read enough for another reply, or has gone. The thread of the loop must not wait. */
    synchronized void awaitRoom() {
        try {
            while (unread.areTooMany() && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the connection when the client has taken everything. */
    void finish() {
        boolean done = true;
        synchronized (this) {
            if (closed || finishing) {
                return;
            }
            finishing = true;
            try {
                if (tls != null && tls.isEstablished()) {
                    tls.close();
                }
                flush();
                done = unread.isEmpty();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The client has gone", e);
            }
        }
        if (done) {
            close();
        }
    }

    /** Closes the connection at once. */
    void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            unread.clear();
            notifyAll();
        }
        try {
            listener.closed();
        } finally {
            client.close();
            loop.wakeup();
        }
    }

    private int interest() {
        return (busy || unread.areTooMany() ? 0 : SelectionKey.OP_READ)
                | (unread.isEmpty() ? 0 : SelectionKey.OP_WRITE);
    }

    private void setInterest() {
        int wanted = interest();
        if (key != null && interest != wanted) {
            interest = wanted;
            key.interestOps(wanted);
            loop.wakeup();
        }
    }

    // Called by the thread of the loop

    /** Writes and reads what it can. */
    void ready(int operations) throws IOException {
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            boolean done;
            synchronized (this) {
                if (closed) {
                    return;
                }
                flush();
                done = finishing && unread.isEmpty();
            }
            if (done) {
                close();
                return;
            }
        }
        if ((operations & SelectionKey.OP_READ) != 0) {
            read();
        }
    }

    /** To the end of what has arrived: it may be that of the connection. */
    private void read() throws IOException {
        for (int i = 0; i < MOST_READS; i++) {
            List<Request> requests;
            boolean end;
            synchronized (this) {
                if (closed || busy || unread.areTooMany()) {
                    return;
                }
                ByteBuffer arrived = loop.arrived();
                int count = channel().read(arrived);
                if (count == 0) {
                    return;
                }
                lastMoved = System.nanoTime();
                end = count < 0;
                requests = new ArrayList<>(1);
                // After the last reply only the end of the connection matters; commands are ignored.
                if (!end && !finishing) {
                    end = decode(arrived.flip(), requests);
                }
            }
            requests.forEach(listener::received);
            if (end) {
                close();
                return;
            }
        }
    }

    /** Whether that was all. */
    private boolean decode(ByteBuffer arrived, List<Request> requests) throws IOException {
        ControlTls open = tls;
        if (open == null) {
            requests.addAll(lines.decode(arrived));
            return false;
        }
        try {
            ControlTls.Next next =
                    open.decrypt(arrived, loop.plain(open.plainSize()), plain -> requests.addAll(lines.decode(plain)));
            if (next == ControlTls.Next.RUN_TASKS) {
                busy = true;
                runTasks(open);
            }
            return next == ControlTls.Next.CLOSE;
        } finally {
            flush();
        }
    }

    private void runTasks(ControlTls open) throws IOException {
        try {
            loop.threads().execute(() -> {
                try {
                    open.runTasks();
                } finally {
                    loop.execute(() -> loop.guarded(this, ControlConnection::tasksDone));
                }
            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            throw new IOException("The server is closed, or has no thread", e);
        }
    }

    private void tasksDone() throws IOException {
        List<Request> requests = new ArrayList<>(0);
        boolean end;
        synchronized (this) {
            if (closed || finishing) {
                return;
            }
            busy = false;
            end = decode(ByteBuffer.allocate(0), requests);
        }
        requests.forEach(listener::received);
        if (end) {
            close();
        }
    }

    /** Sees whether nothing has moved for too long. */
    void checkIdle(long now) {
        if (now - lastMoved <= idleNanos) {
            return;
        }
        int bytes;
        synchronized (this) {
            bytes = unread.bytes();
        }
        if (bytes == 0) {
            listener.idle();
        } else {
            loop.brokeOff(this, Level.WARNING, "it leaves " + bytes + " bytes of replies unread");
            close();
        }
    }

    // TLS

    /** Encrypts the connection from its first byte, before it is {@linkplain #open opened}. */
    synchronized void secure(SSLContext context) {
        tls = new ControlTls(context, unread::add);
    }

    /**
     * Encrypts the connection from the end of a reply on. What came before that was not encrypted, and anybody may have
     * written it (CVE-2011-0411 in other servers): it is forgotten, be it a part of a line or not even read. The thread of the loop, which
     * alone reads, does all of this.
     *
     * @param forget forgets the commands that have been received
     * @param done run when that is done
     */
    void secure(SSLContext context, Reply reply, Runnable forget, Runnable done) {
        loop.execute(() -> {
            loop.guarded(this, same -> secureNow(context, reply, forget));
            done.run();
        });
    }

    private synchronized void secureNow(SSLContext context, Reply reply, Runnable forget) throws IOException {
        if (closed || finishing) {
            return;
        }
        for (int i = 0; i < MOST_READS && channel().read(loop.arrived()) > 0; i++) {
            LOG.log(Level.TRACE, "Forgot what came before the handshake");
        }
        lines.forget();
        forget.run();
        write(reply.toString());
        tls = new ControlTls(context, unread::add);
        flush();
    }
}
