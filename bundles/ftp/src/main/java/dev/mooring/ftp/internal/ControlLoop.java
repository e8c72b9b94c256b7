package dev.mooring.ftp.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.apache.mina.core.buffer.IoBuffer;
import org.apache.mina.core.session.AttributeKey;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.core.write.WriteRequest;
import org.apache.mina.transport.socket.nio.NioProcessor;
import org.apache.mina.transport.socket.nio.NioSession;

/**
 * MINA's processor, of which one can know that it has looked at every connection since, and which has a reply written by the
 * thread that gives it.
 */
final class ControlProcessor extends NioProcessor {

    private static final Logger LOG = System.getLogger(ControlProcessor.class.getName());
    private static final long LONGEST_WAIT_MILLIS = 500;
    private static final AttributeKey QUEUED = new AttributeKey(ControlProcessor.class, "queued");
    private static final AttributeKey CHANNEL = new AttributeKey(ControlProcessor.class, "channel");

    private final Object lock = new Object();
    private long rounds;

    ControlProcessor(Executor executor) {
        super(executor);
    }

    /** What a session goes over. */
    static SocketChannel channel(IoSession session) {
        return (SocketChannel) session.getAttribute(CHANNEL);
    }

    /** MINA tells nobody the channel of a session, but its selector has it. */
    @Override
    protected void init(NioSession session) throws Exception {
        super.init(session);
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() == session) {
                session.setAttribute(CHANNEL, key.channel());
            }
        }
    }

    /** Has the replies of a session written by MINA's thread, one after the other, from here on. */
    static void queue(IoSession session) {
        session.setAttribute(QUEUED);
    }

    @Override
    public void write(NioSession session, WriteRequest request) {
        synchronized (session) {
            if (!session.containsAttribute(QUEUED) && request.getMessage() instanceof IoBuffer reply) {
                try {
                    session.increaseWrittenBytes(write(session, reply, reply.remaining()), System.currentTimeMillis());
                    if (!reply.hasRemaining()) {
                        session.getFilterChain().fireMessageSent(request);
                        return;
                    }
                } catch (IOException e) {
                    LOG.log(Level.DEBUG, "MINA will see that the client has gone", e);
                }
                queue(session);
            }
            super.write(session, request);
        }
    }

    @Override
    protected int select(long timeout) throws Exception {
        synchronized (lock) {
            rounds++;
            lock.notifyAll();
        }
        return super.select(timeout);
    }

    /**
     * Waits until what has arrived on control connections by now has been read: two selections begin after this call, and
     * what the first of them finds is read before the second.
     */
    void awaitRound() throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_WAIT_MILLIS * 1_000_000;
        synchronized (lock) {
            long enough = rounds + 2;
            while (rounds < enough && System.nanoTime() < deadline) {
                // The selection may have begun just before, or not yet: one wake-up each.
                wakeup();
                lock.wait(1);
            }
        }
    }
}
