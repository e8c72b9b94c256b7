package dev.mooring.ftp.internal.control;

import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A control connection, encrypted or not. The thread of the {@link ControlLoop} reads commands. The thread that makes a reply writes as much of it
 * as the kernel accepts.
 *
 * <p>Replies that the client does not read are queued here. While there are {@linkplain UnreadReplies#isFull too many}, the loop does not read
 * from the client, and {@link #awaitRoom} blocks its commands.
 */
public final class ControlConnection {

    private static final Logger LOG = System.getLogger(ControlConnection.class.getName());

    /** A limit for one turn, so that a client that never stops sending does not starve the others. */
    private static final int MAX_READS = 8;

    private final ClientConnection client;
    private final ControlLoop loop;
    private final ControlListener listener;
    private final IdleTimer timer = new IdleTimer();

    /** The replies that the client has not read yet. Guarded by this, as are the fields below. */
    private final UnreadReplies unread = new UnreadReplies();

    private final ControlCodec codec = new ControlCodec(unread);

    private @Nullable SelectionKey key;
    private int interest;

    /** Whether delegated TLS tasks are running. */
    private boolean runningTlsTasks;

    private boolean finishing;
    private boolean closed;

    /**
     * Takes a connection and owns it. The caller calls {@link #open}.
     *
     * @param loop reads from the connection
     * @param listener receives the commands
     * @param idle how long nothing may be sent or received
     */
    public ControlConnection(ClientConnection client, ControlLoop loop, ControlListener listener, Duration idle) {
        this.client = client;
        this.loop = loop;
        this.listener = listener;
        timer.setLimit(idle);
    }

    /** The peer's address. It exists, because FTP is served over TCP only. */
    InetAddress address() {
        return Objects.requireNonNull(client.address());
    }

    public SocketChannel channel() {
        return client.channel();
    }

    /** Starts reading. */
    public synchronized void open() throws IOException {
        interest = interest();
        key = loop.register(channel(), interest, this);
    }

    /** Starts the time in which the client must log in. If it does not, the loop calls {@link ControlListener#over}. */
    public void awaitLogin(Duration limit) {
        timer.awaitLogin(limit);
    }

    /** Called when the client has logged in. */
    public void established() {
        client.established();
        timer.loggedIn();
    }

    /** Whether the client has not logged in within the time of {@link #awaitLogin}. */
    public boolean isLoginOver() {
        return timer.isLoginOver(System.nanoTime());
    }

    /** Whether the connection is idle, or {@link #isLoginOver}. */
    public boolean isOver() {
        return timer.isOver(System.nanoTime());
    }

    public boolean isIdleFor(Duration time) {
        return timer.isIdleFor(time);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    // Output

    /** Sends text without waiting. Queues the bytes that the kernel does not accept. */
    public void send(String text) {
        boolean disconnected = false;
        synchronized (this) {
            if (closed || finishing) {
                return;
            }
            try {
                codec.encode(text);
                flush();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The client has disconnected", e);
                disconnected = true;
            }
        }
        if (disconnected) {
            close();
        }
    }

    private void flush() throws IOException {
        if (unread.writeTo(channel())) {
            timer.reset();
        }
        if (!unread.isFull()) {
            notifyAll();
        }
        setInterest();
    }

    /** Waits until the client has read enough for another reply, or the connection is closed. The thread of the loop must not call this. */
    public synchronized void awaitRoom() {
        try {
            while (unread.isFull() && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the connection when everything has been sent. */
    public void finish() {
        boolean done = true;
        synchronized (this) {
            if (closed || finishing) {
                return;
            }
            finishing = true;
            try {
                codec.finish();
                flush();
                done = unread.isEmpty();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The client has disconnected", e);
            }
        }
        if (done) {
            close();
        }
    }

    /** Closes the connection at once. */
    public void close() {
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
        return (runningTlsTasks || unread.isFull() ? 0 : SelectionKey.OP_READ)
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

    /** Writes queued replies and reads commands. */
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

    /** Reads everything that has arrived, so that an end of the connection is noticed. */
    private void read() throws IOException {
        for (int i = 0; i < MAX_READS; i++) {
            List<Request> requests;
            boolean end;
            synchronized (this) {
                if (closed || runningTlsTasks || unread.isFull()) {
                    return;
                }
                ByteBuffer arrived = loop.receiveBuffer();
                int count = channel().read(arrived);
                if (count == 0) {
                    return;
                }
                timer.reset();
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

    /** Decodes received bytes; {@code true} at the end of the TLS connection. */
    private boolean decode(ByteBuffer arrived, List<Request> requests) throws IOException {
        try {
            ControlTls.Next next = codec.decode(arrived, loop, requests);
            if (next == ControlTls.Next.RUN_TASKS) {
                runningTlsTasks = true;
                loop.runOnOtherThread(codec.tlsTasks(), this, ControlConnection::tasksDone);
            }
            return next == ControlTls.Next.CLOSE;
        } finally {
            if (codec.isSecure()) {
                flush();
            }
        }
    }

    private void tasksDone() throws IOException {
        List<Request> requests = new ArrayList<>(0);
        boolean end;
        synchronized (this) {
            if (closed || finishing) {
                return;
            }
            runningTlsTasks = false;
            end = decode(ByteBuffer.allocate(0), requests);
        }
        requests.forEach(listener::received);
        if (end) {
            close();
        }
    }

    /** Reports or closes the connection if nothing was sent or received for too long, or if the client has not logged in in time. */
    void checkOver(long now) {
        if (!timer.isOver(now)) {
            return;
        }
        int bytes;
        synchronized (this) {
            bytes = unread.bytes();
        }
        if (bytes == 0) {
            listener.over();
        } else {
            loop.logClosed(this, Level.WARNING, "the client leaves " + bytes + " bytes of replies unread");
            close();
        }
    }

    // TLS

    /** Encrypts the connection from its first byte. Called before {@link #open}. */
    public synchronized void secure(SSLContext context) {
        codec.secure(context);
    }

    /**
     * Encrypts the connection after a reply. Discards all input before that, read or unread: it was not encrypted, so an attacker may have injected
     * it (CVE-2011-0411 in other servers). This runs on the thread of the loop, because only that thread reads.
     *
     * @param discardCommands discards the received commands
     * @param done run afterwards
     */
    public void secure(SSLContext context, Reply reply, Runnable discardCommands, Runnable done) {
        loop.execute(() -> {
            loop.runOrClose(this, same -> secureNow(context, reply, discardCommands));
            done.run();
        });
    }

    /** The TLS session; {@code null} without one or before the end of its handshake. */
    public synchronized @Nullable SSLSession tlsSession() {
        return codec.tlsSession();
    }

    private synchronized void secureNow(SSLContext context, Reply reply, Runnable discardCommands) throws IOException {
        if (closed || finishing) {
            return;
        }
        for (int i = 0; i < MAX_READS && channel().read(loop.receiveBuffer()) > 0; i++) {
            LOG.log(Level.TRACE, "Discarded input from before the handshake");
        }
        codec.discardInput();
        discardCommands.run();
        codec.encode(reply.toString());
        codec.secure(context);
        flush();
    }
}
