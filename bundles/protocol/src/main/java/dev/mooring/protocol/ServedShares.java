package dev.mooring.protocol;

import dev.mooring.share.Account;
import dev.mooring.share.Share;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The shares that accounts can see: the one of the server, and those that an account may name. Instances are safe for use
 * by several threads.
 */
public final class ServedShares {

    private final Share own;
    private final List<Share> others = new CopyOnWriteArrayList<>();

    /**
     * Begins with the server's own.
     *
     * @param own what accounts see that name none
     */
    public ServedShares(Share own) {
        this.own = own;
    }

    /**
     * The server's own.
     *
     * @return what accounts see that name none
     */
    public Share own() {
        return own;
    }

    /**
     * Adds one that an account may name.
     *
     * @param share the share
     */
    public void add(Share share) {
        others.add(share);
    }

    /**
     * Removes one that was added. Who is logged in goes on.
     *
     * @param share the share
     */
    public void remove(Share share) {
        others.remove(share);
    }

    /**
     * What an account sees.
     *
     * @param account the account
     * @return its share, empty if it names one that is not here
     */
    public Optional<Share> of(Account account) {
        String name = account.share();
        if (name == null || name.equals(own.name())) {
            return Optional.of(own);
        }
        return others.stream().filter(share -> share.name().equals(name)).findFirst();
    }
}
