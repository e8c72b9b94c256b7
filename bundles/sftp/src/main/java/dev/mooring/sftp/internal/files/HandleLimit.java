package dev.mooring.sftp.internal.files;

import dev.mooring.protocol.ProcessDescriptors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.session.Session;
import org.jspecify.annotations.Nullable;

/** Limits the open handles of clients. Each holds one descriptor, or two while a file is replaced. */
public final class HandleLimit {

    /** For one connection, over all its channels. */
    public static final int MAX_PER_CONNECTION = 1000;

    /** For the process, over all servers. */
    static final int MAX_TOTAL = Math.max(16, Math.min(ProcessDescriptors.LIMIT / 8, 4000));

    /** The last handles, for channels that have few. */
    private static final int RESERVE = MAX_TOTAL / 4;

    private static final int FEW_HANDLES = 16;
    private static final Semaphore AVAILABLE = new Semaphore(MAX_TOTAL);
    private static final AttributeKey<AtomicInteger> OPEN = new AttributeKey<>();

    private HandleLimit() {}

    /**
     * Takes a handle.
     *
     * @param channel the number of handles of the channel
     * @return {@code null} if there was one, else the reason and the remedy
     */
    static @Nullable String take(Session session, int channel) {
        AtomicInteger open = open(session);
        if (open.incrementAndGet() > MAX_PER_CONNECTION) {
            open.decrementAndGet();
            return "this connection has " + MAX_PER_CONNECTION + " open files; close some";
        }
        boolean scarce = AVAILABLE.availablePermits() <= RESERVE;
        if (scarce && channel >= FEW_HANDLES || !AVAILABLE.tryAcquire()) {
            open.decrementAndGet();
            return "the server has too many open files; close some, or try later";
        }
        return null;
    }

    /** Returns handles. */
    static void release(Session session, int count) {
        AVAILABLE.release(count);
        open(session).addAndGet(-count);
    }

    private static AtomicInteger open(Session session) {
        return session.computeAttributeIfAbsent(OPEN, key -> new AtomicInteger());
    }
}
