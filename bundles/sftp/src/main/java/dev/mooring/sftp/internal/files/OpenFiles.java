package dev.mooring.sftp.internal.files;

import dev.mooring.protocol.ProcessDescriptors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.session.Session;
import org.jspecify.annotations.Nullable;

/** How many handles clients have open. Each holds a descriptor, or two while a file is replaced. */
public final class OpenFiles {

    /** Of one connection, over all its channels. */
    public static final int MOST_EACH = 1000;

    /** In this process, over all servers. */
    static final int MOST = Math.max(16, Math.min(ProcessDescriptors.LIMIT / 8, 4000));

    /** The last of them are for channels that have few. */
    private static final int SPARE = MOST / 4;

    private static final int FEW = 16;
    private static final Semaphore LEFT = new Semaphore(MOST);
    private static final AttributeKey<AtomicInteger> OPEN = new AttributeKey<>();

    private OpenFiles() {}

    /**
     * Takes one.
     *
     * @param channel how many the channel has
     * @return {@code null} if there was one, else why not, and the remedy
     */
    static @Nullable String take(Session session, int channel) {
        AtomicInteger open = open(session);
        if (open.incrementAndGet() > MOST_EACH) {
            open.decrementAndGet();
            return "this connection has " + MOST_EACH + " open files; close some";
        }
        boolean scarce = LEFT.availablePermits() <= SPARE;
        if (scarce && channel >= FEW || !LEFT.tryAcquire()) {
            open.decrementAndGet();
            return "the server has too many open files; close some, or try later";
        }
        return null;
    }

    /** Gives some back. */
    static void release(Session session, int count) {
        LEFT.release(count);
        open(session).addAndGet(-count);
    }

    private static AtomicInteger open(Session session) {
        return session.computeAttributeIfAbsent(OPEN, key -> new AtomicInteger());
    }
}
