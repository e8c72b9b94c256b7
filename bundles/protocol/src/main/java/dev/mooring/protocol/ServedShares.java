package dev.mooring.protocol;

import dev.mooring.accounts.Account;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * The shares of a server's accounts: the server's own, and those that an account may name. Instances are safe for use by several threads.
 */
public final class ServedShares implements Closeable {

    private static final Logger LOG = System.getLogger(ServedShares.class.getName());

    private final Share own;
    private final List<Share> others = new CopyOnWriteArrayList<>();

    /** Prevents shares from closing while they are used. */
    private final Map<Share, Closeable> held = new ConcurrentHashMap<>();

    private final LongSupplier connections;
    private volatile boolean kept;

    /**
     * Makes an instance with only the server's own share.
     *
     * @param own the share of accounts that name none
     * @param connections the number of connections whose sessions may use the shares
     */
    ServedShares(Share own, LongSupplier connections) {
        this.own = own;
        this.connections = connections;
        held.put(own, own.hold());
    }

    /**
     * The server's own share.
     *
     * @return the share of accounts that name none
     */
    public Share own() {
        return own;
    }

    /**
     * Adds a share that accounts may name.
     *
     * @param share the share
     */
    public synchronized void add(Share share) {
        held.computeIfAbsent(share, Share::hold);
        others.add(share);
        releaseUnused();
    }

    /**
     * Removes a share from future logins. Existing sessions continue to use it: it is released by a later change while there are no connections, or
     * when this is closed. Does nothing while the server drains.
     *
     * @param share the share
     */
    public synchronized void remove(Share share) {
        if (!kept) {
            others.remove(share);
            releaseUnused();
        }
    }

    /** Releases the removed shares if no session can use them. Called under the lock of this object. */
    private void releaseUnused() {
        if (connections.getAsLong() == 0) {
            held.keySet().stream()
                    .filter(share -> share != own && !others.contains(share))
                    .forEach(this::release);
        }
    }

    /** Ignores removals from now on, so that a draining server keeps its shares until it is closed. */
    void keep() {
        kept = true;
    }

    /** Releases all shares. */
    @Override
    public void close() {
        held.keySet().forEach(this::release);
    }

    private void release(Share share) {
        Closeable hold = held.remove(share);
        try {
            if (hold != null) {
                hold.close();
            }
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "The file system of share ''{0}'' cannot be closed: {1}",
                    share.name(),
                    e.getMessage());
        }
    }

    /**
     * Finds the share of an account.
     *
     * @param account the account
     * @return its share; empty if it names a share that does not exist
     */
    public Optional<Share> of(Account account) {
        String name = account.share();
        if (name == null || name.equals(own.name())) {
            return Optional.of(own);
        }
        return others.stream().filter(share -> share.name().equals(name)).findFirst();
    }
}
